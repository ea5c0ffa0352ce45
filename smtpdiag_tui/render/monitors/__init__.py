"""A report as monitoring systems read it: what a run measured, for Nagios and for Prometheus. Pure."""

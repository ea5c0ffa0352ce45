"""The terminal interface: a reader of reports, as the headless command is another."""

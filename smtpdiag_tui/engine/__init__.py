"""The plan of a run, its concurrency, its events and the report they fold into."""

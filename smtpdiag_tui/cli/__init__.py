"""The command line: arguments, configuration, streams, and which front end runs."""

"""Lines of the logs of mail servers."""

"""The branch `tls-policy`, and the steps of each standard in it."""

"""The branch `authentication`, and the steps of each standard in it."""

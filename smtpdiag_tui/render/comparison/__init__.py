"""A comparison of two runs as text, Markdown, JSON and in one line. Pure."""

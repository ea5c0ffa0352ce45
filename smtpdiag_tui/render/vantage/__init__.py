"""A report from several vantage points as text, Markdown and JSON, and what these share. Pure."""

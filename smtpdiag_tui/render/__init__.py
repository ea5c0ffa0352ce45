"""Reports as text, JSON and Markdown, and a saved report read again. Pure."""

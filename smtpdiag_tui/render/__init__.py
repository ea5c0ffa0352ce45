"""Reports as text, JSON and Markdown: pure functions of a report."""

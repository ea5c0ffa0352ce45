"""What a bounce means, and what a run says beside it, as text, Markdown and JSON. Pure."""

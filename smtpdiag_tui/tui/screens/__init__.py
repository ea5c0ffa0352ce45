"""The overlays, one per file."""

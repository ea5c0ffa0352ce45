"""Masking: what a report or a queue tells of people and of this host, made unreadable. Pure."""

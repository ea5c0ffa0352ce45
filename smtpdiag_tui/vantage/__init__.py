"""Runs from other hosts: over SSH or a SOCKS proxy, side by side, and where they agree."""

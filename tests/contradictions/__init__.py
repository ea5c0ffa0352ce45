"""Whether a finished report contradicts itself, and made-up worlds to try: `python -m tests.contradictions`."""

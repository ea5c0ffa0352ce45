"""Whether a finished report contradicts itself, and made-up worlds to try it on: `python -m tests.contradictions`."""

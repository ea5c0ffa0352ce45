"""The message that was given: read as it would go out, and what servers and receivers make of its form."""

"""DKIM (RFC 6376): the keys that a sender domain publishes, and the signatures of a message."""

"""A sans-I/O SMTP client: bytes in, replies out, and what to send next. Pure."""

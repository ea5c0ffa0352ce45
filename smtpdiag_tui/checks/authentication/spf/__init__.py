"""SPF (RFC 7208): what a sender domain publishes about who sends its mail, and what it comes to for an address."""

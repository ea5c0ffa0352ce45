"""DMARC (RFC 9989): which record applies to a sender domain, and what it comes to for mail from an address."""

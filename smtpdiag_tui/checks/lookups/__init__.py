"""What the DNS says: questions, answers, transports, zones, routes."""

"""What a bounce, a log line or a reply says, read and explained without any connection."""

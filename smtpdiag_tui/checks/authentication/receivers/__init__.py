"""What large receivers have published that they require of senders, and whether mail from this host meets it."""

"""What the interface holds and reads, without drawing."""

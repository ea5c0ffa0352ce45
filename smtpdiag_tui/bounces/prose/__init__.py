"""What mail servers write to people in a bounce."""

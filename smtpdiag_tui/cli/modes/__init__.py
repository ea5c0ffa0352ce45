"""What one call of the command does: a module for each way of using it."""

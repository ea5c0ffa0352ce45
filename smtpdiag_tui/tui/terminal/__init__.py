"""What depends on the terminal: clipboard, hang-up, ASCII."""

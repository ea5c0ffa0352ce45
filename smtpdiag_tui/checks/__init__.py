"""What is looked at: each module observes once and judges what it saw."""

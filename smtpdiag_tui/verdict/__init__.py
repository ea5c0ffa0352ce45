"""What a run comes to: how sending servers would walk, the outcome, and the causes. Pure."""

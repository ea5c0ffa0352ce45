"""A delivery that is watched until it is accepted: what is tried again, when, and what has changed."""

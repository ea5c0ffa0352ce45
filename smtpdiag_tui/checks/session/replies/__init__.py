"""Reading a reply that defers or refuses: its words in one form, who is named in them, what it is about."""

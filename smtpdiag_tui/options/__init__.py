"""What is declared of each setting, once: flag, place in the user's file, form field, phrase, JSON, mask. Pure."""

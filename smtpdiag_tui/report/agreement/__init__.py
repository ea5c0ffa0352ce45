"""Where the runs from several vantage points agree and where not, and what follows from it."""

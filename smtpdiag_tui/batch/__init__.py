"""Many pairs in one go: read, run politely, written line by line, resumed after any end."""

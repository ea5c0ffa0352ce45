"""The same by hand: the commands of well-known programs that reproduce a step of a report."""

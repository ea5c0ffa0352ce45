"""One file for each branch of the tree, and the steps that branches share."""

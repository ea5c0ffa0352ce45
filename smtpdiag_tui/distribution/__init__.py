"""What is shipped beside the program: man page and completions, made from the table of options."""

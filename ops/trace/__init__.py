"""What is known of a request: its trace, from the files of all processes."""

"""One module per noun: its routes, and nothing else."""

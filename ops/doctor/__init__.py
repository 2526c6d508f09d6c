"""`shopnow doctor`: what a newcomer can get wrong on this machine, and what to do."""

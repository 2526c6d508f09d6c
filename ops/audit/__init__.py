"""`shopnow audit`: adds up what the stores hold, and tells what does not add up."""

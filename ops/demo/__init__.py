"""The demo shop: made up here, made once."""

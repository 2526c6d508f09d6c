"""Whether a migration may run while the shop is open: expand first, contract later."""

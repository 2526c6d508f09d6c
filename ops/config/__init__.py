"""What is changed while the shop runs: `shopnow config` and `shopnow chaos`."""

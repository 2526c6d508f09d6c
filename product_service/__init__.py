"""The catalogue, its stock and its sellers."""

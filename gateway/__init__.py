"""The only thing that speaks HTTP: REST in, RPC out."""

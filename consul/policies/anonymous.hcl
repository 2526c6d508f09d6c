# Whoever has no token: who is there and who is well, so that Consul's page shows it.
service_prefix "" { policy = "read" }
node_prefix "" { policy = "read" }

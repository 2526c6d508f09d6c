# The agent itself: its node, and the servers of the shop that it looks after.
node_prefix "" { policy = "write" }
service_prefix "" { policy = "read" }
service "rabbitmq" { policy = "write" }
service "postgres" { policy = "write" }
service "mongodb" { policy = "write" }
service "redis" { policy = "write" }

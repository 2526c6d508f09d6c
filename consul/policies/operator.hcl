# The operator: sees everything, and changes what the shop is told while it runs.
service_prefix "" { policy = "read" }
node_prefix "" { policy = "read" }
agent_prefix "" { policy = "read" }
query_prefix "" { policy = "read" }
key_prefix "shopnow/" { policy = "write" }
key_prefix "regions/" { policy = "write" }

# product_service: writes its own entry, knows who else is there, and hears what the operator sets.
service "product_service" { policy = "write" }
service_prefix "" { policy = "read" }
node_prefix "" { policy = "read" }
query_prefix "" { policy = "read" }
key_prefix "shopnow/" { policy = "read" }

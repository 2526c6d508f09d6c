# The ops page: shows who is there, who is well and what is set, and changes nothing.
service_prefix "" { policy = "read" }
node_prefix "" { policy = "read" }
key_prefix "shopnow/" { policy = "read" }

"""The contract as OpenAPI 3.1, read off the gateway's routes and the schemas."""

from ops.openapi.document import build, write

__all__ = ["build", "write"]

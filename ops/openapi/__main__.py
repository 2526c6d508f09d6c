"""`python -m ops.openapi` writes the contract."""

from ops.openapi.document import write

write()

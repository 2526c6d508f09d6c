"""`python -m ops` is `shopnow`, for a checkout that is not installed."""

from ops.cli import main

main(prog_name="shopnow")

"""Carts, orders, payments, and the checkout that ties them together."""

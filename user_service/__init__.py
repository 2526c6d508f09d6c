"""Accounts and people: AuthService knows credentials, UserService profiles."""

"""Secrets, tokens, CORS and what a stranger can reach."""

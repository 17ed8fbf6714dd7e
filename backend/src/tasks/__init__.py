"""Tasks: each user sees only their own."""

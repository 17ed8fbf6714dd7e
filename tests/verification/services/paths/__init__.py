"""Tasks below the id of a user, whom a token of somebody else names."""

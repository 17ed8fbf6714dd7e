"""How the connection is kept private."""

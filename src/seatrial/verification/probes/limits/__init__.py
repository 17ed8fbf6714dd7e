"""Whether the service holds out against too much."""

"""How the service wakes up."""

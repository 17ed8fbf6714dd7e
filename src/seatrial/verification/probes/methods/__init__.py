"""What the service does with methods that nobody uses."""

"""What the service does with what it did not expect."""

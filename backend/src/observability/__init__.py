"""What operators see: log lines and numbers."""

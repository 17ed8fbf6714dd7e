"""What the answers tell browsers and caches."""

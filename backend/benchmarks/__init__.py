"""How fast the service is, beside the least that could answer the same, and beside a well-known template."""

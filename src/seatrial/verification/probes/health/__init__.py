"""Whether the service says of itself what is true."""

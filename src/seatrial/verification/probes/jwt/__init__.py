"""Whether a token that nobody signed, or that is no longer good, opens anything."""

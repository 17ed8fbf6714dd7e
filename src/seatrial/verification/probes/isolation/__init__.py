"""Whether one user can reach what belongs to another."""

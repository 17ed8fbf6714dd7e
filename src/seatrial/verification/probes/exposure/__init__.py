"""What is served that nobody should find."""

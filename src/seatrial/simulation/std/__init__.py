"""What the standard library does with what the program hands it, where it has to be played."""

"""Real builds of small backends: the clean room, images, stacks, a platform's rules."""

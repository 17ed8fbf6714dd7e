"""Random backends, asked of CPython and of the simulation: where they differ, the simulation is wrong."""

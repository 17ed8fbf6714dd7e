"""Leg 4, JUDGE: facts and the timeline become issues. One file is one whole rule, found by walking the folders."""

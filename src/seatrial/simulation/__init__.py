"""Leg 2, PLAY: facts and libraries become a timeline, without running any of the backend."""

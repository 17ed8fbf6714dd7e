"""Leg 2, PLAY: what a library does with what the backend hands it. One file per library, all pure."""

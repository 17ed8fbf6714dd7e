"""Engines, sessions, pools, drivers, URLs and models."""

"""Distributions that are needed and not declared, or declared and not what the code needs."""

"""Environment variables and settings."""

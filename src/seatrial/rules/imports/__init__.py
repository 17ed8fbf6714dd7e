"""Imports that find nothing, the wrong thing, or a module that is not ready."""

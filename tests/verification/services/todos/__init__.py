"""A small service in another style than the reference backend: SQLite by hand, integer ids, the owner in the path,
cookies as Better Auth sets them, endpoints that are plain functions.

It is correct. Faults are planted in copies of it.
"""

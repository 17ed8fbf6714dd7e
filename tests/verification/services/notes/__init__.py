"""A small service in a third style: everything in memory, UUIDs, bearer tokens that it signs itself (HS256, or RS256
with its keys published).

It is correct. Faults are planted in copies of it.
"""

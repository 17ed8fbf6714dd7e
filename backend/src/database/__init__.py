"""The database: where it is, connections to it, and units of work that survive a dropped one."""

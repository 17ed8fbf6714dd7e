"""The exit codes, the same for every command."""

CLEAN, ISSUES, USAGE, UNJUDGED, LEFT, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 4, 130, 143

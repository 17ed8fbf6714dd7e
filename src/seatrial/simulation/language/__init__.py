"""Python itself: what its statements, expressions and built-ins do, in CPython's order and with its words."""

"""Users by their names, what they publish, and what only an administrator makes."""

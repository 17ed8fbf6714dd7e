"""What starts the backend: the files that say so, the commands in them, and what exactly each loads."""

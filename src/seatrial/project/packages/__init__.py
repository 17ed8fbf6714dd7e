"""What a distribution offers: its modules and their names, read and never imported."""

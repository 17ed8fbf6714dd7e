"""Reminders by e-mail: the one feature that needs somebody else's service, and turns off alone without it."""

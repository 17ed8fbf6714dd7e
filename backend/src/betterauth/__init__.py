"""Sign-ins of a Better Auth server: its signed tokens, and the sessions that its cookies name."""

"""A tasks service: each user keeps a list of tasks of their own."""

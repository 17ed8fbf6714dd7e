"""Whether browsers let the front end in, and nobody else."""

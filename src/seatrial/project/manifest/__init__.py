"""What is declared: manifests, lock files and the version of Python."""

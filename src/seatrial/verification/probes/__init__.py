"""One folder per group of probes, one file per probe."""

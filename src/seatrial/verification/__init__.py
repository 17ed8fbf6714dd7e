"""TRY: a live URL, two users, one minute. `probes/` holds one file per probe; the files beside it are the framework."""

"""One file per command, loaded when it is asked for: `HELP`, `DESCRIPTION`, `configure(parser)` and `run(arguments)`.

`run` calls one function of the pipeline, hands the result to a format and returns the exit code. No logic.
"""

# In the order of a voyage, as `seatrial --help` lists them.
NAMES = ("audit", "boot", "build", "prepare", "verify", "report", "adr", "demo", "explain", "rules", "completion")

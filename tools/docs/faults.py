"""docs/faults.md, from the faults that are told without a rule of their own."""

from __future__ import annotations

from seatrial.fault import Fault
from seatrial.report.manual import all_faults

_INTRO = """# Codes without a rule

<!-- Made by `make docs` from the faults of the code. -->

What only a real start (`BOOT`) or a build (`BLD`) shows, and what an audit says of the comments that suppress issues
(`SUP`). `seatrial explain CODE` prints the same."""


def page() -> str:
    """The text of the page."""
    return "\n\n".join([_INTRO, *(_part(it) for it in all_faults())]) + "\n"


def _part(fault: Fault) -> str:
    facts = f"{fault.summary}. Severity {fault.severity}; bears on {', '.join(fault.requirements)}."
    return f"## {fault.code} {fault.name}\n\n{facts}\n\n{fault.why}\n\n{fault.mend}"

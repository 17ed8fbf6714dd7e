"""Letting CPython itself do an operation on real objects: its values and its messages are right by definition."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from seatrial.libraries.values import External, ExternalInstance, Instance, Undecided, Unknown, Value
from seatrial.simulation.language.wording import reworded
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator

_LEAKS = re.compile(
    r"\b(Unknown(?! format code)|External|ExternalInstance|TypeForm)\b"
)  # a value that nobody knows got as far as CPython
LARGEST = 1_000_000  # items or bits of a value that the play is willing to make
OPAQUE = (Unknown, External, ExternalInstance)


def is_native(value: Value) -> bool:
    """Whether CPython's own operators give the right answer for a value."""
    return isinstance(value, Instance) or not type(value).__module__.startswith("seatrial.")


def natively(sim: Simulator, run: Callable[[], Value], operation: str, default: str = "") -> Value:
    """Let CPython do it; what it raises is raised in the program."""
    from seatrial.simulation.player import OutOfBudget, Raised, Suspended

    try:
        return run()
    except Undecided as why:
        return Unknown(str(why) or default)
    except (Raised, OutOfBudget, Suspended):
        raise
    except RecursionError:
        return Unknown("too deep to follow")
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is what the program sees
        raised = sim.taken_from_host(error)
        if raised is not None:
            return sim.player.propagate(raised)
        if not isinstance(error, Exception | SystemExit) or _LEAKS.search(str(error)):
            return Unknown(default or "what CPython refuses here")
        if _is_our_own(error):
            sim.player.doubt(f"a mistake of the simulation: {type(error).__name__}: {error}")
            return Unknown(default)
        return sim.player.fail(reworded(error, sim.python), RaisedByCode(operation))


def _is_our_own(error: BaseException) -> bool:
    """Whether an exception comes from code of ours, which may be wrong, and not from the program."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    name = str(step.tb_frame.f_globals.get("__name__", "")) if step is not None else ""
    if name.startswith(("seatrial.simulation.std.", "seatrial.simulation.language.typing_forms")):
        return isinstance(error, IndexError | AttributeError)  # it relied on an argument that the program does not give
    return name.startswith(("seatrial.libraries.", "seatrial.project.", "seatrial.provision."))

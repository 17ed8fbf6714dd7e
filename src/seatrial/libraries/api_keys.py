"""Clients of paid services, which refuse to be made without a key."""

from __future__ import annotations

from seatrial.libraries.behaviour import LibraryCall
from seatrial.libraries.definitions import wording
from seatrial.libraries.values import ABSENT, Unknown, Value
from seatrial.libraries.world import World


def keyed(
    world: World, call: LibraryCall, library: str, exception: str, options: tuple[str, ...], variables: tuple[str, ...]
) -> Value:
    """A client that takes its key from one of these options or variables, or raises in its release's own words."""
    if any(call.kwargs.get(option) is not None for option in options) or any(
        name in world.environment for name in variables
    ):
        return ABSENT
    for module in (f"{library}._client", f"{library}.lib._client_auth"):
        text = wording(world, module, variables[0])
        if text is not None and "\n" not in text:
            world.refuse(library, "no-key", exception, text, variables[0], (Exception,))
            return Unknown(f"a client of {library} without a key")
    return ABSENT

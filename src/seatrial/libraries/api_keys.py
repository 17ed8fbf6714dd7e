"""Clients of paid services, which refuse to be made without a key."""

from __future__ import annotations

import ast

from seatrial.libraries.behaviour import LibraryCall
from seatrial.libraries.definitions import wording
from seatrial.libraries.values import ABSENT, Unknown, Value
from seatrial.libraries.world import World
from seatrial.project.packages.sources import Library as Sources


def keyed(
    world: World, call: LibraryCall, library: str, exception: str, options: tuple[str, ...], variables: tuple[str, ...]
) -> Value:
    """A client that takes its key from one of these options or variables, or raises in its release's own words.

    With a key, it makes a client of httpx, which may not take what this release hands it.
    """
    if any(call.kwargs.get(option) is not None for option in options) or any(
        name in world.environment for name in variables
    ):
        return ABSENT if call.kwargs.get("http_client") is not None else _over_httpx(world, call, library)
    for module in (f"{library}._client", f"{library}.lib._client_auth"):
        text = wording(world, module, variables[0])
        if text is not None and "\n" not in text:
            world.refuse(library, "no-key", exception, text, variables[0], (Exception,))
            return Unknown(f"a client of {library} without a key")
    return ABSENT


def _over_httpx(world: World, call: LibraryCall, library: str) -> Value:
    """Clients of the time before httpx 0.28 hand `proxies` to it, which it took until then."""
    packages, kind = world.packages, "AsyncClient" if "Async" in call.callee.name else "Client"
    found = packages.signature("httpx", kind) if packages is not None else None
    names = {it.name for it in found.parameters} if found is not None and found.certain else {"proxies"}
    module = f"{library}._base_client"
    if packages is None or "proxies" in names or not packages.asked(("proxies", module), lambda it: _hands(it, module)):
        return ABSENT
    owner = f"{kind}." if world.python >= (3, 10) else ""
    said = f"{owner}__init__() got an unexpected keyword argument 'proxies'"
    return world.refuse(library, "httpx-proxies", TypeError(said), said, library)


def _hands(sources: Sources, module: str) -> bool:
    """Whether a release makes its client of httpx with the argument `proxies`."""
    tree = sources.tree_of(module)
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call)) if tree is not None else ()
    wraps = (node for node in calls if ast.unparse(node.func).endswith("HttpxClientWrapper"))
    return any(key.arg == "proxies" for node in wraps for key in node.keywords)

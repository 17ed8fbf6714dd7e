"""Redis: a client is made without a connection; its commands connect.

Source: redis-py 5 to 7, `client.py`, `asyncio/client.py` (`from_url`, `execute_command`), `utils.py` (`from_url`).
"""

from __future__ import annotations

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.values import Coroutine, External, ExternalInstance, Unknown, Value
from seatrial.libraries.world import World

_CLIENT = External("redis.client.Redis", "class")
_ASYNC_CLIENT = External("redis.asyncio.client.Redis", "class")
_COMMANDS = "ping get set info exists delete keys hset hget execute_command"


def client(world: World, call: LibraryCall) -> Value:
    """`redis.from_url(url)`."""
    return ExternalInstance(_CLIENT, tuple(call.args), dict(call.kwargs))


def async_client(world: World, call: LibraryCall) -> Value:
    """`redis.asyncio.from_url(url)`."""
    return ExternalInstance(_ASYNC_CLIENT, tuple(call.args), dict(call.kwargs))


def command(world: World, call: LibraryCall) -> Value:
    """`client.ping()` and its kind."""
    if world.silent("redis"):
        text = "Error 111 connecting to localhost:6379. Connection refused."
        world.refuse("redis", "unreachable", "redis.exceptions.ConnectionError", text, "Redis", (Exception,))
    return Unknown("an answer of Redis'")


def command_later(world: World, call: LibraryCall) -> Value:
    """The same of `redis.asyncio.Redis`."""
    return Coroutine(lambda: command(world, call), "command")


LIBRARY = Library(
    "redis",
    "redis",
    calls={
        "redis.from_url": client,
        "redis.Redis.from_url": client,
        "redis.asyncio.from_url": async_client,
        "redis.asyncio.Redis.from_url": async_client,
        **{f"redis.Redis.{name}": command for name in _COMMANDS.split()},
        **{f"redis.asyncio.Redis.{name}": command_later for name in _COMMANDS.split()},
    },
    lenient=frozenset({"redis.from_url", "redis.asyncio.from_url"}),
)

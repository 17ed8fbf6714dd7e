"""Groq's client: raises where it is made without a key.

Source: groq 0.4 to 1.7, `_client.py`.
"""

from __future__ import annotations

from seatrial.libraries.api_keys import keyed
from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.values import Value
from seatrial.libraries.world import World


def client(world: World, call: LibraryCall) -> Value:
    """`Groq()` and `AsyncGroq()`."""
    return keyed(world, call, "groq", "groq.GroqError", ("api_key",), ("GROQ_API_KEY",))


LIBRARY = Library("groq", "groq", calls={"groq.Groq": client, "groq.AsyncGroq": client})

"""OpenAI's client: raises where it is made without a key.

Source: openai 1.0 to 3.57, `_client.py` and `lib/_client_auth.py`.
"""

from __future__ import annotations

from seatrial.libraries.api_keys import keyed
from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.values import Value
from seatrial.libraries.world import World

_OPTIONS = ("api_key", "admin_api_key", "workload_identity", "_provider", "provider")
_VARIABLES = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY")


def client(world: World, call: LibraryCall) -> Value:
    """`OpenAI()` and `AsyncOpenAI()`."""
    return keyed(world, call, "openai", "openai.OpenAIError", _OPTIONS, _VARIABLES)


LIBRARY = Library("openai", "openai", calls={"openai.OpenAI": client, "openai.AsyncOpenAI": client})

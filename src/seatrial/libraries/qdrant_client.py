"""Qdrant: a client is made without a connection, and each of its methods makes a request.

Source: qdrant-client 1.15, `qdrant_remote.py`, `http/api_client.py` (`send_inner`).
"""

from __future__ import annotations

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.values import Coroutine, Unknown, Value
from seatrial.libraries.world import World

_ERROR = "qdrant_client.http.exceptions.ResponseHandlingException"
_METHODS = (
    "get_collections get_collection collection_exists create_collection recreate_collection upsert upload_points "
    "query_points search scroll count info create_payload_index"
)


def request(world: World, call: LibraryCall) -> Value:
    """`client.get_collections()` and its kind."""
    if world.silent("qdrant-client"):
        text = "[Errno 111] Connection refused"
        world.refuse("qdrant-client", "unreachable", _ERROR, text, "Qdrant", (Exception,))
    return Unknown("an answer of Qdrant's")


def request_later(world: World, call: LibraryCall) -> Value:
    """The same of `AsyncQdrantClient`."""
    return Coroutine(lambda: request(world, call), "request")


LIBRARY = Library(
    "qdrant-client",
    "qdrant_client",
    calls={
        **{f"qdrant_client.QdrantClient.{name}": request for name in _METHODS.split()},
        **{f"qdrant_client.AsyncQdrantClient.{name}": request_later for name in _METHODS.split()},
    },
)

"""Azure Cosmos DB: making a client asks the account at once. Source: azure-cosmos 4.9, `_cosmos_client_connection.py`
(`__init__` ends in `_GetDatabaseAccount`).
"""

from __future__ import annotations

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.values import ABSENT, Value
from seatrial.libraries.world import World

_ERROR = "azure.core.exceptions.ServiceRequestError"


def client(world: World, call: LibraryCall) -> Value:
    """`CosmosClient(url, credential)`."""
    if world.silent("azure-cosmos"):
        world.refuse("azure-cosmos", "unreachable", _ERROR, "Connection refused", "Azure Cosmos DB", (Exception,))
    return ABSENT


LIBRARY = Library(
    "azure-cosmos",
    "azure",
    calls={"azure.cosmos.CosmosClient": client},
    lenient=frozenset({"azure.cosmos.CosmosClient"}),
)

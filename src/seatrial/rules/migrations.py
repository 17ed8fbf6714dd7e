"""What libraries' own migration guides say of names that moved to another distribution or were renamed.

Only what cannot be found by looking for the name in what is installed (see `outside`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Successor:
    """Where a name is now, and the distribution that has to be declared for it, None where it is the same one."""

    module: str
    name: str
    requirement: str | None = None
    sure: bool = True


# module:name, or module:* for every name of a module; then the successor and its distribution.
# A question mark says that its arguments changed, too.
# Sources: pydantic's migration guide; LangChain's guide for 0.2 and 1.0; mcp's for 2.
_MOVES = {
    line.split()[0]: line.split()[1:]
    for line in """
    pydantic:BaseSettings pydantic_settings:BaseSettings pydantic-settings
    pydantic.env_settings:* pydantic_settings:* pydantic-settings
    pydantic.v1:BaseSettings pydantic_settings:BaseSettings pydantic-settings
    mcp.server.fastmcp:FastMCP mcp.server.mcpserver:MCPServer?
    mcp.server:FastMCP mcp.server.mcpserver:MCPServer?
    langchain.chat_models:ChatOpenAI langchain_openai:ChatOpenAI langchain-openai
    langchain.chat_models:AzureChatOpenAI langchain_openai:AzureChatOpenAI langchain-openai
    langchain.embeddings:OpenAIEmbeddings langchain_openai:OpenAIEmbeddings langchain-openai
    langchain.embeddings.openai:* langchain_openai:* langchain-openai
    langchain.llms:OpenAI langchain_openai:OpenAI langchain-openai
    langchain.text_splitter:* langchain_text_splitters:* langchain-text-splitters
    langchain.vectorstores:* langchain_community.vectorstores:* langchain-community
    langchain.document_loaders:* langchain_community.document_loaders:* langchain-community
    langchain.chains:* langchain_classic.chains:* langchain-classic
    langchain.memory:* langchain_classic.memory:* langchain-classic
    langchain.prompts:* langchain_core.prompts:* langchain-core
    langchain.schema:* langchain_core.messages:* langchain-core
    langchain.docstore.document:* langchain_core.documents:* langchain-core
    """.strip().splitlines()
}


def successor(module: str, name: str) -> Successor | None:
    """Where a name of a module is now, as far as a migration guide says so."""
    found = _MOVES.get(f"{module}:{name}") or _MOVES.get(f"{module}:*")
    if found is None:
        return None
    new, _, symbol = found[0].rstrip("?").partition(":")
    requirement = found[1] if len(found) > 1 else None
    return Successor(new, name if symbol == "*" else symbol, requirement, not found[0].endswith("?"))

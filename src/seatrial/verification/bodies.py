"""Reads the body of an answer, as far as is bearable."""

from __future__ import annotations

import zlib

import httpx


async def read_body(response: httpx.Response, limit: int) -> tuple[bytes, bool]:
    """At most `limit` bytes of the body, and whether there was more.

    A body that is compressed although nobody asked for it is unpacked up to the same limit.
    """
    taken = bytearray()
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    async for chunk in stream:
        taken += chunk
        if len(taken) > limit:
            break
    cut = len(taken) > limit
    body = bytes(taken[:limit])
    if response.headers.get("content-encoding", "").lower() in ("gzip", "deflate", "x-gzip"):
        return _unpacked(body, limit, cut)
    return body, cut


def _unpacked(body: bytes, limit: int, cut: bool) -> tuple[bytes, bool]:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # either of the two, told by its header
    try:
        text = unpacker.decompress(body, limit)
    except zlib.error:
        return body, cut
    return text, cut or bool(unpacker.unconsumed_tail)

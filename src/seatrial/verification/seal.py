"""A seal on what a journal may bring about: only this user, on this machine, can have set it.

A journal makes `--cleanup` run a command and sign in with a person's passwords, and a file may come from anywhere: a
download, a repository, a folder that others can write into. Its owner and mode do not tell, since whatever `git` or
`tar` writes belongs to whoever runs it.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from pathlib import Path

from seatrial.errors import UsageError

_BYTES = 32


def seal(*words: str) -> str:
    """The seal on these words; "" where this user has no place for a key."""
    key = _key()
    return hmac.new(key, json.dumps(words).encode(), hashlib.sha256).hexdigest() if key else ""


def is_sealed(sealed: object, *words: str) -> bool:
    """Whether it is the seal that this user sets on these words."""
    known = seal(*words)
    return bool(known) and isinstance(sealed, str) and hmac.compare_digest(known.encode(), sealed.encode())


def home() -> Path:
    """The folder where this user's journals and key are. Raises UsageError where somebody else could write into it."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    user = os.getuid() if hasattr(os, "getuid") else "journals"
    places = (Path(state) / "seatrial", Path(tempfile.gettempdir()) / f"seatrial-{user}")
    for place in places:
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if is_own(place) and os.access(place, os.W_OK):
            return place
    raise UsageError(f"{places[0]} cannot be used for the journal: give a folder with --journal")


def is_own(place: Path) -> bool:
    """Whether a file or folder is this user's, and nobody else may write to it."""
    facts = place.stat()
    return not hasattr(os, "geteuid") or (facts.st_uid == os.geteuid() and not facts.st_mode & 0o022)


def _key() -> bytes:
    try:
        path = home() / "journal.key"
        if not path.exists():
            _make(path)
        key = path.read_bytes()
        return key if is_own(path) and len(key) == _BYTES else b""
    except (OSError, UsageError):
        return b""


def _make(path: Path) -> None:
    """Whole or not at all, and the first of two runs wins."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)  # with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)

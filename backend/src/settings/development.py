"""What development has without being told."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from pydantic import SecretStr

DEVELOPMENT_ORIGINS = (
    "http://localhost:3000",
    "http://localhost:5173",
    "http://127.0.0.1:3000",
    "http://127.0.0.1:5173",
)


def generated_secrets(folder: str) -> dict[str, SecretStr]:
    """Secrets made at the first start and kept in the folder, so that a reload does not sign everybody out."""
    path = Path(folder) / "secrets.json"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_once(path, {"JWT_SECRET": secrets.token_urlsafe(48)})
    return {name: SecretStr(value) for name, value in json.loads(path.read_text()).items()}


def write_once(path: Path, content: dict[str, str]) -> None:
    """The first of several workers wins; a file appears whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(content))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

"""Everything that a backend gets to see: its scratch copy, its interpreter, names. Standard library only."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import stat
from pathlib import Path
from typing import Any

from seatrial.proof import namespaces, services

Plan = dict[str, Any]
USER = "app"
HOME = "/home/app"


def lay_out(plan: Plan, source: str, owner: int | None) -> None:
    """Copy the backend's folder, patched, to where it is to be started."""
    root = plan["root"]
    for folder in ["", *plan["folders"]]:
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    for name in plan["files"]:
        _copy(os.path.join(source, name), os.path.join(root, name))
    for name, target in plan["links"]:
        with contextlib.suppress(FileExistsError):
            os.symlink(target, os.path.join(root, name))
    write_all({os.path.join(root, name): content for name, content in plan["contents"].items()})
    if owner is not None:
        _own(root, owner)


def _copy(source: str, target: str) -> None:
    try:
        shutil.copyfile(source, target)
        os.chmod(target, stat.S_IMODE(os.stat(source).st_mode) | 0o600)
    except (FileNotFoundError, PermissionError):  # it vanished, or is not ours to read
        return


def _own(root: str, owner: int) -> None:
    os.chown(root, owner, owner)
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            os.chown(os.path.join(folder, name), owner, owner, follow_symlinks=False)


def write_all(contents: dict[str, str]) -> None:
    """Write files given as base64, with their folders."""
    for path, content in contents.items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(path).write_bytes(base64.b64decode(content))


def enter_world(plan: Plan) -> tuple[int, int]:
    """Enter the namespaces and build everything that is to be seen there."""
    uids = namespaces.enter()
    namespaces.new_root(plan["limits"]["disk"], plan["own"])
    namespaces.loopback_up(plan.get("addresses", ()))
    owner = uids[0] if os.getuid() == 0 else None
    if plan.get("root"):
        lay_scratch(plan, owner)
    for source, at in plan.get("visible", ()):
        if [source, at] not in plan["own"]:
            namespaces.show(source, at)
    for path, target in plan.get("symlinks", ()):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.symlink(target, path)
    write_all(plan.get("made", {}))
    os.makedirs(HOME)
    os.chown(HOME, uids[0], uids[0] if owner else os.getgid())
    who_is_who(uids, plan.get("hosts", ()))
    services.prepare(plan, uids)
    if wanted := plan.get("postgres"):
        namespaces.trust(Path(wanted["certificate"]).read_bytes(), wanted["hash"], wanted["bundles"])
    namespaces.close_outside()
    return uids


def lay_scratch(plan: Plan, owner: int | None) -> None:
    """The scratch copy stands at the audited PATH itself, so that every path in it and in messages is the real one."""
    if os.path.isdir(plan["root"]):  # below a folder of the system's, which is read-only
        namespaces.mount(
            "tmpfs", plan["root"], "tmpfs", namespaces.NOSUID | namespaces.NODEV, f"size={plan['limits']['disk']}"
        )
    lay_out(plan, namespaces.OLD + plan["source"], owner)
    for name in plan["large"]:
        namespaces.show(os.path.join(plan["source"], name), os.path.join(plan["root"], name))


def who_is_who(uids: tuple[int, int], hosts: list[str]) -> None:
    """Names for the user ids, and this machine for every documented host."""
    known = Path("/etc/passwd").read_text("utf-8", "replace").splitlines() if os.path.isfile("/etc/passwd") else []
    group = uids[0] if os.getuid() == 0 else os.getgid()
    ours = [f"{USER}:x:{uids[0]}:{group}:{USER}:{HOME}:/bin/sh"]
    ours += [f"postgres-seatrial:x:{uids[1]}:{uids[1]}::/:/bin/sh"] if uids[1] != uids[0] else []
    kept = [line for line in known if line.split(":")[2:3] != [str(uids[0])]]
    namespaces.cover("/etc/passwd", ("\n".join([*kept, *ours]) + "\n").encode())
    names = " ".join(["localhost", *hosts])
    namespaces.cover("/etc/hosts", f"127.0.0.1 {names}\n::1 localhost ip6-localhost\n".encode())

"""A compose file before it is run: what it refuses and for which line, what it reaches for, and the same one tamed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seatrial.issue import Issue, Location
from seatrial.proof.building.engine import own_label
from seatrial.proof.building.values import NO_STACK

_REACHES_OUT = ("privileged", "devices", "cap_add", "pid", "ipc", "userns_mode", "security_opt", "volumes_from")
_SERVICE = re.compile(r"""service ['"]?([\w.-]+)|services\.([\w-]+)""")
_QUOTED = re.compile(r"[^\s'\"]*\$[^\s'\"]*")


def env_files(text: str) -> Iterator[str]:
    """The files that a compose file names as `env_file`, relative to its folder; none where it is no YAML."""
    import yaml

    try:
        whole = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError):
        return
    services = whole.get("services") if isinstance(whole, dict) else None
    for service in services.values() if isinstance(services, dict) else ():
        named = service.get("env_file") if isinstance(service, dict) else None
        for it in named if isinstance(named, list) else [named]:
            path = it.get("path") if isinstance(it, dict) else it
            if isinstance(path, str) and path and "$" not in path:
                yield path


def not_accepted(path: str, text: str, said: str) -> Issue:
    """The issue of a file that compose refuses with these words, at the line that they are about."""
    way_out = ""
    if "interpolation" in said.lower():
        way_out = "Write `$$` for each dollar sign that is meant as it stands."
    return NO_STACK.issue(Location(path, _line_of(text, said)), "Compose does not accept this file.", said, (), way_out)


def _line_of(text: str, said: str) -> int:
    """The line that holds what a message quotes, else that of the service it names, else the first."""
    lines = text.splitlines()
    quoted = [word for word in _QUOTED.findall(said) if len(word) > 3]
    named = next((match[1] or match[2] for match in _SERVICE.finditer(said)), "")
    for number, line in enumerate(lines, 1):
        if any(word in line for word in quoted):
            return number
    return next((at for at, it in enumerate(lines, 1) if named and it.strip().rstrip(":") == named), 1)


def refusals(whole: Mapping[str, Any], copy: Path) -> tuple[str, ...]:
    """What a stack asks for that reaches out of its containers and of the copy."""
    found = []
    for name, service in whole.get("services", {}).items():
        found += [f"{name}: {key}" for key in _REACHES_OUT if service.get(key)]
        found += [f"{name}: network_mode {mode}" for mode in [str(service.get("network_mode", ""))] if mode == "host"]
        for volume in service.get("volumes") or ():
            source = _bound(volume)
            if source and not Path(source).resolve().is_relative_to(copy.resolve()):
                found.append(f"{name}: the folder {source} of this machine")
    return tuple(found)


def _bound(volume: object) -> str:
    """The folder of this machine that a volume shows, "" for a named one."""
    if isinstance(volume, dict):
        return str(volume.get("source", "")) if volume.get("type") == "bind" else ""
    source = str(volume).split(":")[0]
    return source if source.startswith(("/", ".", "~")) else ""


def container_ports(service: Mapping[str, Any]) -> tuple[int, ...]:
    """The ports inside the container that a service publishes or exposes."""
    found: list[int] = []
    for port in (*(service.get("ports") or ()), *(service.get("expose") or ())):
        target = str(port.get("target") if isinstance(port, dict) else port).split(":")[-1].split("/")[0]
        found += [int(target)] if target.isdigit() else []
    return tuple(dict.fromkeys(found))


def shared_images(whole: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags that one service builds and another, which does not build, runs."""
    services = list(whole.get("services", {}).values())
    built = {it.get("image") for it in services if it.get("build") is not None}
    return tuple(sorted({it["image"] for it in services if it.get("build") is None and it.get("image") in built}))


def tamed(whole: Mapping[str, Any], project: str = "seatrial") -> dict[str, Any]:
    """The same stack without what it takes of this machine: no way out, no published port, no name, no restart.

    A tag that services share is one of our own, `project:number`; see `shared_images`.
    """
    tags = {tag: f"{project}:{number}" for number, tag in enumerate(shared_images(whole))}
    services = {name: _tamed_service(service, tags) for name, service in whole["services"].items()}
    networks = {
        name: {"internal": True, "labels": own_label()} for name in (whole.get("networks") or {"default": None})
    }
    networks.setdefault("default", {"internal": True, "labels": own_label()})
    volumes = {name: {"labels": own_label()} for name in whole.get("volumes") or ()}
    kept = {key: whole[key] for key in ("version", "secrets", "configs") if key in whole}
    return {**kept, "services": services, "networks": networks, "volumes": volumes}


def _tamed_service(service: Mapping[str, Any], tags: Mapping[str, str]) -> dict[str, Any]:
    left_out = {"ports", "container_name", "restart", "env_file", "develop"}
    if service.get("build") is not None:
        left_out.add("image")  # a tag of the person's own would be moved
    kept = {key: value for key, value in service.items() if key not in left_out}
    if (tag := tags.get(service.get("image", ""))) is not None:
        kept["image"] = tag
    labels = service.get("labels") or {}
    named = dict(item.partition("=")[::2] for item in labels) if isinstance(labels, list) else dict(labels)
    return {**kept, "labels": {**named, **own_label()}, "restart": "no"}

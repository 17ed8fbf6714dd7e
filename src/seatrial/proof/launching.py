"""A launch target, as the project's files declare it -> what a start has to do to be the same start."""

from __future__ import annotations

import posixpath

from seatrial.proof.values import Launch, TargetLike

# Where it listens and in how many processes is ours to say; TLS would only keep the prober out.
OURS = frozenset(
    (
        "host",
        "port",
        "uds",
        "fd",
        "bind",
        "workers",
        "factory",
        "app-dir",
        "ssl-keyfile",
        "ssl-certfile",
        "ssl-ca-certs",
    )
    + ("reload", "reload-dir", "reload-include", "reload-exclude", "reload-delay", "limit-max-requests", "use-colors")
)


def launch_of(target: TargetLike) -> Launch:
    """The same interpreter path, folder, server and options; one process, on the prober's port."""
    first, rest = tuple(target.path_entries[:1]), tuple(target.path_entries[1:])
    cwd, last = target.cwd, tuple(target.installed)
    if target.script:
        name = posixpath.relpath(target.script, target.cwd or ".")
        return Launch("script", name, "python", path=(*first, *rest), later=(), cwd=cwd, last=last)
    if target.run_module:
        return Launch("module", target.run_module, "python", path=(*first, *rest), later=(), cwd=cwd, last=last)
    early = target.via_module
    return Launch(
        "asgi",
        target.value if target.server == "uvicorn" else f"{target.module}:{target.attribute}",
        target.server,
        factory=target.factory,
        path=(*first, *rest) if early else rest,
        later=() if early else first,
        options=tuple((name, value) for name, value in target.options if name.lstrip("-") not in OURS),
        cwd=cwd,
        last=last,
    )

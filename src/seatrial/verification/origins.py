"""Origins that look like the front end's and are not: what a careless comparison lets in."""

from __future__ import annotations

from urllib.parse import urlsplit

FOREIGN = "https://evil.example"
# Whoever registers there gets a name below these.
PLATFORMS = (
    "vercel.app",
    "netlify.app",
    "github.io",
    "gitlab.io",
    "pages.dev",
    "workers.dev",
    "onrender.com",
    "up.railway.app",
    "fly.dev",
    "web.app",
    "firebaseapp.com",
    "herokuapp.com",
    "azurestaticapps.net",
    "amplifyapp.com",
    "surge.sh",
    "run.app",
)
LOCAL = ("http://localhost:3000", "http://localhost:5173")


def _parts(origin: str) -> tuple[str, str, str]:
    """Scheme, host and `:port` (or nothing) of an origin."""
    parts = urlsplit(origin)
    return parts.scheme, parts.hostname or "", f":{parts.port}" if parts.port else ""


def longer_in_front(origin: str) -> tuple[str, ...]:
    """Other hosts that end as the front end's: let in by `endswith`, or by an expression without a beginning."""
    scheme, host, port = _parts(origin)
    return (f"{scheme}://evil{host}{port}", f"{scheme}://evil-{host}{port}")


def longer_behind(origin: str) -> tuple[str, ...]:
    """Other hosts that begin as the front end's: let in by `startswith`, `in`, or an expression without an end."""
    scheme, host, port = _parts(origin)
    if port:  # what begins with it and is a valid origin is another port
        return (f"{origin}1",) if len(port) < 5 else (f"{scheme}://{host}.evil.example{port}",)
    return (f"{scheme}://{host}.evil.example", f"{scheme}://{host}_.evil.example")


def other_letters(origin: str) -> tuple[str, ...]:
    """Hosts in which a letter stands for a dot, which an expression takes for any character. At most three."""
    scheme, host, port = _parts(origin)
    if host.replace(".", "").isdigit():
        return ()
    dots = [at for at, letter in enumerate(host) if letter == "."]
    # The last dot first: `examplexcom` can be bought nowhere, but shows the same mistake as `appxexample.com`.
    return tuple(f"{scheme}://{host[:at]}x{host[at + 1 :]}{port}" for at in dots[:3])


def below(origin: str) -> tuple[str, ...]:
    """A host below the front end's."""
    scheme, host, port = _parts(origin)
    return () if host.replace(".", "").isdigit() else (f"{scheme}://evil.{host}{port}",)


def neighbours(origin: str) -> tuple[str, ...]:
    """Hosts of others on the platform that the front end is hosted on; none where it has a domain of its own."""
    scheme, host, _ = _parts(origin)
    platform = next((it for it in PLATFORMS if host.endswith(f".{it}")), None)
    if platform is None:
        return ()
    project = host.removesuffix(f".{platform}")
    return (f"{scheme}://evil.{platform}", f"{scheme}://{project}-evil.{platform}")


def in_the_clear(origin: str) -> tuple[str, ...]:
    """The same host without TLS, which anybody on the way can play; none where it has none anyway."""
    scheme, host, port = _parts(origin)
    return (f"http://{host}{port}",) if scheme == "https" else ()


def other_ports(origin: str) -> tuple[str, ...]:
    """Another server on the same host."""
    scheme, host, port = _parts(origin)
    return (f"{scheme}://{host}:{'8443' if port != ':8443' else '9443'}",)


def on_the_desk(origin: str) -> tuple[str, ...]:
    """The origins of development servers; none where the front end is one itself."""
    _, host, _ = _parts(origin)
    return () if host in ("localhost", "127.0.0.1", "::1") else LOCAL

"""A package index on this machine: the JSON that real ones serve, with wheels and source archives made on the spot."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Release:
    filename: str
    raw: bytes
    requires_python: str = ""
    uploaded: str = "2020-01-01T00:00:00Z"


@dataclass
class LocalIndex:
    """Serves `releases` (name -> files) until `close`."""

    releases: dict[str, list[Release]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/simple"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wheel(
        self,
        name: str,
        version: str,
        *requires: str,
        tag: str = "py3-none-any",
        python: str = "",
        day: str = "2020-01-01",
    ) -> None:
        """A wheel with one module of the distribution's name that says its version."""
        stem = f"{name.replace('-', '_')}-{version}"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        metadata += "".join(f"Requires-Dist: {line}\n" for line in requires)
        metadata += f"Requires-Python: {python}\n" if python else ""
        files = {
            f"{name.replace('-', '_')}.py": f"version = {version!r}\n",
            f"{stem}.dist-info/METADATA": metadata,
            f"{stem}.dist-info/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
        }
        files[f"{stem}.dist-info/RECORD"] = "".join(f"{path},,\n" for path in files) + f"{stem}.dist-info/RECORD,,\n"
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, text in files.items():
                archive.writestr(path, text)
        self._add(name, Release(f"{stem}-{tag}.whl", buffer.getvalue(), python, f"{day}T00:00:00Z"))

    def source(self, name: str, version: str, files: dict[str, str]) -> None:
        """A source archive with these files."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for path, text in files.items():
                member = tarfile.TarInfo(f"{name}-{version}/{path}")
                member.size = len(text.encode())
                archive.addfile(member, io.BytesIO(text.encode()))
        self._add(name, Release(f"{name}-{version}.tar.gz", buffer.getvalue()))

    def _add(self, name: str, release: Release) -> None:
        self.releases.setdefault(name, []).append(release)


def _handler(index: LocalIndex) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = self.path.strip("/").split("/")
            if parts[0] == "simple" and len(parts) == 2 and parts[1] in index.releases:
                self._send(_listing(parts[1], index), "application/vnd.pypi.simple.v1+json")
            elif parts[0] == "files":
                release = next(r for r in index.releases[parts[1]] if r.filename == parts[2])
                self._send(release.raw, "application/octet-stream")
            else:
                self.send_error(404)

        def do_HEAD(self) -> None:
            self.do_GET()

        def _send(self, raw: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _listing(name: str, index: LocalIndex) -> bytes:
    files = [
        {
            "filename": release.filename,
            "url": f"{index.url.removesuffix('/simple')}/files/{name}/{release.filename}",
            "hashes": {"sha256": hashlib.sha256(release.raw).hexdigest()},
            "upload-time": release.uploaded,
            **({"requires-python": release.requires_python} if release.requires_python else {}),
        }
        for release in index.releases[name]
    ]
    return json.dumps({"meta": {"api-version": "1.1"}, "name": name, "versions": [], "files": files}).encode()

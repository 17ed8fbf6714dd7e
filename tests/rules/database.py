"""A real PostgreSQL for the examples that talk to one: with TLS, and the user and database of documented URLs.

Where an example wants it, a real PgBouncer in transaction mode stands before it, with a single connection behind.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from seatrial.project.settings_facts import StandIn
from seatrial.proof import certificate
from seatrial.proof.databases import rewritten
from seatrial.proof.postgres import system_programs
from tests.rules.reality import PATIENCE_S, free_port, wait_for

_SETTINGS = ("fsync=off", "shared_buffers=16MB", "unix_socket_directories=", "listen_addresses=127.0.0.1", "jit=off")


@dataclass(frozen=True)
class Database:
    """A running server: its port, the certificate that a client has to trust, and the port of PostgreSQL itself."""

    port: int
    certificate: Path
    direct: int

    def variables(self, documented: Mapping[str, str]) -> dict[str, str]:
        """The documented variables with every database here, and the certificate trusted."""
        return {**rewritten(documented, {"postgres": self.port}), "SSL_CERT_FILE": str(self.certificate)}

    def text(self, documented: str) -> str:
        """A dotenv file with every database here."""
        stand_in = StandIn()
        return documented.replace(f"{stand_in.host}:{stand_in.port}", f"127.0.0.1:{self.port}")

    def end_connections(self) -> None:
        """End every connection to the database, as PostgreSQL does when it is suspended or restarted."""
        self._asked(f"select pg_terminate_backend(pid, {int(PATIENCE_S * 1000)}) from {_OTHERS}")

    def runs(self, function: str) -> bool:
        """Whether a query that names this function is being run."""
        query = f"select count(*) from {_OTHERS} and state = 'active' and query like '%{function}%'"
        return self._asked(query).strip() != "0"

    def _asked(self, query: str) -> str:
        stand_in, found = StandIn(), system_programs()
        assert found is not None
        command = [str(found.folder / "psql"), "-h", "127.0.0.1", "-p", str(self.direct), "-U", stand_in.user, "-At"]
        done = subprocess.run(
            [*command, "-c", query, stand_in.database],
            env={"PGPASSWORD": stand_in.password},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout


_OTHERS = "pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


@contextmanager
def database() -> Iterator[Database]:
    """A throwaway server, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="seatrial-postgres-"))
    found = system_programs()
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None  # it refuses to run as root
    assert found is not None
    programs, data, stand_in = found.folder, folder / "data", StandIn()
    made = certificate.make(["localhost", "127.0.0.1"])
    for name, text in (("tls.crt", made.certificate), ("tls.key", made.key), ("password", stand_in.password)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600 if name == "tls.key" else 0o644)
    shutil.copy(folder / "tls.crt", trusted := folder / "trusted.crt")
    if user is not None:
        for place in (folder, *folder.iterdir()):
            os.chown(place, user, user)
        folder.chmod(0o755)
    options = f"-D {data} -U {stand_in.user} --pwfile {folder / 'password'} --no-sync -A scram-sha-256"
    subprocess.run([str(programs / "initdb"), *options.split()], check=True, capture_output=True, user=user, group=user)
    port = free_port()
    settings = [
        *_SETTINGS,
        f"port={port}",
        "ssl=on",
        f"ssl_cert_file={folder}/tls.crt",
        f"ssl_key_file={folder}/tls.key",
    ]
    command = [str(programs / "postgres"), "-D", str(data), *(part for it in settings for part in ("-c", it))]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, user=user, group=user, start_new_session=True)
    try:
        _made(programs, port, stand_in, folder / "log")
        yield Database(port, trusted, port)
    finally:
        server.send_signal(signal.SIGQUIT)
        with suppress(subprocess.TimeoutExpired):
            server.wait(PATIENCE_S)
        shutil.rmtree(folder, ignore_errors=True)


def _made(programs: Path, port: int, stand_in: StandIn, log: Path) -> None:
    """Make the database, as soon as the server answers."""
    command = [str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", stand_in.user, stand_in.database]
    deadline = time.monotonic() + PATIENCE_S
    while True:
        done = subprocess.run(
            command, env={"PGPASSWORD": stand_in.password}, capture_output=True, text=True, check=False
        )
        if done.returncode == 0 or "already exists" in done.stderr:
            return
        assert time.monotonic() < deadline, f"{done.stderr}\n{log.read_text(errors='replace')}"
        time.sleep(0.1)


_POOLER = """\
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
pool_mode = transaction
default_pool_size = 1
auth_type = scram-sha-256
auth_file = {folder}/users
client_tls_sslmode = allow
client_tls_cert_file = {folder}/tls.crt
client_tls_key_file = {folder}/tls.key
"""


@contextmanager
def pooled(served: Database) -> Iterator[Database]:
    """A throwaway PgBouncer before a server, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="seatrial-pgbouncer-"))
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None  # it refuses to run as root
    port, stand_in = free_port(), StandIn()
    (folder / "ini").write_text(_POOLER.format(server=served.direct, port=port, folder=folder))
    (folder / "users").write_text(f'"{stand_in.user}" "{stand_in.password}"\n')
    for name in ("tls.crt", "tls.key"):
        shutil.copy(served.certificate.with_name(name), folder / name)
    if user is not None:
        for place in (folder, *folder.iterdir()):
            os.chown(place, user, user)
    command = [shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", str(folder / "ini")]
    with (folder / "log").open("wb") as log:
        pooler = subprocess.Popen(command, stdout=log, stderr=log, user=user, group=user, start_new_session=True)
    try:
        assert wait_for(pooler, lambda: listens(port)), (folder / "log").read_text()
        yield Database(port, served.certificate, served.direct)
    finally:
        pooler.kill()
        pooler.wait()
        shutil.rmtree(folder, ignore_errors=True)


def listens(port: int) -> bool:
    """Whether somebody accepts connections at this port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0

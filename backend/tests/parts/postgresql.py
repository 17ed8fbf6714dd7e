"""A PostgreSQL that takes TLS connections with a password (SCRAM) alone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.parts.certificates import make_certificates
from tests.parts.leaving import closed, opened
from tests.parts.programs import free_port, give, listens, new_folder, remove, unprivileged, wait_for

PASSWORD = "owner-of-the-tests"
USER = "owner"

CONFIGURATION = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
ssl = on
ssl_cert_file = '{folder}/server.crt'
ssl_key_file = '{folder}/server.key'
max_connections = 100
fsync = off
full_page_writes = off
synchronous_commit = off
shared_buffers = 32MB
logging_collector = off
"""


def binary(name: str) -> str:
    """A program of the newest PostgreSQL here; Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(found[-1]) if found else str(shutil.which(name) or name)


class PostgreSQL:
    def __init__(self) -> None:
        self.folder = new_folder("postgresql")
        opened(self)
        self.port = free_port()
        make_certificates(self.folder)
        self.ca_file = self.folder / "ca.crt"
        self.data = self.folder / "data"
        self.initialise()
        self.start()

    def initialise(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        give(secret)
        options = ["-A", "scram-sha-256", "-U", USER, f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync"]
        self.run("initdb", "-D", str(self.data), *options)
        configuration = CONFIGURATION.format(port=self.port, folder=self.folder)
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.write(configuration)
        (self.data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")

    def start(self) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-l", str(self.folder / "log"), "start")
        wait_for(lambda: listens(self.port), "PostgreSQL listens")

    def stop(self, how: str = "immediate") -> None:
        self.run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-m", how, "stop")

    def close(self) -> None:
        try:
            if listens(self.port):
                self.stop()
        finally:
            remove(self.folder)
            closed(self)

    def run(self, name: str, *arguments: str) -> None:
        # The server that pg_ctl starts keeps what it inherits: a pipe would never end.
        with (self.folder / "commands").open("ab") as output:
            subprocess.run(
                [binary(name), *arguments], check=True, stdout=output, stderr=output, cwd="/", **unprivileged()
            )

    def query(self, sql: str, database: str = "postgres") -> str:
        """Run SQL, as its owner; what it printed."""
        env = {"PGPASSWORD": PASSWORD, "PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(self.ca_file)}
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", database]
        command = [binary("psql"), *where, "-v", "ON_ERROR_STOP=1", "-qtAc", sql]
        return subprocess.run(command, check=True, env=env, capture_output=True, text=True).stdout.strip()

    def url(self, database: str, **query: Any) -> str:
        """The URL, as Neon's console writes it."""
        return url_of(self.port, database, self.ca_file)

    def kill_sessions(self, database: str) -> int:
        """End every session in the database but the one that asks."""
        condition = f"datname = '{database}' AND pid <> pg_backend_pid()"
        return int(self.query(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {condition}"))


def url_of(port: int, database: str, ca_file: Path) -> str:
    end = f"sslmode=require&channel_binding=require&sslrootcert={ca_file}"
    return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/{database}?{end}"

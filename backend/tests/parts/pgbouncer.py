"""PgBouncer in transaction mode, with TLS on both sides."""

from __future__ import annotations

import shutil
import subprocess

from tests.parts.leaving import closed, opened
from tests.parts.postgresql import PASSWORD, USER, PostgreSQL, url_of
from tests.parts.programs import free_port, give, listens, new_folder, remove, stop, unprivileged, wait_for

CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
pool_mode = transaction
auth_type = scram-sha-256
auth_file = {folder}/users
max_client_conn = 500
default_pool_size = 20
server_login_retry = 1
server_tls_sslmode = verify-ca
server_tls_ca_file = {certificates}/ca.crt
client_tls_sslmode = require
client_tls_cert_file = {certificates}/server.crt
client_tls_key_file = {certificates}/server.key
logfile = {folder}/log
pidfile = {folder}/pid
"""


class PgBouncer:
    def __init__(self, postgresql: PostgreSQL) -> None:
        self.postgresql = postgresql
        self.folder = new_folder("pgbouncer")
        self.port = free_port()
        self.write("users", f'"{USER}" "{PASSWORD}"\n')
        certificates = postgresql.folder
        text = CONFIGURATION.format(
            server=postgresql.port, port=self.port, folder=self.folder, certificates=certificates
        )
        self.write("ini", text)
        self.process: subprocess.Popen[bytes] | None = None
        opened(self)
        self.start()

    def write(self, name: str, content: str) -> None:
        path = self.folder / name
        path.write_text(content)
        give(path)

    def start(self) -> None:
        program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
        with (self.folder / "output").open("ab") as output:
            command = [program, str(self.folder / "ini")]
            self.process = subprocess.Popen(command, stdout=output, stderr=output, cwd="/", **unprivileged())
        wait_for(lambda: listens(self.port), "PgBouncer listens")

    def restart(self) -> None:
        self.stop()
        self.start()

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process)

    def close(self) -> None:
        try:
            self.stop()
        finally:
            remove(self.folder)
            closed(self)

    def url(self, database: str) -> str:
        return url_of(self.port, database, self.postgresql.ca_file)

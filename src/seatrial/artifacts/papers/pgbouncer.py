"""The pooler of docker-compose.yml: PgBouncer of Debian 13, pooling by transaction, prepared statements kept apart.

It takes connections with TLS and without, as code that was written for Neon asks for TLS (`sslmode=require`): the certificate
is made at each start, and nobody can verify it. Since 1.21 PgBouncer tells prepared statements of its clients apart where `max_prepared_statements` is set, as Neon does.
Source: pgbouncer.org/config.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.stamp import stamped
from seatrial.artifacts.survey import Survey

_IMAGE = r"""# PgBouncer between the backend and PostgreSQL, for docker-compose.yml alone.
FROM debian:trixie-slim
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends openssl pgbouncer \
    && rm -rf /var/lib/apt/lists/*
COPY pgbouncer.ini /etc/pgbouncer/pgbouncer.ini
USER 65534:65534
EXPOSE 6432
HEALTHCHECK --interval=2s --timeout=5s --retries=60 CMD ["bash", "-c", "</dev/tcp/127.0.0.1/6432"]
COPY start.sh /usr/local/bin/start.sh
CMD ["sh", "/usr/local/bin/start.sh"]
"""
_START = r"""#!/bin/sh
# The user and a certificate of this start, then the pooler in place of this shell.
set -eu
umask 077
printf '"%s" "%s"\n' "$POSTGRES_USER" "$POSTGRES_PASSWORD" >/tmp/users.txt
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=pgbouncer -keyout /tmp/key.pem -out /tmp/certificate.pem 2>/dev/null
exec pgbouncer /etc/pgbouncer/pgbouncer.ini
"""
_CONFIGURATION = """\
[databases]
* = host=postgres port=5432

[pgbouncer]
listen_addr = 0.0.0.0
listen_port = 6432
unix_socket_dir =
client_tls_sslmode = allow
client_tls_key_file = /tmp/key.pem
client_tls_cert_file = /tmp/certificate.pem
auth_type = scram-sha-256
auth_file = /tmp/users.txt
pool_mode = transaction
max_client_conn = 1000
default_pool_size = 20
max_prepared_statements = 200
server_login_retry = 1
"""


def draft(survey: Survey) -> Iterator[Draft]:
    """Image and configuration, for a backend on PostgreSQL."""
    if survey.data.engine == "postgresql":
        yield Draft(survey.path("deployment/pgbouncer/Dockerfile"), stamped(_IMAGE))
        yield Draft(survey.path("deployment/pgbouncer/start.sh"), stamped(_START), executable=True)
        yield Draft(survey.path("deployment/pgbouncer/pgbouncer.ini"), stamped(_CONFIGURATION, ";"))


PAPER = Paper("pgbouncer", "the pooler of the stack", (Purpose.COMPOSE,), draft, order=26)

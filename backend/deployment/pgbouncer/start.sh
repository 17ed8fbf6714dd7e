#!/bin/sh
# The user and a certificate of this start, then the pooler in place of this shell.
set -eu
umask 077
printf '"%s" "%s"\n' "$POSTGRES_USER" "$POSTGRES_PASSWORD" >/tmp/users.txt
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=pgbouncer -keyout /tmp/key.pem -out /tmp/certificate.pem 2>/dev/null
exec pgbouncer /etc/pgbouncer/pgbouncer.ini
# Written by `seatrial prepare` e3fbd1922bcc: it is kept in step until you change it; then it is yours.

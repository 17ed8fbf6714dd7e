#!/bin/sh
# Is this backend ready to be deployed? Says what is missing and what to do about it; exits 1 when anything is.
#
#     scripts/prepare-deployment.sh init      makes .env from .env.example, with new secrets
#     scripts/prepare-deployment.sh           checks all, and tries installation and start with the values of .env
#     scripts/prepare-deployment.sh --quick   checks without installing and starting
#     scripts/prepare-deployment.sh with ...  runs a command with the values of .env
#
# Variables of the shell come before those of .env; ENV_FILE names another file, PYTHON another interpreter.
set -eu
cd "$(dirname "$0")/.."

env_file=${ENV_FILE:-.env}
python=${PYTHON:-python3}
required="DATABASE_URL JWT_SECRET BETTER_AUTH_SECRET BETTER_AUTH_URL CORS_ORIGINS REDIS_URL"
secrets="JWT_SECRET BETTER_AUTH_SECRET"
problems=0

ok() { printf 'ok       %s\n' "$1"; }
problem() {
    printf 'PROBLEM  %s\n         %s\n' "$1" "$2" >&2
    problems=$((problems + 1))
}
usage() { echo "usage: $0 [init | --quick | with COMMAND]" >&2 && exit 2; }
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# Exports what the file sets and the shell does not. Values are taken as they stand: nothing in them is run.
load() {
    [ -r "$env_file" ] || return 0
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in '' | '#'*) continue ;; *=*) ;; *) continue ;; esac
        name=${line%%=*}
        value=${line#*=}
        case $value in
            '"'*'"') value=${value#\"} && value=${value%\"} ;;
            "'"*"'") value=${value#\'} && value=${value%\'} ;;
        esac
        printenv "$name" >/dev/null || export "$name=$value"
    done <"$env_file"
}

init() {
    if [ -e "$env_file" ]; then
        echo "$env_file is there already: nothing is changed" >&2
        exit 1
    fi
    umask 077
    while IFS= read -r line || [ -n "$line" ]; do
        case " $secrets " in *" ${line%%=*} "*) line="${line%%=*}=$(random)" ;; esac
        printf '%s\n' "$line"
    done <.env.example >"$env_file"
    echo "$env_file is made; values that hold change-me are yours to fill in"
}

check_environment() {
    for name in $required; do
        value=$(printenv "$name" || true)
        case $value in
            '') problem "$name is not set" "give it a value, in $env_file or on the platform" ;;
            *change-me* | *changeme* | *CHANGE_ME* | *user:password@* | '<'*'>' | your-* | *your_*_here*)
                problem "$name holds a placeholder" "give it a real value, in $env_file or on the platform" ;;
            *) ok "$name is set" ;;
        esac
    done
    for name in $secrets; do
        value=$(printenv "$name" || true)
        if [ -n "$value" ] && [ "${#value}" -lt 32 ]; then
            problem "$name is shorter than 32 characters" "make one with: openssl rand -hex 32"
        fi
    done
}

check_repository() {
    git rev-parse --is-inside-work-tree >/dev/null 2>&1 || return 0
    tracked=$(git ls-files -- '.env' '.env.*' '*.pem' '*.key' | grep -vE '\.(example|sample|template|dist)$' || true)
    if [ -n "$tracked" ]; then
        problem "committed: $(echo "$tracked" | tr '\n' ' ')" "git rm --cached it, and make every secret in it anew"
    else
        ok "no .env and no key is committed"
    fi
    key='BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|sk_live_[0-9A-Za-z]{16}|gh[pousr]_[0-9A-Za-z]{36}'
    url='postgres(ql)?(\+[a-z0-9]+)?://[^:/@ ]+:[^@/ ]{6,}@[^ ]*\.(neon\.tech|railway\.app|rlwy\.net|amazonaws\.com)'
    blank='://[^:/@ ]+:(pass(word|wd)?|your[-_a-z]*|change[-_]?me|x+|<[^>]*>|\[[^]]*\]|\$?\{[^}]*\})@'
    found=$(git grep -nIE "$key|$url" -- . ':!scripts/prepare-deployment.sh' ':!*.md' ':!tests' |
        grep -viE "$blank" | cut -d: -f1,2 || true)
    if [ -n "$found" ]; then
        problem "secrets in the code: $(echo "$found" | tr '\n' ' ')" "take them out, and make them anew: git keeps the old"
    else
        ok "no secret of a known form is committed"
    fi
}

check_lock() {
    ok "requirements.txt is what gets installed"
}

free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

answers() {
    "$python" - "$1" 2>/dev/null <<'PROBE'
import sys, urllib.request
urllib.request.urlopen("http://127.0.0.1:%s/health" % sys.argv[1], timeout=5)
PROBE
}

try_start() {
    work=$(mktemp -d)
    server=
    trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    if ! install >"$work/install.log" 2>&1; then
        problem "the installation fails: $(tail -n 3 "$work/install.log")" "mend requirements.txt, then try again"
        return 0
    fi
    ok "everything can be installed"
    PORT=$(free_port)
    export PORT PATH="$work/venv/bin:$PATH"
    env PORT="$PORT" HOST=127.0.0.1 python -m src >"$work/server.log" 2>&1 &
    server=$!
    waited=0
    until answers "$PORT"; do
        if ! kill -0 "$server" 2>/dev/null || [ "$waited" -ge 60 ]; then
            problem "the server does not answer: $(tail -n 3 "$work/server.log")" "seatrial boot shows why"
            return 0
        fi
        waited=$((waited + 1))
        sleep 1
    done
    ok "it starts and answers /health"
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
    ok "it stops when it is told to"
}

install() {
    "$python" -m venv "$work/venv" &&
        "$work/venv/bin/pip" install --quiet --require-hashes -r requirements.txt
}

case ${1:-} in
    init) init && exit 0 ;;
    with) [ $# -gt 1 ] || usage; shift && load && exec "$@" ;;
    --quick | '') ;;
    *) usage ;;
esac
load
check_environment
check_repository
check_lock
if [ "$problems" -gt 0 ]; then
    echo "Not tried: installation and start, before the problems above are solved." >&2
elif [ "${1:-}" != --quick ]; then
    try_start
fi
if [ "$problems" -gt 0 ]; then
    echo "Not ready: $problems to solve." >&2
    exit 1
fi
echo "Ready to be deployed."
# Written by `seatrial prepare` dc4b1c53b632: it is kept in step until you change it; then it is yours.

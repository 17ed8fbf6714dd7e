"""scripts/prepare-deployment.sh: is everything there that a deployment needs? Exits 1 and says what to do if not."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.installing import TOOLS, UV
from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.stamp import stamped
from seatrial.artifacts.survey import Install, Survey

_TEXT = r"""#!/bin/sh
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
required="@required@"
secrets="@secrets@"
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
@lock@
}

free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

answers() {
    "$python" - "$1" 2>/dev/null <<'PROBE'
@probe@
PROBE
}

try_start() {
    work=$(mktemp -d)
    server=
    trap 'if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi; rm -rf "$work"' EXIT
    trap 'exit 130' INT TERM
    if ! install >"$work/install.log" 2>&1; then
        problem "the installation fails: $(tail -n 3 "$work/install.log")" "mend @first@, then try again"
        return 0
    fi
    ok "everything can be installed"
    PORT=$(free_port)
    export PORT PATH="$work/venv/bin:$PATH"@pythonpath@
    @command@ >"$work/server.log" 2>&1 &
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
    ok "it starts and answers@where@"
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
    ok "it stops when it is told to"
}

install() {
    "$python" -m venv "$work/venv" &&
@install@
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
"""
_PROBE_HEALTH = """\
import sys, urllib.request
urllib.request.urlopen("http://127.0.0.1:%s{route}" % sys.argv[1], timeout=5)"""
_PROBE_PORT = """\
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5).close()"""
_LOCK = """\
    if ! command -v {tool} >/dev/null; then
        problem "{tool} is not installed" "pip install '{pin}'"
    elif {check} >/dev/null 2>&1; then
        ok "the lock is in step with its manifest"
    else
        problem "the lock is not in step with its manifest" "{mend}, and commit it"
    fi"""
# pdm looks for an interpreter first, makes .venv where it finds none, and one that it was told of before counts for more
# than the active environment. What is tried here shall leave alone what people work in.
_CHECKS = {
    "uv": ("uv lock --check", "uv lock"),
    "poetry": ("poetry check --lock", "poetry lock"),
    "pdm": ('PDM_PYTHON=$(command -v "$python") pdm lock --check', "pdm lock"),
    "pipenv": ("pipenv verify", "pipenv lock"),
}


def draft(survey: Survey) -> Iterator[Draft]:
    """One script for a POSIX shell."""
    probe = _PROBE_HEALTH.format(route=survey.health) if survey.health else _PROBE_PORT
    paths = ":".join((survey.launch.app_dir, *survey.launch.paths)) if survey.launch.paths else ""
    values = {
        "required": " ".join(variable.name for variable in survey.required),
        "secrets": " ".join(variable.name for variable in survey.variables if variable.secret),
        "lock": _lock(survey.install),
        "probe": probe,
        "first": survey.install.first,
        "pythonpath": f" PYTHONPATH={paths}" if paths else "",
        "command": survey.launch.command('"$PORT"', host="127.0.0.1"),
        "where": f" {survey.health}" if survey.health else "",
        "install": f"        {install_command(survey.install)}",
    }
    text = _TEXT
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    yield Draft(survey.path("scripts/prepare-deployment.sh"), stamped(text), executable=True)


def _lock(install: Install) -> str:
    if not install.locked or install.tool not in _CHECKS:
        return f'    ok "{install.first} is what gets installed"'
    check, mend = _CHECKS[install.tool]
    return _LOCK.format(tool=install.tool, pin=TOOLS[install.tool], check=check, mend=mend)


def install_command(install: Install) -> str:
    """The command that installs into the environment at `$work/venv`."""
    active = 'VIRTUAL_ENV="$work/venv"'
    if install.tool == "uv":
        return f'UV_PROJECT_ENVIRONMENT="$work/venv" uv sync --locked --no-dev --no-install-project{install.options}'
    if install.tool == "poetry":
        return f"{active} poetry install --only main{install.options} --no-root -n"
    if install.tool == "pdm":
        return f'{active} PDM_PYTHON="$work/venv/bin/python" pdm sync --prod --no-self{install.options}'
    if install.tool == "pipenv":
        return f"{active} pipenv {'sync' if install.locked else 'install --skip-lock'}{install.options}"
    if install.first.endswith("pyproject.toml"):
        return (
            f'"$work/venv/bin/pip" install --quiet "{UV}" && '
            f'"$work/venv/bin/uv" pip install --python "$work/venv/bin/python" -r {install.first}{install.options}'
        )
    hashes = " --require-hashes" if install.hashed else ""
    return f'"$work/venv/bin/pip" install --quiet{hashes} -r {install.first}'


_ALL = (Purpose.RAILWAY, Purpose.DOCKER, Purpose.COMPOSE, Purpose.GITHUB)
PAPER = Paper("prepare-script", "checks that a deployment has all it needs", _ALL, draft, order=31)

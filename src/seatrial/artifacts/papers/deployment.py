"""DEPLOYMENT.md: the way to production, with a checklist of what this backend does already and what it does not.

The checklist is filled in from what the code says, not from what one would wish.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.checklist import Point, points
from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.papers.quickstart import deployment_path
from seatrial.artifacts.stamp import stamped
from seatrial.artifacts.survey import DRAIN_S, Survey

_TEXT = """\
# Deployment

Railway runs the server{database_on}; the front end is served from elsewhere. `bash` blocks can be run as they stand, in the
backend's folder; `text` blocks act on accounts of yours.

## 1. Is it ready?

```bash
scripts/prepare-deployment.sh --quick || true
```

names every required variable that is missing, weak or a placeholder, a lock out of step, and secrets in the repository.
Without `--quick` it also installs and starts the server with the values of `.env`. It exits with 1 while anything is left.

## 2. Variables

They are set on the platform, never committed. [.env.example]({up}.env.example) names all {count}.

{variables}

Make a secret with:

```bash
python3 -c "import secrets; print(secrets.token_hex(32))"
```
{database}
## {n_railway}. Railway

{build}

```text
npm install --global @railway/cli
railway login
railway link
railway config plan
railway config apply
railway up --ci
```

{configuration} It sets what the defaults get wrong:

| setting | here | default | why |
| --- | --- | --- | --- |
| draining time (`RAILWAY_DEPLOYMENT_DRAINING_SECONDS`) | {drain} s | 0 s | between SIGTERM and SIGKILL: requests in flight \
are finished, for {grace} s at most |
| overlap (`RAILWAY_DEPLOYMENT_OVERLAP_SECONDS`) | 10 s | 0 s | the old deployment serves until the new one is known |
| health check | {health} | none | traffic moves when it answers 200, within 120 s; its Host is `healthcheck.railway.app` |
{migrations}
The server listens on `0.0.0.0` and the `PORT` that Railway sets. A start command set in Railway's dashboard for an image
is run without a shell, so that `$PORT` stays as it is: leave it empty.

## {n_verify}. Is it really up?

```text
seatrial verify https://YOUR-SERVICE.up.railway.app --wait 300 --frontend {frontend}
```

## {n_back}. Back

A deployment that does not become healthy never gets traffic. One that did is taken back with `railway rollback`, or in the
dashboard by redeploying the one before. Migrations are not taken back: make them so that the version before still works.

## Security checklist

As the code stands when this was written; `seatrial audit` has the places, `seatrial prepare --check` says when it is out
of step.

{checklist}
"""
_DATABASE = """
## 3. Database on Neon

Neon's console gives a *pooled* URL (its host ends in `-pooler`), which is for the server, and a direct one, which is for
migrations, `pg_dump` and LISTEN. It suspends after five minutes without a query: the first connection after that takes from
some hundred milliseconds to seconds.
{asyncpg}"""
_MARKS = {True: "yes", False: "**no**", None: "?"}
_ASYNCPG = """\
asyncpg refuses `sslmode` and `channel_binding` in a URL: `seatrial audit` says whether this backend translates them. Behind a
pool by transaction its cache of statements is switched off by `connect_args={"statement_cache_size": 0}`.
"""


def draft(survey: Survey) -> Iterator[Draft]:
    """The guide."""
    path = deployment_path(survey)
    postgres = survey.data.engine == "postgresql"
    first = 4 if postgres else 3
    text = _TEXT.format(
        database_on=", PostgreSQL is Neon's" if postgres else "",
        up="../" if "/" in path else "",
        count=f"{len(survey.variables)} of them" if len(survey.variables) != 1 else "the one",
        variables=_variables(survey),
        database=_DATABASE.format(asyncpg=_ASYNCPG if survey.data.asyncpg else "") if postgres else "",
        build=_build(survey),
        configuration=_configuration(survey),
        drain=DRAIN_S + 5,
        grace=DRAIN_S,
        health=f"`{survey.health}`" if survey.health else "none: this backend has no health route yet",
        migrations=_migrations(survey),
        n_railway=first,
        n_verify=first + 1,
        n_back=first + 2,
        frontend=survey.frontend or "https://YOUR-FRONT-END.vercel.app",
        checklist=_table(points(survey)),
    )
    yield Draft(survey.path(path), stamped(text, "<!--", "-->"))


def _variables(survey: Survey) -> str:
    if not survey.required:
        return "None is required."
    rows = [f"| `{it.name}` | {it.comment or 'a value of your own'} |" for it in survey.required]
    return "\n".join(["| required | what it is |", "| --- | --- |", *rows])


def _build(survey: Survey) -> str:
    if survey.image:
        return "Railway builds the [Dockerfile]({}Dockerfile), which comes before every other way.".format(
            "" if deployment_path(survey) == "DEPLOYMENT.md" else "../"
        )
    root = f" Its root directory is `{survey.within}`." if survey.within != "." else ""
    return f"Railpack installs with {survey.install.tool} and starts what the Procfile says.{root}"


def _configuration(survey: Survey) -> str:
    """What the plan is made from; papers that were asked for without those of Railway do not have it."""
    if not survey.railway:
        return "The plan is made from `.railway/railway.ts`, which `seatrial prepare --for railway` writes."
    up = "../" if "/" in deployment_path(survey) else ""
    return (
        f"[.railway/railway.ts]({up}.railway/railway.ts) is what the plan is made from (`railway.json` and `railway.toml` are "
        "not read\nany more from 2026-12-01)."
    )


def _migrations(survey: Survey) -> str:
    if not survey.data.migrations:
        return ""
    return (
        "| before the deployment | `python -m alembic upgrade head` | none | in a container of its own; if it fails, nothing is "
        "deployed |\n"
    )


def _table(found: list[Point]) -> str:
    rows = [f"| {_MARKS[it.holds]} | {it.what} | {it.said} |" for it in found]
    return "\n".join(["| done | point | here |", "| --- | --- | --- |", *rows])


_ALL = (Purpose.RAILWAY, Purpose.DOCKER, Purpose.COMPOSE, Purpose.GITHUB)
PAPER = Paper("deployment", "the way to production, with a security checklist", _ALL, draft, order=42)

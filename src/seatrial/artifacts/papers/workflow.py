"""A workflow of GitHub Actions: audit, build, a gate before the deployment, and the trial of what is live."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.artifacts.installing import TOOLS
from seatrial.artifacts.paper import Draft, Paper, Purpose
from seatrial.artifacts.stamp import stamped
from seatrial.artifacts.survey import Survey

_TEXT = """\
# Nothing is deployed that was not audited, built and tested, and nothing stays unseen once it is live.
# Settings of the repository: secret RAILWAY_TOKEN; variables RAILWAY_SERVICE, PRODUCTION_URL, FRONTEND_ORIGIN.
# Reviewers of the environment "production" are the gate that people keep.
name: {title}
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
concurrency:
  group: {name}-${{{{ github.ref }}}}
  cancel-in-progress: ${{{{ github.event_name == 'pull_request' }}}}
defaults:
  run:
    working-directory: {folder}

jobs:
  audit:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "{python}"
      - name: Install seatrial
        run: pip install seatrial
      - name: Audit
        run: seatrial audit --format github --fail-level error
      - name: Papers in step with the code
        run: seatrial prepare --check

  build:
    needs: audit
    runs-on: ubuntu-latest
    timeout-minutes: 20
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "{python}"
{tool}      - name: Tests
        run: python scripts/run_tests.py
{image}
  deploy:
    needs: build
    if: github.event_name == 'push' && github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    timeout-minutes: 20
    environment: production
    env:
      RAILWAY_TOKEN: ${{{{ secrets.RAILWAY_TOKEN }}}}
      RAILWAY_SERVICE: ${{{{ vars.RAILWAY_SERVICE }}}}
    steps:
      - uses: actions/checkout@v4
      - name: Gate
        run: |
          for name in RAILWAY_TOKEN RAILWAY_SERVICE; do
            if [ -z "$(printenv "$name")" ]; then echo "::error::$name is not set in the settings"; exit 1; fi
          done
      - name: Deploy
        run: npx --yes @railway/cli up --ci --service "$RAILWAY_SERVICE"

  verify:
    needs: deploy
    runs-on: ubuntu-latest
    timeout-minutes: 10
    env:
      PRODUCTION_URL: ${{{{ vars.PRODUCTION_URL }}}}
      FRONTEND_ORIGIN: ${{{{ vars.FRONTEND_ORIGIN }}}}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "{python}"
      - name: Install seatrial
        run: pip install seatrial
      - name: Verify
        run: seatrial verify "$PRODUCTION_URL" --wait 300 --frontend "$FRONTEND_ORIGIN"
"""
_IMAGE = """\
      - name: Image
        run: docker build --tag candidate .
"""


def draft(survey: Survey) -> Iterator[Draft]:
    """GitHub reads workflows in the repository's root only: elsewhere there is none to write."""
    if survey.above:
        return
    tool = survey.install.tool
    text = _TEXT.format(
        title=f"{survey.name} to production",
        name=survey.name,
        folder=survey.within,
        python=survey.python,
        tool=f"      - name: Install {tool}\n        run: pip install '{TOOLS[tool]}'\n" if tool in TOOLS else "",
        image=_IMAGE if survey.image else "",
    )
    yield Draft(".github/workflows/seatrial.yml", stamped(text))


PAPER = Paper("workflow", "audit, build, deploy gate and verify on GitHub", (Purpose.GITHUB,), draft, order=35)

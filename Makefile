# Each recipe does all its own set-up: on a fresh machine Python 3.11 or later, make and git are enough.

READY := .venv/.ready
BIN := .venv/bin

# The reference backend is a project of its own, with an environment of its own.
BACKEND_READY := backend/.venv/.ready
BACKEND_BIN := .venv/bin
PORT ?= 8080
HOST ?= 0.0.0.0

.PHONY: help setup system demo test nightly lint format types docs bench requirements clean
.PHONY: backend backend-setup test-backend bench-backend site

help:
	@echo "make demo          the whole voyage: mend a broken backend, build and try the reference backend"
	@echo "make test          the tests (make test ARGS='tests/report -k text' for some of them)"
	@echo "make nightly       the tests that take long"
	@echo "make setup         the command at .venv/bin/seatrial"
	@echo "make lint types    what CI checks besides"
	@echo "make format docs   rewrite code in one style, and the pages made from it"
	@echo "make backend       the reference backend on PORT (make backend PORT=8080), with all it needs"
	@echo "make test-backend  the tests of the reference backend alone"
	@echo "make bench-backend its speed, beside bare FastAPI and the full-stack template"
	@echo "make site          the documentation, in build/site"
	@echo "make bench         speed, side by side with the peers"
	@echo "make requirements  pin the requirements anew"

setup: $(READY)
	@:

$(READY): pyproject.toml requirements/uv.txt requirements/dev.txt tools/setup
	@tools/setup
	@touch $@

system:
	@tools/system

# Nothing of the system is needed: where there is no PostgreSQL, seatrial fetches one from the package index.
demo: setup
	@$(BIN)/seatrial demo $(ARGS)

# The backend's come last, unless some of the others are named.
test: setup system
	@$(BIN)/python -m pytest $(ARGS)
	@$(if $(findstring tests/,$(ARGS)),:,$(MAKE) --no-print-directory test-backend ARGS="-p no:cacheprovider")

nightly: setup system
	@$(BIN)/python -m pytest -m nightly $(ARGS)
	@$(if $(findstring tests/,$(ARGS)),:,$(MAKE) --no-print-directory test-backend ARGS="-m nightly")

lint: setup
	@$(BIN)/ruff format --check --quiet || { echo "Some files are not formatted: make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet
	@$(BIN)/lint-imports

format: setup
	@$(BIN)/ruff check --quiet --fix-only --select I
	@$(BIN)/ruff format

types: setup backend-setup
	@$(BIN)/mypy
	@cd backend && $(BACKEND_BIN)/mypy

docs: setup
	@$(BIN)/python -m tools.docs

site: setup docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "build/site/index.html"

bench: setup
	@benchmarks/setup
	@$(BIN)/python -m benchmarks $(ARGS)

requirements: setup
	@tools/requirements
	@UV=$(CURDIR)/$(BIN)/uv backend/tools/requirements

backend-setup: $(BACKEND_READY)
	@:

$(BACKEND_READY): backend/requirements-dev.txt backend/tools/setup | $(READY)
	@UV=$(CURDIR)/$(BIN)/uv PYTHON=$(CURDIR)/$(BIN)/python backend/tools/setup
	@touch $@

backend: backend-setup
	@cd backend && exec $(BACKEND_BIN)/uvicorn src.main:app --reload --host $(HOST) --port $(PORT)

test-backend: backend-setup system
	@cd backend && $(BACKEND_BIN)/python -m pytest $(ARGS)

bench-backend: backend-setup system
	@cd backend && $(BACKEND_BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf .venv backend/.venv .bench build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

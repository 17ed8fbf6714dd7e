# Each recipe does all its own set-up: on a fresh machine Python 3.11 or later, make and git are enough.

READY := .venv/.ready
BIN := .venv/bin

.PHONY: help setup system demo test nightly lint format types docs bench requirements clean

help:
	@echo "make demo          audit and boot a broken backend, until it serves"
	@echo "make test          the tests (make test ARGS='tests/report -k text' for some of them)"
	@echo "make nightly       the tests that take long"
	@echo "make setup         the command at .venv/bin/seatrial"
	@echo "make lint types    what CI checks besides"
	@echo "make format docs   rewrite code in one style, and the pages made from it"
	@echo "make bench         speed, side by side with the peers"
	@echo "make requirements  pin the requirements anew"

setup: $(READY)
	@:

$(READY): pyproject.toml requirements/uv.txt requirements/dev.txt tools/setup
	@tools/setup
	@touch $@

system:
	@tools/system

demo: setup system
	@$(BIN)/seatrial demo

test: setup system
	@$(BIN)/python -m pytest $(ARGS)

nightly: setup system
	@$(BIN)/python -m pytest -m nightly $(ARGS)

lint: setup
	@$(BIN)/ruff format --check --quiet || { echo "Some files are not formatted: make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet
	@$(BIN)/lint-imports

format: setup
	@$(BIN)/ruff check --quiet --fix-only --select I
	@$(BIN)/ruff format

types: setup
	@$(BIN)/mypy

docs: setup
	@$(BIN)/python -m tools.docs

bench: setup
	@benchmarks/setup
	@$(BIN)/python -m benchmarks $(ARGS)

requirements: setup
	@tools/requirements

clean:
	rm -rf .venv .bench build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

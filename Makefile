# Everything here works with Python 3.11 or newer and nothing else. `make` alone lists it.

PYTHON ?= python3
UV ?= uv
BIN := .venv/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
TESTS ?= tests
export CHROMIUM

.PHONY: help demo test check unit postgres browser bench lock format ralph migration

help: ## List what there is.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: .venv/installed ## Show everything in one process, on synthetic people, at one address.
	@$(BIN)/lti-peer demo $(DEMO)

test: check unit postgres browser ## Run all checks and tests.

check: .venv/installed-dev ## Look at format, style and types.
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

unit: .venv/installed-dev ## Run the tests on SQLite, without a browser.
	$(BIN)/pytest -q -n 2 -m "not browser" $(TESTS)

postgres: .venv/installed-dev ## Run the tests that use a database once more, on PostgreSQL.
	LTI_PEER_TEST_DATABASE=postgres $(BIN)/pytest -q -n 2 -m "not browser" $(TESTS)

browser: .venv/installed-dev ## Run the tests that need Chromium, where there is one.
ifneq ($(CHROMIUM),)
	$(BIN)/pytest -q -n 2 -m browser $(TESTS)
else ifeq ($(CI),true)
	@echo "No Chromium: set CHROMIUM, or install the package chromium." && exit 1
else
	@echo "Skipped: the browser tests. Install the package chromium, or set CHROMIUM to one."
endif

bench: .venv/installed-dev ## Print how long things take.
	@for script in tests/bench/[a-z]*.py; do PYTHONPATH=tests $(BIN)/python $$script || exit 1; done

lock: ## Write the lock files anew; needs uv.
	$(UV) pip compile --quiet $(LOCK) pyproject.toml --output-file requirements.lock
	$(UV) pip compile --quiet $(LOCK) pyproject.toml --group dev --output-file requirements-dev.lock
	$(UV) pip compile --quiet $(LOCK) pyproject.toml --extra postgres --extra gunicorn \
		--output-file requirements-server.lock

LOCK := --universal --python-version 3.11 --generate-hashes --upgrade \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header

format: .venv/installed-dev ## Put the code into its form.
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --quiet --fix .

migration: .venv/installed-dev ## Write the next step of the schema: make migration M="What changes".
	$(BIN)/python -m lti_peer.migrations "$(M)"
	$(BIN)/ruff format --quiet lti_peer/migrations

ralph: .venv/installed-dev ## Install Ralph, an outside record store, for the tests.
	$(BIN)/python tests/support/ralph.py

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python requirements.lock pyproject.toml
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --editable .
	@touch $@

.venv/installed-dev: .venv/bin/python requirements-dev.lock pyproject.toml
	$(PIP) --require-hashes --requirement requirements-dev.lock
	$(PIP) --no-deps --editable .
	@touch $@ .venv/installed

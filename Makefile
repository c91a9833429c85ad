# Everything here works with Python 3.11 or newer and nothing else. `make` alone lists it.

PYTHON ?= python3
UV ?= uv
BIN := .venv/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
TESTS ?= tests
# Each file in one process, which builds its stage once; and in their order: long ones come first.
SPREAD := --dist loadfile --no-loadscope-reorder
export CHROMIUM
# Else each process would compile everything anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test check whole unit postgres browser bench lock format ralph interop hostile migration

help: ## List what there is.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: .venv/installed ## Show everything in one process, on synthetic people, at one address.
	@$(BIN)/lti-peer demo $(DEMO)

test: .venv/installed-dev ## Run all checks and tests.
	@$(MAKE) --no-print-directory --jobs 2 check whole

check: .venv/installed-dev ## Look at format, style and types.
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

whole: .venv/installed-dev ## Run all tests, those of a database on SQLite and PostgreSQL.
	LTI_PEER_TEST_DATABASE=both $(BIN)/pytest -q -rs -n 3 $(SPREAD) $(TESTS)

unit: .venv/installed-dev ## Run the quick tests: SQLite, no browser, no servers, no cases of specifications.
	$(BIN)/pytest -q -n 2 -m "not (browser or slow or postgres or conformance)" $(TESTS)

postgres: .venv/installed-dev ## Run the tests that use a database, on PostgreSQL.
	LTI_PEER_TEST_DATABASE=postgres $(BIN)/pytest -q -n 2 -m "not browser" $(TESTS)

browser: .venv/installed-dev ## Run the tests that need Chromium, where there is one.
	$(BIN)/pytest -q -rs -n 2 $(SPREAD) -m browser $(TESTS)

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
	PYTHONPATH=tests $(BIN)/python tests/support/ralph.py

interop: .venv/installed-dev ## Install Open edX's LTI consumer, a platform for the tests.
	PYTHONPATH=tests $(BIN)/python tests/interop/xblock.py

hostile: .venv/installed-dev ## Post hostile launches: COUNT of them, 100,000 at first.
	PYTHONPATH=tests $(BIN)/python tests/hostile/launches.py --count $(or $(COUNT),100000)
	PYTHONPATH=tests $(BIN)/python tests/hostile/races.py

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

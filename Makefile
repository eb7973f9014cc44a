# Trục. `make run` runs the main job, `make test` passes the tests; each sets up what it needs first.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
PYTEST_WORKERS ?= 2

.PHONY: run test install install-dev lint bench lock contracts clean

run: $(INSTALLED)
	$(BIN)/truc demo $(ARGS)

test: $(INSTALLED_DEV)
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile $(ARGS)

install: $(INSTALLED)

install-dev: $(INSTALLED_DEV)

lint: $(INSTALLED_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED_DEV)
	$(BIN)/truc bench $(or $(ARGS),sync --rate 200 --seconds 30)

# writes what is made from the code: contracts/asyncapi.json, contracts/openapi/, rules and dashboards
contracts: $(INSTALLED_DEV)
	$(BIN)/python -m deploy.documents

# pins every version and hash anew
lock: $(INSTALLED_DEV)
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url -o requirements.lock pyproject.toml requirements.build.in
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --extra dev --generate-hashes --no-header \
		--no-annotate --no-emit-index-url -c requirements.lock -o requirements-dev.lock pyproject.toml \
		requirements.build.in

clean:
	rm -rf $(VENV) .truc

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Trục needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(INSTALLED_DEV): requirements-dev.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(INSTALLED)

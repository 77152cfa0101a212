# make report     the environment, then the demo company's latest month as one HTML page
# make check      lint, then the fast half of the tests: before each commit
# make test       lint, then every test, the notebooks among them
# make coverage   what the tests reach, with a floor for each room
# make lint       ruff, codespell and mypy;  make format puts code into shape
# make env        the environment alone, in .venv
#
# make test-py312, make test-py313   the fast tests on another Python, in an environment of their own
# make test-lowest                   the fast tests on the lowest versions that pyproject.toml allows

PYTHON ?= python3
PYTHON312 ?= python3.12
PYTHON313 ?= python3.13
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CONSTRAINTS := constraints.txt
WAREHOUSE := data/demo/warehouse.duckdb
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadgroup
FAST := not (slow or browser or spark or postgres or real)
# what to test, in pytest's words: make test SELECT='-m "not real"'
SELECT ?=

# Without bytecode every notebook recompiles the libraries: twice the wait.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: env report check test fast coverage lint format test-py312 test-py313 test-lowest clean
.DELETE_ON_ERROR:

env: $(READY)

$(READY): pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --compile -c $(CONSTRAINTS) -e '.[test]'
	$(BIN)/python -m compileall -q smarketing
	touch $@

report: env
	$(BIN)/smarketing demo data/demo --out reports/demo

$(WAREHOUSE): $(READY) $(wildcard data/demo/raw/* data/demo/raw/*/*) data/demo/sources.yml $(shell find smarketing/warehouse -name '*.py')
	$(BIN)/smarketing ingest data/demo
	touch $@

check: lint fast

fast: $(WAREHOUSE)
	$(PYTEST) -m "$(FAST)"

test: lint $(WAREHOUSE)
	$(PYTEST) $(SELECT)

coverage: $(WAREHOUSE)
	$(PYTEST) --cov --cov-report=json:.coverage.json --cov-report= $(SELECT)
	$(BIN)/python -m tests.coverage_floors .coverage.json

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/mypy

format: env
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-py312 test-py313: test-py3%:
	$(MAKE) fast VENV=.venv-3.$* PYTHON=$(PYTHON3$*)

test-lowest:
	$(MAKE) fast VENV=.venv-lowest CONSTRAINTS=constraints-lowest.txt

clean:
	rm -rf $(VENV) .venv-* $(WAREHOUSE) data/*/rejects

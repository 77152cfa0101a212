# make report   the environment, then the demo company's latest month as one HTML page
# make test     the environment, then every test, the notebooks among them
# make env      the environment alone, in .venv

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WAREHOUSE := data/demo/warehouse.duckdb

# Without bytecode every notebook recompiles the libraries: twice the wait.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: env report test lint format clean
.DELETE_ON_ERROR:

env: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --compile -c constraints.txt -e '.[test]'
	$(BIN)/python -m compileall -q smarketing
	touch $@

report: env
	$(BIN)/smarketing demo data/demo

$(WAREHOUSE): $(READY) $(wildcard data/demo/raw/* data/demo/raw/*/*) data/demo/sources.yml $(wildcard smarketing/warehouse/*.py)
	$(BIN)/smarketing ingest data/demo
	touch $@

test: lint $(WAREHOUSE)
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: env
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(WAREHOUSE) data/*/rejects

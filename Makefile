# Everything a contributor needs; `make help` lists it.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
JOBS ?= 2

.PHONY: help install run test faults soak check format lock graph bench clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(STAMP) ## a virtual environment with everything in it, from the locked versions

$(STAMP): requirements.txt requirements-dev.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: install ## start everything on this machine and print the link
	@exec $(BIN)/limitless serve

test: install ## all tests, on an embedded Postgres
	$(BIN)/python -m pytest -n $(JOBS)

faults: install ## the long form of what kills, races and cuts off
	FAULT_ROUNDS=$${FAULT_ROUNDS:-5} SOAK_MINUTES=0.2 $(BIN)/python -m pytest tests/faults tests/soak -o timeout=900

soak: install ## an hour (SOAK_MINUTES) of steady load: nothing may grow
	SOAK_MINUTES=$${SOAK_MINUTES:-60} $(BIN)/python -m pytest tests/soak -s

check: install ## style, types and import floors
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --verbose 2>/dev/null | tail -n 3

format: install ## rewrite files in the house style
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

graph: install ## draw the graph into the README
	$(BIN)/python -m agent.picture README.md

bench: install ## measure, each figure beside its floor
	$(BIN)/python -m benchmarks

lock: ## choose versions again and write them down with their hashes
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --extra otel --extra redis --extra supabase pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --group dev pyproject.toml -c requirements.txt -o requirements-dev.txt

clean: ## forget the virtual environment (data in .limitless stays)
	rm -rf $(VENV) .mypy_cache .ruff_cache

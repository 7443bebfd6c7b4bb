# What one does here. Each target does all of its own set-up in .venv; a second call costs nothing.
#
#   make demo    see it work on real data          make check   format, lint, types, floors
#   make test    everything that is tested          make unit    the fast tests alone
#   make bench   side by side with Metaflow         make docs    write again what is generated in docs/
#   make pins    compile requirements/*.txt again   make clean   remove all that these made

SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: help demo test check unit bench docs pins clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL = if $(BIN)/uv --version >/dev/null 2>&1; then $(BIN)/uv pip install --quiet --python $(BIN)/python $(1); \
	else $(BIN)/python -m pip install -qq $(1); fi

help:
	@sed -n '2,7s/^# \{0,1\}//p' Makefile

demo: $(VENV)/.demo
	@$(BIN)/python examples/demo.py

test: check
	@$(BIN)/pytest

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

unit: $(VENV)/.dev
	@$(BIN)/pytest tests/unit

bench: $(VENV)/.dev
	@$(BIN)/python benchmarks/run.py

docs: $(VENV)/.dev
	@$(BIN)/python docs/generate.py

# Versions only: where packages come from is the business of each machine.
pins: $(VENV)/.dev
	@for name in run demo dev; do rm -f requirements/$$name.txt; done
	@cd requirements && for name in run:../pyproject.toml dev:dev.in demo:demo.in; do \
		../$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
			--no-header --no-annotate -o $${name%%:*}.txt $${name#*:}; done

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .bench-venv
	find . -name __pycache__ -prune -exec rm -rf {} +

# --- set-up ------------------------------------------------------------------------------------------------------

# Debian's python3 has no ensurepip unless python3-venv is there: then pip puts itself in, or root gets the package.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11"; exit 1; }
	@echo "making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 \
		|| { rm -rf $(VENV); $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip -qq --python $(BIN)/python install pip; } \
		|| { rm -rf $(VENV); test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install -qq uv || echo "uv cannot be had here: pip does its work, more slowly"
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements/run.txt pyproject.toml
	@echo "installing flagstone ..."
	@$(call INSTALL,-r requirements/run.txt)
	@$(call INSTALL,--no-deps -e .)
	@touch $@

$(VENV)/.demo: $(VENV)/.run requirements/demo.txt
	@echo "installing what the demo needs ..."
	@$(call INSTALL,-r requirements/demo.txt)
	@touch $@

# torch comes through pip alone: a machine's own pip configuration decides which build it gets.
$(VENV)/.dev: $(VENV)/.run requirements/dev.txt requirements/torch.txt
	@echo "installing what the tests need ..."
	@$(call INSTALL,-r requirements/dev.txt)
	@$(BIN)/python -m pip install -qq -c requirements/dev.txt -r requirements/torch.txt
	@touch $@

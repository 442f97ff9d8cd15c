# make run   the bundled example patient, in a window or as pictures and a report in ./review
# make test  the tests and checks' environment, then the tests
# Both go through make setup, which leaves .venv/ and skips what is already there.

SHELL := /bin/bash
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c packaging/constraints.txt
WHAT_IS_INSTALLED := pyproject.toml packaging/constraints.txt
export QT_QPA_PLATFORM_FOR_TESTS ?= offscreen

.PHONY: run test test-long setup setup-test check bench model clean

run: setup
	$(BIN)/stentviewer demo --out review

test: setup-test
	QT_QPA_PLATFORM=$(QT_QPA_PLATFORM_FOR_TESTS) $(BIN)/python -m pytest -m "not long" --cov --cov-report=term:skip-covered $(ARGS)

test-long: setup-test
	QT_QPA_PLATFORM=$(QT_QPA_PLATFORM_FOR_TESTS) $(BIN)/python -m pytest -m long --timeout 3600 $(ARGS)

setup: $(VENV)/.ready
setup-test: $(VENV)/.ready-test

$(VENV)/.ready: $(WHAT_IS_INSTALLED)
	@test -n "$(PYTHON)" || { echo "stentviewer needs Python 3.11 or newer; none was found. On Debian or Ubuntu: sudo apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) packaging/system_libraries.py
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what stentviewer needs into $(VENV)/ (once, a few minutes) …"
	@$(PIP) -e .
	@touch $@

$(VENV)/.ready-test: $(VENV)/.ready
	@echo "Installing what the tests need into $(VENV)/ (once; with torch, several minutes) …"
	@$(PIP) -e '.[learn,dev]'
	@touch $@

check: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup-test
	@QT_QPA_PLATFORM=$(QT_QPA_PLATFORM_FOR_TESTS) $(BIN)/python -m tests.benchmarks $(ONLY)

# The demo model, made again from its seed (about two hours on two cores). The memory settings keep
# glibc from giving memory back between steps, which costs half of the time.
model: setup-test
	MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=8589934592 \
	$(BIN)/python -m stentviewer.learning.demo_model --out models/stent-demo

clean:
	rm -rf $(VENV) build dist review .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

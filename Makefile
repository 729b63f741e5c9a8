# `make run` and `make test` are all that is needed; each installs what it needs first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps

# Some images set it; without the compiled modules each start takes seconds longer.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint types imports web-types check bench lock peers clean help

help:            ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

run: $(STAMPS)/run      ## install what is needed, then start everything in one process
	@$(BIN)/vivavoce run

test: $(STAMPS)/dev $(STAMPS)/system   ## install what the tests need, then run them
	$(BIN)/python -m pytest

lint: $(STAMPS)/dev     ## format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMPS)/dev    ## pyright, strict
	$(BIN)/pyright

imports: $(STAMPS)/dev  ## who may import whom
	$(BIN)/lint-imports

web-types:              ## the page's JavaScript, type-checked (needs Node)
	npm ci --no-audit --no-fund --ignore-scripts
	npx tsc -p web/static/js/jsconfig.json

check: test lint types imports   ## all of it

bench: $(STAMPS)/dev    ## the rooms benchmark; see docs/benchmarks.md
	$(BIN)/python -m benchmarks.rooms --rooms 10 --turns 3
	$(BIN)/python -m benchmarks.feedback

lock: $(STAMPS)/dev     ## write the lock files anew from pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--extra run-build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--extra run-build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

peers: $(BIN)/python      ## what benchmarks.rooms compares with, in an environment of its own
	$(PYTHON) -m venv var/peers/pipecat
	var/peers/pipecat/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-peers.txt

clean:           ## remove the environment and what was written at run time
	rm -rf $(VENV) var build *.egg-info

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is older. Set PYTHON=python3.12, for example."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/run: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/dev: requirements-dev.lock $(STAMPS)/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/system: tests/install_system.sh | $(BIN)/python
	bash tests/install_system.sh
	@mkdir -p $(STAMPS) && touch $@

# The two commands are `make run` and `make test`. Both set up what they need the first time and whenever
# one of the files below changes; otherwise they start at once. Nothing is installed outside this folder.

HOST ?= 127.0.0.1
PORT ?= 8000
OPEN ?=
# More for pytest: make test ARGS="-k board -x". JOBS=0 runs the tests in one process.
ARGS ?=
JOBS ?= logical

VENV := .venv
PY := $(VENV)/bin/python
SETUP := pyproject.toml constraints.txt package.json package-lock.json .npmrc hatch_build.py scripts/bootstrap.sh
KEY := $(shell { pwd; cat $(SETUP); } | cksum | cut -d' ' -f1)
READY := $(VENV)/.ready-$(KEY)
TESTS := $(VENV)/.tests-$(KEY)
ASSETS := static/vendor/.stamp

# A virtual environment whose Python has gone or was upgraded counts as missing.
ifneq ($(shell $(PY) -Ic 'import importlib.util as u; print(u.find_spec("pip") is not None)' 2>/dev/null),True)
.PHONY: $(READY) $(TESTS)
endif

.PHONY: run test check format soak bench dist constraints clean
.NOTPARALLEL: # the assets need the environment, whichever of the two it is

run: $(READY) | $(ASSETS)
	@exec $(PY) -m leadboard serve --host $(HOST) --port $(PORT) $(if $(filter-out 0 no false,$(OPEN)),--open)

test: check | $(ASSETS)
	@$(PY) scripts/chromium.py
	$(PY) -m pytest -n $(JOBS) --maxprocesses 8 $(ARGS)

# Style, format and types.
check: $(TESTS)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy leadboard $(wildcard plugins)

format: $(TESTS)
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

# Kills of the server, long load: minutes, not part of `make test`.
soak: $(TESTS) | $(ASSETS)
	@$(PY) scripts/chromium.py
	$(PY) -m pytest -m soak -n 0 $(ARGS)

bench: $(TESTS) | $(ASSETS)
	$(PY) benchmarks/run.py

# The wheel, in dist/.
dist: $(READY)
	$(PY) -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

# Newest versions that fit pyproject.toml, written to constraints.txt. Run `make test` after it.
constraints:
	@sh scripts/constraints.sh

clean:
	rm -rf $(VENV) static/vendor dist build .pytest_cache .ruff_cache .mypy_cache .hypothesis .coverage test-artifacts

$(READY):
	@sh scripts/bootstrap.sh $(VENV)
	@rm -f $(VENV)/.ready-* && touch $@

$(TESTS):
	@sh scripts/bootstrap.sh $(VENV) test
	@rm -f $(VENV)/.ready-* $(VENV)/.tests-* && touch $(READY) $@

$(ASSETS):
	@$(PY) hatch_build.py

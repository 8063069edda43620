# The two commands a newcomer needs are `make demo` and `make test`; each installs what it needs.

PYTHON ?= python3
BIN := .venv/bin
# Three processes on two cores: many tests wait for disks and processes more than they compute.
PYTEST = $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder
SHARED ?= ../shared
RECORDING := $(firstword $(wildcard $(SHARED)/data/commonroad_ngsim_head/*US101*.xml.gz))

# One thread a process: parallel work is made of processes, and results must not depend on threads.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export NUMBA_NUM_THREADS := 1
# Whoever starts hundreds of processes, as the tests do, does not compile all sources for each.
unexport PYTHONDONTWRITEBYTECODE
# pyright's wheel comes with its own node; nothing is fetched when it runs.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
# Types are checked while kernels are compiled.
MAKEFLAGS += --jobs=2

.PHONY: demo test nightly mutation coverage check format reference-model reference-heads bench clean

demo: .venv/kernels
	$(BIN)/drivestack run scenarios/smoke.yaml --stack pdm_lane --workers 2
	$(if $(RECORDING),$(BIN)/drivestack run $(RECORDING),@echo "no recorded traffic at $(SHARED)")

test: check .venv/kernels
	$(PYTEST)

nightly: check .venv/kernels
	$(PYTEST) -m "nightly or not nightly" -o faulthandler_timeout=14400

# Small changes of the safety layer's rules that no test notices, by name; an hour or two, resumable.
mutation: .venv/kernels
	$(BIN)/python tools/mutation.py --workers 2

# Lines and branches of the safety layer that no test reaches; kernels run as plain Python for it.
coverage: .venv/kernels
	NUMBA_DISABLE_JIT=1 $(BIN)/coverage run --branch --source=drivestack/safety -m pytest -n 0 tests/safety \
		--ignore tests/safety/test_critic.py
	$(BIN)/coverage report --show-missing --omit='*/critic*.py'

check: .venv/stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/codespell

format: .venv/stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Demonstrations, policy, mined round and scorer that come with the package; resumable.
reference-model: .venv/kernels
	$(BIN)/python tools/reference_model.py --workers 2 --install

# All other heads on the same demonstrations, for the comparison of heads; overnight, resumable.
reference-heads: .venv/kernels
	$(BIN)/python tools/reference_heads.py

bench: .venv/kernels
	$(BIN)/python tools/bench/world.py --json

clean:
	rm -rf .venv runs build dist *.egg-info

.venv/stamp: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-compile --editable '.[dev]'
	touch $@

.venv/kernels: .venv/stamp
	$(BIN)/drivestack compile --workers 2
	touch $@

# The kit from the command line. `make demo` and `make test` set up all they need when they first run.

ARGS ?=
PHOTOS ?= ../shared/data/petit20/petit20.zip
PY := .venv/bin/python
INSTALLED := .venv/installed

# The first of these that runs and is new enough: python3 may be too old, or a shim with nothing behind it.
PYTHONS := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python3.10)

# Large pages of memory: some virtual machines take a hundred times as long to find small ones.
export GLIBC_TUNABLES := glibc.malloc.hugetlb=1
export PYTHONMALLOC := malloc

.DEFAULT_GOAL := help
.PHONY: help setup demo check lint test verify bench soak release lab classifiers evaluate clean bubblewrap

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: $(INSTALLED) bubblewrap ## make .venv and install what the kit needs (the other targets do it too)

demo: setup ## grade a small made-up class and say where its report and feedback lie
	@$(PY) -m autograder.cli demo $(ARGS)

PYTEST := $(PY) -m pytest -q -n auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder --timeout 600

LINTED := . $(filter-out $(foreach folder,$(wildcard solutions/*),$(folder)/$(notdir $(folder)).py),$(wildcard solutions/*/*.py))

check: lint ## lint, types, and all tests that need neither a jail nor much time
	@$(PYTEST) -m "not jail and not slow" $(ARGS)

lint: setup ## ruff and mypy
	@$(PY) -m ruff check $(LINTED)
	@$(PY) -m ruff format --check $(LINTED)
	@$(PY) -m mypy

test: setup ## run all tests
	@$(PYTEST) $(ARGS)

verify: setup ## prove what the checks of the assignments are worth, with generated mutants
	@$(PY) -m autograder.cli verify --all --markdown docs/mutation-table.md $(ARGS)

bench: setup ## measure how long a class takes beside stock nbgrader, into docs/performance.md (hours)
	@$(PY) -m tests.bench $(ARGS)

soak: setup ## grade 5,000 submissions while processes are killed at random (an hour)
	@$(PY) -m tests.bench.soak $(ARGS)

release: setup ## make assignments/ from solutions/
	@$(PY) -m autograder.cli release $(ARGS)

lab: setup ## open a copy of the assignments, in lab/, in JupyterLab
	@mkdir -p lab && for folder in assignments/*; do \
	  test -e lab/$$(basename $$folder) || cp -r $$folder lab/; done
	@$(PY) -m jupyterlab lab $(ARGS)

classifiers: setup ## train the bundled classifiers again, into classifiers/ (hours; PHOTOS=petit20.zip)
	@$(PY) -m course_lib.train.bundled --photos $(PHOTOS) $(ARGS)

evaluate: setup ## measure all that the classifiers' cards say, and print it as a table (PHOTOS=petit20.zip)
	@$(PY) solutions/evaluate_classifiers.py --photos $(PHOTOS) $(ARGS)

clean: ## remove .venv and all that was made by running the kit here
	rm -rf .venv demo build *.egg-info .pytest_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# $(call apt-get,PACKAGE) succeeds if the package could be installed without anybody typing a password.
apt-get = { command -v apt-get && { [ "$$(id -u)" = 0 ] && sudo= || sudo="sudo -n"; } && $$sudo true; } >/dev/null 2>&1 \
	&& echo "Installing $(1) with apt-get ..." \
	&& { $$sudo apt-get update -qq; \
	     $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y -o DPkg::Lock::Timeout=60 $(1); } </dev/null >/dev/null

bubblewrap:
	@command -v bwrap >/dev/null || { $(call apt-get,bubblewrap); } || echo "bubblewrap is missing, so submissions can't be\
	 jailed: install it (sudo apt install bubblewrap, or sudo dnf install bubblewrap), or grade with --jail none." >&2

$(INSTALLED): pyproject.toml constraints.txt
	@if ! $(PY) -c 'import pip, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then \
		python=; \
		for name in $(PYTHONS); do \
			if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then python=$$name; break; fi; \
		done; \
		if [ -z "$$python" ]; then \
			echo "The kit needs Python 3.10 or later and found none: install one, or name it: make PYTHON=/path/to/python3 ..." >&2; \
			exit 1; \
		fi; \
		if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null && ! { $(call apt-get,$$python-venv); }; then \
			echo "$$python can't make virtual environments: install them first (sudo apt install $$python-venv)." >&2; \
			exit 1; \
		fi; \
		"$$python" -m venv --clear .venv || exit 1; \
	fi
	@echo "Installing the packages into .venv: about 3 GB when none is cached, so this takes some minutes."
	@$(PY) -m pip install --disable-pip-version-check -q 'pip>=23.1'
	@$(PY) -m pip install --disable-pip-version-check -c constraints.txt -e '.[test,dev]'
	@$(PY) -m jupyter kernelspec install --sys-prefix --name autograder-jail autograder/grading/kernelspec 2>/dev/null
	@touch $@

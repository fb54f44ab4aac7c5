# The commands of every day; `make help` lists them.
#
# Every path is relative and every recipe runs in this folder, whatever its name. A recipe's last
# command is exec'd, so that a signal sent to make reaches it.

.POSIX:
SHELL = /bin/sh
.PHONY: help run test lint format e2e bench messages lock clean

VENV_PYTHON = .venv/bin/python
# What other projects set must not reach ours.
unexport PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONDONTWRITEBYTECODE VIRTUAL_ENV
export PYTHONUTF8 = 1
export DJANGO_SETTINGS_MODULE = config.settings

help: ## This list
	@sed -n 's/^\([a-z0-9]*\):.*## /  make \1	/p' Makefile

run: ## Serve the site: make run PORT=8123 DATA_DIR=var
	@exec sh deploy/python.sh deploy/environment.py run

test: .develop ## The whole suite on SQLite: make test ARGS="-k feeds"
	@exec $(VENV_PYTHON) -m pytest -n auto --maxprocesses 8 -m "not slow" $(ARGS)

lint: .develop ## What CI checks without running the code
	@exec sh deploy/lint.sh

format: .develop ## Put code and templates in order
	@$(VENV_PYTHON) -m ruff check --fix --quiet . ; exec $(VENV_PYTHON) -m ruff format .

e2e: .develop ## A fresh clone, two imported blogs, every link (minutes; needs ../shared/data)
	@exec $(VENV_PYTHON) -m pytest -n0 tests/e2e $(ARGS)

bench: .develop ## Pages against a constant, the API against other services
	@$(VENV_PYTHON) -m benchmarks.pages $(ARGS)
	@exec $(VENV_PYTHON) -m benchmarks.api $(ARGS)

messages: .develop ## Collect the words to translate, and compile the translations
	@$(VENV_PYTHON) locale/collect.py
	@exec $(VENV_PYTHON) locale/compile.py

lock: .develop ## Lock requirements*.in anew, with hashes
	@exec sh deploy/lock.sh $(ARGS)

clean: ## Remove what was made here, but not the data
	@rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache staticfiles

.PHONY: .develop
.develop:
	@exec sh deploy/python.sh deploy/environment.py develop

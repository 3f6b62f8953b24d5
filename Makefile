# Pulse's front door: `make run` starts it, `make test` tests it, `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
PULSE_DATA_DIR ?= var
ARGS ?=

python := .venv/bin/python
catalogues := $(wildcard pulse/locale/*/LC_MESSAGES/django.po)
code := pulse accounts chat groups media bench

.PHONY: help run test test-sqlite test-postgres check messages format bench lock clean anew

help:  ## List these targets
	@sed -nE 's/^([a-z -]+):.*## (.*)/\1\t\2/p' Makefile | expand -t 30

run: .venv/.runtime .venv/.messages  ## Start Pulse [HOST=127.0.0.1 PORT=8000 PULSE_DATA_DIR=var]
	@export HOST='$(HOST)' PORT='$(PORT)' PULSE_DATA_DIR='$(PULSE_DATA_DIR)'
	exec $(python) manage.py serve

test: .venv/.dev .venv/.messages  ## Test on SQLite, then on PostgreSQL and Redis [ARGS="tests/chat -k retry"]
	@exec $(python) -m tests.run sqlite postgres -- $(ARGS)

test-sqlite test-postgres: test-%: .venv/.dev .venv/.messages  ## Test on one of the two
	@exec $(python) -m tests.run $* -- $(ARGS)

bench: .venv/.dev .venv/.messages  ## Measure it [ARGS=...]
	@exec $(python) -m bench $(ARGS)

# Settings as in production, for what reads them; nothing here needs a server that answers.
check: export DATABASE_URL = postgres://pulse@localhost/pulse
check: export REDIS_URL = redis://localhost
check: export EMAIL_URL = smtp://localhost
check: export ALLOWED_HOSTS = chat.example.org
check: export PUBLIC_URL = https://chat.example.org
check: export SECRET_KEY = 3q-Xv0lZc8Wm5RtYhB1nKdJ7sGfUpAe2TzLxQ9oMiVw4CyNb6DgHkSrFjEuP
check: .venv/.dev .venv/.messages  ## Lint, types, migrations, production settings, security
	@export PULSE_DATA_DIR="$$(mktemp -d)"
	trap 'rm -rf "$$PULSE_DATA_DIR"' EXIT
	set -x
	.venv/bin/ruff check --quiet .
	.venv/bin/ruff format --quiet --check .
	.venv/bin/mypy .
	.venv/bin/bandit --quiet -ll -c pyproject.toml -r $(code)
	$(python) manage.py check --deploy --fail-level WARNING
	env -u DATABASE_URL $(python) manage.py makemigrations --check --dry-run

messages: .venv/.dev  ## Bring the catalogues of translations up to date with the templates
	@$(python) -m tests.translations

format: .venv/.dev  ## Format the code, and fix what Ruff can fix
	@.venv/bin/ruff check --fix --exit-zero --quiet .
	.venv/bin/ruff format --quiet .

# The locks hold every package with its hashes, for each system and Python from 3.11 on. No address of an index gets in.
lock: .venv/.uv  ## Resolve requirements*.txt into the locks [ARGS=--upgrade]
	@for name in requirements-uv requirements requirements-dev; do
	    .venv/bin/uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	        --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	        $(ARGS) $$name.txt -o $$name.lock
	done

clean:  ## Remove .venv and caches; never var/
	@rm -rf .venv $(catalogues:.po=.mo) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

# One .venv, and a stamp for each set of packages in it: newer than its lock, so that a second start installs nothing.

.venv/.runtime: requirements.lock .venv/.uv
	@$(call install,requirements.lock)

.venv/.dev: requirements-dev.lock .venv/.uv
	@$(call install,requirements-dev.lock)

# What Django reads of the catalogues. It comes after the packages, one of which makes it.
.venv/.messages: $(catalogues)
	@.venv/bin/pybabel --quiet compile --domain django --directory pulse/locale
	touch $@

# pip again where uv fails: it knows a mirror that only pip's configuration names.
define install
echo "Installing $(1)"
.venv/bin/uv pip install --system-certs --quiet --compile-bytecode --require-hashes --python $(python) -r $(1) ||
    $(python) -m pip install --quiet --require-hashes -r $(1)
touch $@
endef

# A .venv that does not work (its Python was upgraded, or the folder moved here) is made anew.
.venv/.uv: requirements-uv.lock $(shell $(python) -c 'import pip, uv' 2>/dev/null || echo anew)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
	    found=$$($(PYTHON) --version 2>/dev/null || echo missing)
	    echo "Pulse needs Python 3.11 or later; $(PYTHON) is $$found. Name another with PYTHON=python3.12" >&2
	    exit 1
	}
	# Debian and Ubuntu keep what venv needs in a package of its own.
	if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then
	    root=$$([ "$$(id -u)" = 0 ] || echo 'sudo -n')
	    if command -v apt-get >/dev/null && $$root true 2>/dev/null; then
	        echo 'Installing python3-venv'
	        export DEBIAN_FRONTEND=noninteractive
	        { $$root apt-get -qq update && $$root apt-get -qq install -y --no-install-recommends python3-venv; } </dev/null >/dev/null || true
	    fi
	    $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || {
	        echo "Pulse needs Python's venv. On Debian and Ubuntu: sudo apt-get install -y python3-venv" >&2
	        exit 1
	    }
	fi
	if ! $(python) -c 'import pip' 2>/dev/null; then
	    rm -rf .venv
	    $(PYTHON) -m venv .venv
	fi
	$(python) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	touch $@

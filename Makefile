# `make demo` and `make test` set up all that they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .peers
RENOVATE := $(PEERS)/renovate
RELEASE := .release
SITE := .site
DIST := dist
INSTALLED := $(RELEASE)/installed

.PHONY: help demo test journeys accept recording screenshots renovate recall precision dashboards examples bench bench-quick bench-adopt interop field history site dist clean

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-15s %s\n", $$1, $$2}' Makefile

demo: $(BIN)/mlcharter ## create a repository in demo/, and run its tests and evals
	rm -rf demo
	$(BIN)/mlcharter new demo --defaults --data-file examples/applied/.copier-answers.yml
	MLCHARTER_SOURCE="$(CURDIR)" $(MAKE) -C demo setup test eval check

test: $(VENV)/dev $(BIN)/promtool ## run linters, type checks, and all tests but the journeys
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist worksteal --durations 20 -m 'not journey' $(ARGS)

journeys: $(VENV)/dev $(BIN)/promtool ## run the tests that set up whole repositories, and all combinations
	$(BIN)/pytest -n 2 --dist worksteal --durations 20 -m journey $(ARGS)

accept: $(VENV)/dev ## rewrite golden and generated files; read the diff
	$(BIN)/pytest --accept $(ARGS)

history: $(VENV)/dev ## record in which version each part of the template appeared
	$(BIN)/python hooks/history.py

recording: $(VENV)/dev ## record examples/change_a_number.sh; rewrites docs/recording.cast and docs/recording.svg (needs npx)
	$(BIN)/python benchmarks/recording.py --write

screenshots: site ## draw the pictures of the guides; rewrites docs/pictures/ (needs chromium)
	$(BIN)/python hooks/draw_pages.py $(SITE)/site

renovate: $(VENV)/dev $(RENOVATE)/done ## run Renovate with our preset on filled repositories of a host on loopback; rewrites docs/engines.md (needs npm)
	PATH="$(CURDIR)/$(RENOVATE)/node_modules/.bin:$$PATH" renovate-config-validator --strict engines/renovate.json
	$(BIN)/python benchmarks/renovate.py --node $(RENOVATE)/node_modules/.bin --write

examples: $(VENV)/dev ## bring the examples to the template, evaluate and prove them; rewrites examples/
	$(BIN)/python hooks/run_examples.py $(NAMES)

dashboards: $(VENV)/dev ## draw the dashboards of the examples from synthetic series; rewrites examples/*/ops/grafana/*.svg (needs prometheus)
	$(BIN)/python hooks/draw_dashboards.py $(NAMES)

recall: $(VENV)/dev ## measure which defects `check` finds in the examples; rewrites docs/recall.md
	$(BIN)/python benchmarks/runs.py recall

precision: $(VENV)/dev ## judge the findings on adopted repositories and after harmless edits; rewrites docs/precision.md
	$(BIN)/python benchmarks/runs.py precision

bench: $(VENV)/dev ## measure all published figures of this commit that are not measured yet, or PARTS=...; PARTS=--list shows the runs
	$(BIN)/python benchmarks/runs.py $(PARTS)

bench-quick: $(VENV)/dev ## compare the CPU time of check, new and update with Copier, in a minute; rewrites nothing
	$(BIN)/python benchmarks/quick.py

interop: $(VENV)/dev ## learn with d3rlpy from the starter's log in .interop, and compare its FQE with ours; rewrites docs/own-system.md
	$(PYTHON) -m venv .interop
	.interop/bin/python -m pip install --quiet d3rlpy==2.8.1
	$(BIN)/python benchmarks/d3rlpy_offline.py .interop/bin/python --write

bench-adopt: $(VENV)/dev ## measure how often adopt proposes the right answers
	$(BIN)/python benchmarks/inference.py

field: $(VENV)/dev ## run the tests from bug reports on real repositories; rewrites docs/field.md
	$(BIN)/python benchmarks/field_page.py --write

site: $(VENV)/dev $(SITE)/done ## build the site in .site/site, strictly
	rm -rf $(SITE)/docs $(SITE)/site
	$(BIN)/python hooks/website.py $(SITE)
	$(SITE)/venv/bin/zensical build --strict --config-file $(SITE)/zensical.toml

dist: $(RELEASE)/done ## build the packages and the SBOM of a release
	rm -rf $(DIST)
	$(RELEASE)/bin/python -m build --outdir $(DIST)/packages
	$(RELEASE)/bin/twine check --strict $(DIST)/packages/*
	$(PYTHON) -m venv --clear --without-pip $(INSTALLED)
	$(RELEASE)/bin/python -m pip --python $(INSTALLED)/bin/python install --quiet $(DIST)/packages/*.whl
	$(INSTALLED)/bin/mlcharter --version
	@rm $(INSTALLED)/lib/python*/site-packages/mlcharter-*/direct_url.json  # has a path of this machine
	$(RELEASE)/bin/cyclonedx-py environment --output-reproducible --of JSON \
		--output-file $(DIST)/mlcharter.cdx.json $(INSTALLED)/bin/python

clean: ## remove generated files and environments
	rm -rf $(VENV) $(PEERS) .interop $(RELEASE) $(SITE) $(DIST) demo

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(BIN)/mlcharter: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/dev: $(BIN)/mlcharter pyproject.toml
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

# Prometheus and its parts are not on PyPI; on Debian and Ubuntu they come from their packages.
# Elsewhere, install them first, or the tests of the alerts are skipped, with a message.
$(BIN)/promtool: $(BIN)/python
	@command -v promtool >/dev/null && command -v prometheus >/dev/null \
		&& command -v prometheus-alertmanager >/dev/null \
		&& command -v prometheus-blackbox-exporter >/dev/null || { cd $(VENV) && mkdir -p debian && cd debian \
		&& apt-get download -qq prometheus prometheus-alertmanager \
			prometheus-blackbox-exporter 2>/dev/null \
		&& for package in *.deb; do dpkg -x $$package . || exit 1; done \
		&& cp usr/bin/promtool usr/bin/prometheus* ../bin/; } \
		|| echo 'no Prometheus: the alerts are not tested'
	@rm -rf $(VENV)/debian

# The parser that ours is compared with, and bytecode, since importing both is measured.
$(VENV)/pyromark: Makefile $(VENV)/dev
	$(BIN)/python -m pip install --quiet pyromark==0.10.3
	$(BIN)/python -m compileall -q src benchmarks
	@touch $@

$(RELEASE)/done: pyproject.toml
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/python -m pip install --quiet --upgrade pip
	$(RELEASE)/bin/python -m pip install --quiet --group release
	@touch $@

$(SITE)/done: pyproject.toml
	$(PYTHON) -m venv $(SITE)/venv
	$(SITE)/venv/bin/python -m pip install --quiet --upgrade pip
	$(SITE)/venv/bin/python -m pip install --quiet --group site
	@touch $@

# It needs a newer Node than most machines have, and 560 MB.
$(RENOVATE)/done:
	npm install --silent --prefix $(RENOVATE) node@24 renovate@44.121.2
	@touch $@

# The tools that the benchmarks compare with; they need other versions of our dependencies.
$(PEERS)/done: benchmarks/peers.txt Makefile
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --requirement $<
	! command -v npm >/dev/null || npm install --silent --prefix $(PEERS) markdownlint-cli2@0.22.1 prettier@3.10.1
	@touch $@

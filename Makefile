# Two commands do all the set-up: `make demo` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .peers
RELEASE := .release
INSTALLED := $(RELEASE)/installed

.PHONY: help demo test accept recall bench bench-merge bench-day-one bench-growth bench-markdown bench-adopt field history dist clean

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-13s %s\n", $$1, $$2}' Makefile

demo: $(BIN)/mlcharter ## found a repository in demo/ and run its tests and evals
	rm -rf demo
	$(BIN)/mlcharter new demo --defaults --data-file examples/applied/.copier-answers.yml
	MLCHARTER="$(CURDIR)/$(BIN)/mlcharter" $(MAKE) -C demo setup test eval check

test: $(VENV)/dev $(BIN)/promtool ## the whole suite
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

accept: $(VENV)/dev ## rewrite golden and generated files
	$(BIN)/pytest --accept $(ARGS)

history: $(VENV)/dev ## write down in which version each part of the template appeared
	$(BIN)/python hooks/history.py

recall: $(VENV)/dev $(PEERS)/done ## which defects `check` finds in the examples; rewrites docs/recall.md
	$(BIN)/python benchmarks/recall.py --peers $(PEERS)/bin --write

bench: $(VENV)/dev $(PEERS)/done ## what check, new and update cost beside their peers; rewrites docs/speed.md
	$(BIN)/python benchmarks/check.py --peers $(PEERS)/bin --node $(PEERS)/node_modules/.bin --write

bench-merge: $(VENV)/dev $(PEERS)/done ## what updates do to filled-in documents, also behind formatters: ours, Copier's, cruft's, Git's
	$(BIN)/python -m pip install --quiet cruft
	$(BIN)/python benchmarks/merge.py --peers $(PEERS) --write

bench-day-one: $(VENV)/dev ## what a new repository costs: CPU seconds, size, lines of code
	$(BIN)/python benchmarks/day_one.py

bench-growth: $(VENV)/dev ## how time grows when the size of one thing doubles; rewrites docs/growth.md
	$(BIN)/python benchmarks/growth.py --write

bench-markdown: $(VENV)/dev ## what reading Markdown costs: ours, and parsers from PyPI; rewrites docs/markdown.md
	$(BIN)/python -m pip install --quiet pyromark==0.10.3
	$(BIN)/python -m compileall -q src benchmarks
	$(BIN)/python benchmarks/markdown_parsers.py --write

bench-adopt: $(VENV)/dev ## how often adopt proposes what a person would answer
	$(BIN)/python benchmarks/inference.py

field: $(VENV)/dev ## what was tried of real repositories and bug reports; rewrites docs/field.md
	$(BIN)/python benchmarks/field_page.py --write

dist: $(RELEASE)/done ## build what a release publishes: the packages, and the SBOM of an installation
	rm -rf dist
	$(RELEASE)/bin/python -m build --outdir dist/packages
	$(RELEASE)/bin/twine check --strict dist/packages/*
	$(PYTHON) -m venv --clear --without-pip $(INSTALLED)
	$(RELEASE)/bin/python -m pip --python $(INSTALLED)/bin/python install --quiet dist/packages/*.whl
	$(INSTALLED)/bin/mlcharter --version
	@rm $(INSTALLED)/lib/python*/site-packages/mlcharter-*/direct_url.json  # a path of this machine
	$(RELEASE)/bin/cyclonedx-py environment --output-reproducible --of JSON \
		--output-file dist/mlcharter.cdx.json $(INSTALLED)/bin/python

clean: ## remove what was made here
	rm -rf $(VENV) $(PEERS) $(RELEASE) dist demo

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(BIN)/mlcharter: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/dev: $(BIN)/mlcharter pyproject.toml
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

# No Python package has promtool; Debian's and Ubuntu's Prometheus has. Elsewhere, install Prometheus
# first, or the tests of the shipped alerts say that they were skipped.
$(BIN)/promtool: $(BIN)/python
	@command -v promtool >/dev/null || { cd $(VENV) && mkdir -p debian && cd debian \
		&& apt-get download -qq prometheus 2>/dev/null && dpkg -x prometheus_*.deb . \
		&& cp usr/bin/promtool ../bin/; } || echo 'no promtool: the shipped alerts are not tried'
	@rm -rf $(VENV)/debian

$(RELEASE)/done: pyproject.toml
	$(PYTHON) -m venv $(RELEASE)
	$(RELEASE)/bin/python -m pip install --quiet --upgrade pip
	$(RELEASE)/bin/python -m pip install --quiet --group release
	@touch $@

# Tools that the benchmarks stand beside; they need other versions of what we depend on.
$(PEERS)/done: benchmarks/peers.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --requirement $<
	! command -v npm >/dev/null || npm install --silent --prefix $(PEERS) markdownlint-cli2 prettier
	@touch $@

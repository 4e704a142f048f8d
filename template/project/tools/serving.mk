# The service: a release of what was measured, and a process that serves it.
.PHONY: release released serve drill alerts

SERVING := $(subst /,.,$(patsubst src/%/,%,$(dir $(wildcard src/*/serving/__main__.py))))
RELEASE := build/release

release: installed ## Pin what was measured, with the gates' verdicts, in build/release
	@mkdir -p $(dir $(RELEASE))
	@$(RUN) -m $(SERVING).release $(RELEASE) > $(RELEASE).id || { rm -f $(RELEASE).id; exit 1; }
	@cat $(RELEASE).id

# Needed by what serves a release; a release of old code is one too, so nothing is made anew.
released: installed
	@test -f $(RELEASE).id || { echo 'There is no release yet; run `make release` first' >&2; exit 1; }

serve: released ## Serve build/release on port 8080
	$(RUN) -m $(SERVING) $(RELEASE) --id $$(cat $(RELEASE).id)

drill: released ## Back up, destroy, restore and verify a copy of build/release, with times
	$(RUN) -m $(SERVING).recovery $(RELEASE) --id $$(cat $(RELEASE).id)

alerts: installed ## Check ops/prometheus/rules.yml, and try its alerts on series
	promtool check rules ops/prometheus/rules.yml
	promtool test rules ops/prometheus/tests.yml tests/platform/alerts.yml

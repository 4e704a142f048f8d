# The service: a release of what was measured, and a process that serves it.
.PHONY: release serve drill alerts

SERVING := $(subst /,.,$(patsubst src/%/,%,$(dir $(wildcard src/*/serving/__main__.py))))
RELEASE := build/release

release: installed ## Pin what was measured, with the gates' verdicts, in build/release
	@mkdir -p $(dir $(RELEASE))
	@$(RUN) -m $(SERVING).release $(RELEASE) > $(RELEASE).id || { rm -f $(RELEASE).id; exit 1; }
	@cat $(RELEASE).id

serve: installed ## Serve build/release on port 8080
	$(RUN) -m $(SERVING) $(RELEASE) --id $$(cat $(RELEASE).id)

drill: installed ## Back up, destroy, restore and verify a copy of build/release, with times
	$(RUN) -m $(SERVING).recovery $(RELEASE) --id $$(cat $(RELEASE).id)

alerts: installed ## Check ops/prometheus/rules.yml, and try its alerts on series
	promtool check rules ops/prometheus/rules.yml
	promtool test rules tests/platform/alerts.yml

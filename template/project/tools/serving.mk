# The service: a process that serves the live release.
.PHONY: serve alerts

SERVING := $(subst /,.,$(patsubst src/%/,%,$(dir $(wildcard src/*/serving/__main__.py))))

serve: installed ## Verify the live release, and serve it on port 8080
	@release=$$($(MLCHARTER) release verify | cut -d: -f1,2) && test -n "$$release" && \
		$(RUN) -m $(SERVING) releases --release "$$release"

alerts: installed ## Check ops/prometheus/rules.yml, and try its alerts on series
	promtool check rules ops/prometheus/rules.yml
	promtool test rules ops/prometheus/tests.yml $(wildcard tests/platform/alerts.yml)

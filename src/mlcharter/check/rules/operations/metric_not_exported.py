"""An expression uses a metric that the service does not export.

Prometheus returns no data for such a metric, so the alert never fires. The section `observability`
of the runbook lists the exported metrics. If the evidence of the item `metrics-exported` is a
Prometheus scrape, names and labels are looked up in it too.

A name with a colon comes from a recording rule: the section must list it, but no scrape has it.

Flagged:

    --- ops/runbook.md
    ## Observability
    <!-- section: observability -->

    | Prometheus | Answers |
    |---|---|
    | `asked_total` | traffic |

    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: "failed_total / asked_total > 0.1", wait: 2m,
        severity: page, owner: "@acme/ops", runbook: "#burn"}
    ```

Flagged:

    --- evidence/metrics.txt
    asked_total{site="cork"} 61
    --- ops/runbook.md
    ## Observability
    <!-- section: observability -->

    | Prometheus | Answers |
    |---|---|
    | `asked_total` | traffic |

    - [x] `metrics-exported` Each metric is exported. Evidence: [scrape](../evidence/metrics.txt)

    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: "asked_total{place='cork'} > 0.1", wait: 2m,
        severity: page, owner: "@acme/ops", runbook: "#burn"}
    ```

Flagged:

    --- ops/runbook.md
    ## Observability
    <!-- section: observability -->

    | Prometheus | Answers |
    |---|---|
    | `asked_total` | traffic |
    --- cost/cost_dashboard_spec.md
    <!-- config: unit_metrics -->
    ```yaml
    - {id: cost-per-answer, expr: "site:cost:rate1h / 60", unit: EUR, otel: null, focus: []}
    ```

Fine:

    --- evidence/metrics.txt
    wait_seconds_bucket{le="8"} 61
    --- ops/runbook.md
    ## Observability
    <!-- section: observability -->

    | Prometheus | Answers |
    |---|---|
    | `wait_seconds` | waiting |

    - [x] `metrics-exported` Each metric is exported. Evidence: [scrape](../evidence/metrics.txt)

    <!-- config: alerts -->
    ```yaml
    - {id: burn, subject: slo/ready, expr: "wait_seconds_bucket{le='8'} < 1", wait: 2m,
        severity: page, owner: "@acme/ops", runbook: "#burn"}
    ```
"""

import re
from collections.abc import Iterator

from mlcharter.charter import link_targets
from mlcharter.charter.charter import Charter
from mlcharter.charter.promql_entries import RUNBOOK, expressions, read_exported
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"
_SUFFIXES = ("_bucket", "_count", "_sum")
_BUILT_IN = frozenset(["up", "ALERTS"])  # Prometheus itself writes these
_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([^{}]*)\})?[ \t]+\S")
_LABEL = re.compile(r"([a-zA-Z_][a-zA-Z0-9_]*)=")


def check(charter: Charter) -> Iterator[Finding]:
    listed = read_exported(charter)
    if listed is None:
        return
    scraped = _read_scrape(charter)
    for entry, path, expression in expressions(charter):
        for name, labels in dict.fromkeys(promql.read(expression).selectors):
            if not name or name in _BUILT_IN:
                continue
            if name not in listed and _strip_suffix(name) not in listed:
                message = f"{entry.subject} uses `{name}`, which is not in `observability`"
                yield entry.finding(f"{message}; export it or correct the name", *path)
            elif ":" in name:
                continue
            elif scraped and name not in scraped:
                message = f"{entry.subject} uses `{name}`, which is not in the scrape"
                yield entry.finding(f"{message}; export it or correct the name", *path)
            elif scraped:
                for label in sorted({label for label, _ in labels} - scraped[name]):
                    message = (
                        f"{entry.subject} uses `{label}` of `{name}`, a label not in the scrape"
                    )
                    yield entry.finding(f"{message}; export it or correct the name", *path)


def _strip_suffix(name: str) -> str:
    suffix = next((suffix for suffix in _SUFFIXES if name.endswith(suffix)), "")
    return name.removesuffix(suffix)


def _read_scrape(charter: Charter) -> dict[str, set[str]]:
    """Return the labels of each metric in the evidence of `metrics-exported`; empty without any."""
    runbook = charter.document(RUNBOOK)
    item = runbook.item("metrics-exported") if runbook else None
    metrics: dict[str, set[str]] = {}
    targets = (proof.target for proof in (item.evidence if item else ()))
    inside = (target for target in targets if not link_targets.is_external(target))
    for path in dict.fromkeys(link_targets.resolve(RUNBOOK, target) for target in inside):
        data = charter.file(path) if path else None
        for line in data.decode(errors="replace").splitlines() if isinstance(data, bytes) else ():
            match = None if line.startswith("#") else _SAMPLE.match(line)
            if match:
                metrics.setdefault(match[1], set()).update(_LABEL.findall(match[2] or ""))
    return metrics

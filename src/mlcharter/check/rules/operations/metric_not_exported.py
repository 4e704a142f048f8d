"""An expression names a metric that the service does not export.

Prometheus answers such a query with nothing, so the alert stays silent for ever. What is exported
stands in the section `observability` of the runbook; where the evidence of `metrics-exported` is
a text that Prometheus scraped, names and labels are looked up in it as well.
A name with a colon is made by a recording rule: it is listed there as well, and no scrape has it.

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
from mlcharter.charter.promql_entries import expressions
from mlcharter.formats import promql
from mlcharter.support.finding import Finding

LEVEL = "complete"
RUNBOOK = "ops/runbook.md"
_SUFFIXES = ("_bucket", "_count", "_sum")
_MADE = frozenset(["up", "ALERTS"])  # by Prometheus itself
_CODE = re.compile(r"`([a-zA-Z_:][a-zA-Z0-9_:]*)")
_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([^{}]*)\})?[ \t]+\S")
_LABEL = re.compile(r"([a-zA-Z_][a-zA-Z0-9_]*)=")


def check(charter: Charter) -> Iterator[Finding]:
    listed = _listed(charter)
    if listed is None:
        return
    scraped = _scraped(charter)
    for entry, path, expression in expressions(charter):
        for name, labels in dict.fromkeys(promql.read(expression).selectors):
            if not name or name in _MADE:
                continue
            if name not in listed and _family(name) not in listed:
                message = f"{entry.subject} asks for `{name}`, which `observability` does not list"
                yield entry.finding(f"{message}; export it, or correct the name", *path)
            elif ":" in name:
                continue
            elif scraped and name not in scraped:
                message = f"{entry.subject} asks for `{name}`, which the scraped metrics lack"
                yield entry.finding(f"{message}; export it, or correct the name", *path)
            elif scraped:
                for label in sorted({label for label, _ in labels} - scraped[name]):
                    message = f"{entry.subject} asks for `{name}` by `{label}`, a label it lacks"
                    yield entry.finding(f"{message}; export it, or correct the name", *path)


def _family(name: str) -> str:
    suffix = next((suffix for suffix in _SUFFIXES if name.endswith(suffix)), "")
    return name.removesuffix(suffix)


def _listed(charter: Charter) -> set[str] | None:
    """The names that the runbook says are exported; None while it has no such section."""
    runbook = charter.document(RUNBOOK)
    section = runbook.section("observability") if runbook else None
    if section is None:
        return None
    tables = "".join(block.text for block in section.blocks if block.kind == "table")
    return set(_CODE.findall(tables))


def _scraped(charter: Charter) -> dict[str, set[str]]:
    """The metrics of the evidence of `metrics-exported`, with their labels; empty without any."""
    runbook = charter.document(RUNBOOK)
    item = runbook.item("metrics-exported") if runbook else None
    found: dict[str, set[str]] = {}
    targets = (proof.target for proof in (item.evidence if item else ()))
    inside = (target for target in targets if not link_targets.is_external(target))
    for path in dict.fromkeys(link_targets.resolve(RUNBOOK, target) for target in inside):
        data = charter.file(path) if path else None
        for line in data.decode(errors="replace").splitlines() if isinstance(data, bytes) else ():
            match = None if line.startswith("#") else _SAMPLE.match(line)
            if match:
                found.setdefault(match[1], set()).update(_LABEL.findall(match[2] or ""))
    return found

"""A config block names a file that is not in the repository: a test, an evidence, a card.

A threat whose test was deleted is not tried by anyone, and nobody notices.
`tests/test_x.py::test_y` names one test of a file. In a repository of documents only (`layout:
documents`) an `https://` address may stand where the code lies elsewhere.

Flagged:

    --- ops/runbook.md
    <!-- config: degrade_modes -->
    ```yaml
    - {id: plain, alert: burn, vendor: null, behaviour: baseline-model, test: tests/test_gone.py}
    ```

Flagged:

    --- tests/test_modes.py
    def test_plain(): ...
    --- ops/runbook.md
    <!-- config: degrade_modes -->
    ```yaml
    - {id: plain, alert: burn, vendor: null, behaviour: queue,
        test: tests/test_modes.py::test_queue}
    ```

Flagged:

    <!-- config: reward_spec -->
    ```yaml
    {objective: delivered, proxy: progress, shaping: none, potential: null, rank_floor: 0.9,
      counter_examples: [tests/test_gone.py], label_kappa: null, reviewed_by: "@acme/rl",
      reviewed_on: 2026-11-09}
    ```

Fine:

    --- tests/test_modes.py
    def test_plain(): ...
    --- ops/runbook.md
    <!-- config: degrade_modes -->
    ```yaml
    - {id: plain, alert: burn, vendor: null, behaviour: queue,
        test: tests/test_modes.py::test_plain}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.check import cross_references
from mlcharter.formats.models import Path, Test
from mlcharter.support.finding import Finding

LEVEL = "release"


def check(charter: Charter) -> Iterator[Finding]:
    for entry, place, path in cross_references.paths(charter, Path, Test):
        problem = _wrong(charter, entry, path)
        if problem:
            yield entry.finding(f"{entry.subject} names {problem}", *place)


def _wrong(charter: Charter, entry: Entry, named: str) -> str | None:
    if named.startswith("https://") and charter.answers.values.get("layout") == "documents":
        return None
    path, _, test = named.partition("::")
    if not charter.exists(path):
        return f"`{path}`, which is not there; add the file, or correct the path"
    if path == entry.document.path:
        return "the document itself; name the file that shows it"
    data = charter.file(path) if test else b""
    function = test.rpartition("::")[2].partition("[")[0]
    if test and isinstance(data, bytes) and f"def {function}(".encode() not in data:
        return f"a test `{function}` that `{path}` does not have; correct its name"
    return None

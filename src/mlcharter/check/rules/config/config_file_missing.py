"""A config block names a file or a test that is not in the repository.

A test that was deleted no longer checks anything, and a missing file is no evidence.
`tests/test_x.py::test_y` names one test of a file. In a repository of documents only (`layout:
documents`), an `https://` address may be given for code that is elsewhere.

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
        problem = _find_problem(charter, entry, path)
        if problem:
            yield entry.finding(f"{entry.subject} names {problem}", *place)


def _find_problem(charter: Charter, entry: Entry, target: str) -> str | None:
    """Return what is wrong with a path or a test, as the end of a sentence, or None."""
    if target.startswith("https://") and charter.answers.values.get("layout") == "documents":
        return None
    path, _, test = target.partition("::")
    if not charter.exists(path):
        return f"`{path}`, which does not exist; add the file, or correct the path"
    if path == entry.document.path:
        return "the document itself; name the file that shows it"
    data = charter.file(path) if test else b""
    function = test.rpartition("::")[2].partition("[")[0]
    if test and isinstance(data, bytes) and f"def {function}(".encode() not in data:
        return f"a test `{function}` that is not in `{path}`; correct its name"
    return None

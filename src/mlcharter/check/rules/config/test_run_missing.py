"""No saved test run shows that a test named in a config block passed.

A control counts as tested only if its test ran and passed, and was not skipped. The newest
`reports/released/<month>-tests.xml` counts; `make release` writes it, with `pytest --junitxml`.
For a program of `evals/`, its frozen report counts instead.

Flagged:

    --- tests/test_modes.py
    def test_plain(): ...
    --- ops/runbook.md
    <!-- config: degrade_modes -->
    ```yaml
    - {id: plain, alert: burn, vendor: null, behaviour: queue, test: tests/test_modes.py}
    ```

Flagged:

    --- tests/test_modes.py
    def test_plain(): ...
    --- reports/released/2026-11-tests.xml
    <testsuites><testsuite name="pytest">
    <testcase classname="tests.test_modes" name="test_plain"><skipped message="slow"/></testcase>
    <testcase classname="tests.test_order" name="test_first"/>
    </testsuite></testsuites>
    --- ops/runbook.md
    <!-- config: degrade_modes -->
    ```yaml
    - {id: plain, alert: burn, vendor: null, behaviour: queue, test: tests/test_modes.py}
    ```

Flagged:

    --- tests/test_modes.py
    def test_plain(): ...
    --- reports/released/2026-11-tests.xml
    <testsuites><testsuite name="pytest">
    <testcase classname="tests.test_modes" name="test_plain"/>
    <testcase classname="tests.test_order" name="test_first"><failure/></testcase>
    </testsuite></testsuites>
    --- ops/runbook.md
    <!-- config: degrade_modes -->
    ```yaml
    - {id: plain, alert: burn, vendor: null, behaviour: queue, test: tests/test_modes.py}
    ```

Fine:

    --- tests/test_modes.py
    def test_plain(): ...
    --- reports/released/2026-11-tests.xml
    <testsuites><testsuite name="pytest">
    <testcase classname="tests.test_modes" name="test_plain"/>
    </testsuite></testsuites>
    --- ops/runbook.md
    <!-- config: degrade_modes -->
    ```yaml
    - {id: plain, alert: burn, vendor: null, behaviour: queue,
        test: tests/test_modes.py::test_plain}
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry, Path
from mlcharter.charter.released_files import suggest_saving
from mlcharter.check import cross_references, eval_reports
from mlcharter.formats.junit import TestRun
from mlcharter.formats.models import Test
from mlcharter.support.finding import Finding

LEVEL = "release"
_SAVED = "a run as reports/released/<month>-tests.xml"


def check(charter: Charter) -> Iterator[Finding]:
    reported = {f"evals/{report.track}.py" for report in charter.released.values()}
    documents_only = charter.answers.values.get("layout") == "documents"
    tests = [
        (entry, place, test)
        for entry, place, test in cross_references.paths(charter, Test)
        if test not in reported and not (documents_only and test.startswith("https://"))
    ]
    run = eval_reports.test_run(charter) if tests else None
    if isinstance(run, TestRun):
        yield from _check_outcomes(charter, run, tests)
    elif tests:
        entry, place, test = tests[0]
        problem = run or f"no saved test run shows that `{test}` passed"
        remedy = suggest_saving(_SAVED, charter.answers)
        yield entry.finding(f"{problem}; {remedy}", *place)


def _check_outcomes(
    charter: Charter, run: TestRun, tests: list[tuple[Entry, Path, str]]
) -> Iterator[Finding]:
    failed = sum(case.outcome == "failed" for case in run.cases)
    if failed:
        count = f"{failed} tests" if failed > 1 else "a test"
        message = f"{count} failed in this run; fix that, and freeze a run that passes"
        yield Finding(run.path, 1, 1, "", message)
    remedy = suggest_saving(_SAVED, charter.answers)
    outcomes = run.find_outcomes(test for _, _, test in tests)
    for entry, place, test in tests:
        outcome = outcomes[test]
        if outcome != "passed" and charter.exists(test.partition("::")[0]):
            message = f"{entry.subject} names `{test}`, which did not pass in `{run.path}`"
            reason = f"it was {outcome}" if outcome else "it was not run"
            yield entry.finding(f"{message}: {reason}; {remedy}", *place)

"""No kept run shows that a test passed which a config block names.

A control that is tested by a test that nobody ran, or that was skipped, is a hope. The newest
`reports/released/<month>-tests.xml` is the run that counts; `make freeze` writes it, with
`pytest --junitxml`. A program of `evals/` is proven by its frozen report instead.

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
from mlcharter.check import cross_references, eval_reports
from mlcharter.formats.junit import TestRun
from mlcharter.formats.models import Test
from mlcharter.support.finding import Finding

LEVEL = "release"
_AGAIN = "run `make freeze`, or keep a run as reports/released/<month>-tests.xml"


def check(charter: Charter) -> Iterator[Finding]:
    reported = {f"evals/{report.track}.py" for report in charter.released.values()}
    elsewhere = charter.answers.values.get("layout") == "documents"
    wanted = [
        (entry, place, test)
        for entry, place, test in cross_references.paths(charter, Test)
        if test not in reported and not (elsewhere and test.startswith("https://"))
    ]
    run = eval_reports.test_run(charter) if wanted else None
    if isinstance(run, TestRun):
        yield from _judged(charter, run, wanted)
    elif wanted:
        entry, place, test = wanted[0]
        problem = run or f"no kept run of the tests shows that `{test}` passed"
        yield entry.finding(f"{problem}; {_AGAIN}", *place)


def _judged(
    charter: Charter, run: TestRun, wanted: list[tuple[Entry, Path, str]]
) -> Iterator[Finding]:
    failed = sum(case.outcome == "failed" for case in run.cases)
    if failed:
        count = f"{failed} tests" if failed > 1 else "a test"
        message = f"{count} failed in this run; mend it, and freeze a run that is green"
        yield Finding(run.path, 1, 1, "", message)
    outcomes = run.find_outcomes(test for _, _, test in wanted)
    for entry, place, test in wanted:
        outcome = outcomes[test]
        if outcome != "passed" and charter.exists(test.partition("::")[0]):
            message = f"{entry.subject} names `{test}`, which did not pass in `{run.path}`"
            became = f"it was {outcome}" if outcome else "it was not run"
            yield entry.finding(f"{message}: {became}; {_AGAIN}", *place)

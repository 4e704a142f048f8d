"""JUnit XML is read as runners write it, and refused if it could do harm."""

import subprocess
import sys

import pytest

from mlcharter.formats import junit
from mlcharter.formats.junit import Case, TestRun

SUITE = """
import pytest

class TestOrder:
    @pytest.mark.parametrize("n", [1, 2])
    def test_first(self, n): ...

@pytest.mark.parametrize("name", ["a::b"])
def test_named(name): ...

def test_fails(): assert False

@pytest.fixture
def broken(): raise OSError

def test_never_begins(broken): ...

@pytest.mark.skip
def test_skipped(): ...

@pytest.mark.xfail
def test_known(): assert False
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> TestRun:
    root = tmp_path_factory.mktemp("suite")
    (root / "tests").mkdir()
    (root / "tests/__init__.py").touch()
    (root / "tests/test_order.py").write_text(SUITE, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--junitxml=run.xml", f"--rootdir={root}"]
    subprocess.run([*command, "tests"], cwd=root, capture_output=True, check=False)
    return TestRun("run.xml", cases((root / "run.xml").read_bytes()))


def find_outcome(run: TestRun, test: str) -> str | None:
    return run.find_outcomes([test])[test]


def cases(data: bytes) -> tuple[Case, ...]:
    read = junit.parse(data)
    assert not isinstance(read, str), read
    return read


@pytest.mark.parametrize(
    ("test", "outcome"),
    [
        ("tests/test_order.py::TestOrder::test_first", "passed"),
        ("tests/test_order.py::TestOrder::test_first[1]", "passed"),
        ("tests/test_order.py::TestOrder::test_first[3]", None),
        ("tests/test_order.py::TestOrder", "passed"),
        ("tests/test_order.py::TestOther::test_first", None),
        ("tests/test_order.py::test_named[a::b]", "passed"),
        ("tests/test_order.py::test_fails", "failed"),
        ("tests/test_order.py::test_never_begins", "failed"),
        ("tests/test_order.py::test_skipped", "skipped"),
        ("tests/test_order.py::test_known", "skipped"),
        ("tests/test_order.py::test_gone", None),
        ("tests/test_order.py", "failed"),
        ("tests/test_orders.py", None),
        ("tests/test_orde", None),
    ],
)
def test_each_kind_of_test_name_finds_its_outcome_in_a_run_of_pytest(
    run: TestRun, test: str, outcome: str | None
) -> None:
    assert find_outcome(run, test) == outcome


def test_runners_that_name_the_file_are_supported() -> None:
    data = b'<testsuite><testcase file="web/order.test.ts" classname="x" name="sorts"/></testsuite>'
    assert find_outcome(TestRun("run.xml", cases(data)), "web/order.test.ts") == "passed"


def test_a_case_with_a_file_and_a_class_is_found_by_both() -> None:
    data = b'<testcase file="tests/test_a.py" classname="tests.test_a.TestB" name="test_c[1]"/>'
    run = TestRun("run.xml", cases(data))
    for test in ("", "::TestB", "::TestB::test_c", "::TestB::test_c[1]"):
        assert find_outcome(run, f"tests/test_a.py{test}") == "passed"
    assert find_outcome(run, "tests/test_a.py::test_d") is None


def test_a_failed_case_that_is_also_skipped_is_failed() -> None:
    data = b'<testcase classname="tests.test_a" name="test_b"><failure/><skipped/></testcase>'
    assert find_outcome(TestRun("run.xml", cases(data)), "tests/test_a.py") == "failed"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l11;</a>'.encode(), "is not a test run"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "is not a test run"),
        (b"<testsuite><testcase>", "is not a test run"),
        (b"", "is not a test run"),
        (b"\xff\xfe\x00", "is not a test run"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "is not a test run"),
        (b"<testsuites><testsuite/></testsuites>", "has no tests"),
    ],
)
def test_a_file_that_is_not_a_test_run_is_refused(data: bytes, problem: str) -> None:
    read = junit.parse(data)

    assert isinstance(read, str)
    assert read.startswith(problem)


def test_a_deeply_nested_file_is_read_without_recursion() -> None:
    deep = b"<a>" * 200_000 + b'<testcase classname="t" name="n"/>' + b"</a>" * 200_000
    assert cases(deep) == (Case("t", "n"),)

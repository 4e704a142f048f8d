"""A kept test run: JUnit's XML, which pytest and most other runners write.

It is data that nobody trusts: a file with a document type is refused, and with it every entity.
"""

from typing import Any, Literal

from msgspec import Struct

MAX_BYTES = 8 * 1024 * 1024
Outcome = Literal["passed", "failed", "skipped"]
_OUTCOMES: dict[str, Outcome] = {"failure": "failed", "error": "failed", "skipped": "skipped"}


class Case(Struct):
    """One test: `place` is its file, or its module and class joined by dots."""

    place: str
    name: str
    outcome: Outcome = "passed"


class TestRun(Struct, frozen=True):
    """`path` is the file that was kept."""

    __test__ = False

    path: str
    cases: tuple[Case, ...]

    def outcome(self, test: str) -> Outcome | None:
        """What became of `tests/test_x.py` or `tests/test_x.py::test_y`; None if it was not run.

        Of several tests one that failed decides, then one that passed.
        """
        path, *inner = test.split("::")
        function = inner[-1].partition("[")[0] if inner else None
        module = path.removesuffix(".py").replace("/", ".")
        found = {
            case.outcome
            for case in self.cases
            if (case.place in (path, module) or case.place.startswith(f"{module}."))
            and function in (None, case.name.partition("[")[0])
        }
        order: tuple[Outcome, ...] = ("failed", "passed", "skipped")
        return next((outcome for outcome in order if outcome in found), None)


class _NotJUnitError(Exception):
    pass


def parse(data: bytes) -> tuple[Case, ...] | str:
    """The tests of a run, or what is wrong with the file as a predicate of its path."""
    from xml.parsers import expat

    parser = expat.ParserCreate()
    cases: list[Case] = []

    def start(tag: str, given: dict[str, str]) -> None:
        if tag == "testcase":
            place = given.get("file") or given.get("classname", "")
            cases.append(Case(place, given.get("name", "")))
        elif tag in _OUTCOMES and cases:
            cases[-1].outcome = _OUTCOMES[tag]

    def refuse(*_: Any) -> None:
        raise _NotJUnitError

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, _NotJUnitError, LookupError, ValueError):  # also odd encodings
        return "is no test run in JUnit's XML; let `pytest --junitxml` write it"
    return tuple(cases) or "has no test in it; keep the run of all tests"

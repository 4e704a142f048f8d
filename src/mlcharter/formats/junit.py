"""Read the results of a test run from JUnit XML, which pytest and most other runners write.

The file is untrusted: one with a document type is refused, and with it every entity.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Literal

from msgspec import Struct

MAX_BYTES = 8 * 1024 * 1024
MAX_CASES = 100_000
Outcome = Literal["passed", "failed", "skipped"]
_OUTCOMES: dict[str, Outcome] = {"failure": "failed", "error": "failed", "skipped": "skipped"}


class Case(Struct):
    """One test case: `place` is its `classname`, the module and class joined by dots."""

    place: str
    name: str
    outcome: Outcome = "passed"
    file: str = ""


Key = tuple[str, ...]


class _TestName:
    """A test in a config block: `tests/test_x.py` or `tests/test_x.py::TestY::test_z[1]`."""

    def __init__(self, test: str) -> None:
        self.path, _, rest = test.partition("::")
        names, bracket, parameters = rest.partition("[")
        inner = names.split("::") if names else []
        self.dotted = ".".join((self.path.removesuffix(".py").replace("/", "."), *inner))
        form = "whole" if parameters else "bare"  # of the names of cases
        last = f"{inner[-1]}{bracket}{parameters}" if inner else ""
        self.keys: list[Key] = [("place", self.dotted)]
        self.keys += [("in", form, self.path, last)] if inner else [("file", self.path)]
        if inner:
            self.keys.append(("test", form, f"{self.dotted}{bracket}{parameters}"))


class TestRun(Struct, frozen=True):
    """A test run, with the path of its file."""

    __test__ = False

    path: str
    cases: tuple[Case, ...]

    def find_outcomes(self, tests: Iterable[str]) -> dict[str, Outcome | None]:
        """Return the outcome of each test, in one pass over the cases; None if it did not run.

        If a test has several cases, it fails if one failed, else it passes if one passed.
        """
        names = {test: _TestName(test) for test in tests}
        by_key: dict[Key, set[Outcome]] = {key: set() for n in names.values() for key in n.keys}
        for case in self.cases:
            for key in _list_keys(case):
                if key in by_key:
                    by_key[key].add(case.outcome)
        places = _PlaceIndex(self.cases)
        order: tuple[Outcome, ...] = ("failed", "passed", "skipped")
        results: dict[str, Outcome | None] = {}
        for test, name in names.items():
            own = set().union(*(by_key[key] for key in name.keys), places.find_below(name.dotted))
            results[test] = next((outcome for outcome in order if outcome in own), None)
        return results


def _list_keys(case: Case) -> Iterator[Key]:
    """Return the keys by which a test name can refer to a case, by its file or its place."""
    yield "file", case.file
    yield "place", case.place
    for form, name in (("whole", case.name), ("bare", case.name.partition("[")[0])):
        yield "test", form, f"{case.place}.{name}"
        for part in (name, *case.place.split(".")):
            yield "in", form, case.file, part


class _PlaceIndex:
    """Finds the outcomes of all cases below a place, by counts over sorted places."""

    def __init__(self, cases: Sequence[Case]) -> None:
        ordered = sorted((case.place, case.outcome) for case in cases)
        self.places = [place for place, _ in ordered]
        self.counts: dict[Outcome, list[int]] = {
            outcome: list(accumulate((other == outcome for _, other in ordered), initial=0))
            for outcome in ("failed", "passed", "skipped")
        }

    def find_below(self, place: str) -> set[Outcome]:
        first = bisect_left(self.places, f"{place}.")
        last = bisect_left(self.places, f"{place}/", first)  # `/` is the character after `.`
        return {name for name, counts in self.counts.items() if counts[last] > counts[first]}


_NOT_JUNIT = "is not a test run in JUnit XML"


class _RefusedError(Exception):
    """The file is refused; the message is a predicate."""


def parse(data: bytes) -> tuple[Case, ...] | str:
    """Return the test cases of a run, or what is wrong with the file, as a predicate."""
    from xml.parsers import expat

    parser = expat.ParserCreate()
    cases: list[Case] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "testcase":
            if len(cases) == MAX_CASES:
                raise _RefusedError(f"has more than {MAX_CASES} tests")
            place, name = attributes.get("classname", ""), attributes.get("name", "")
            cases.append(Case(place, name, file=attributes.get("file", "")))
        elif tag in _OUTCOMES and cases and cases[-1].outcome != "failed":
            cases[-1].outcome = _OUTCOMES[tag]

    def refuse(*_: Any) -> None:
        raise _RefusedError(_NOT_JUNIT)

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except _RefusedError as refused:
        return str(refused)
    except (expat.ExpatError, LookupError, ValueError):  # unknown encodings too
        return _NOT_JUNIT
    return tuple(cases) or "has no tests"

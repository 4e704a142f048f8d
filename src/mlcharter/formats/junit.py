"""A kept test run: JUnit's XML, which pytest and most other runners write.

It is data that nobody trusts: a file with a document type is refused, and with it every entity.
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
    """One test: `place` is its module and class joined by dots, as its runner calls them."""

    place: str
    name: str
    outcome: Outcome = "passed"
    file: str = ""


Key = tuple[str, ...]


class _Test:
    """A test's name in a config block: `tests/test_x.py` or `tests/test_x.py::TestY::test_z[1]`."""

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
    """`path` is the file that was kept."""

    __test__ = False

    path: str
    cases: tuple[Case, ...]

    def outcome(self, test: str) -> Outcome | None:
        """What became of `tests/test_x.py` or `tests/test_x.py::test_y`; None if it was not run."""
        return self.outcomes([test])[test]

    def outcomes(self, tests: Iterable[str]) -> dict[str, Outcome | None]:
        """What became of each of these tests, in one pass over the cases.

        Of several cases of a test one that failed decides, then one that passed.
        """
        wanted = {test: _Test(test) for test in tests}
        found: dict[Key, set[Outcome]] = {key: set() for w in wanted.values() for key in w.keys}
        for case in self.cases:
            for key in _keys(case):
                if key in found:
                    found[key].add(case.outcome)
        below = _Below(self.cases)
        order: tuple[Outcome, ...] = ("failed", "passed", "skipped")
        became: dict[str, Outcome | None] = {}
        for test, asked in wanted.items():
            here = set().union(*(found[key] for key in asked.keys), below.outcomes(asked.dotted))
            became[test] = next((outcome for outcome in order if outcome in here), None)
        return became


def _keys(case: Case) -> Iterator[Key]:
    """What a test may name a case by, within its file or from its place on."""
    yield "file", case.file
    yield "place", case.place
    for form, name in (("whole", case.name), ("bare", case.name.partition("[")[0])):
        yield "test", form, f"{case.place}.{name}"
        for part in (name, *case.place.split(".")):
            yield "in", form, case.file, part


class _Below:
    """The outcomes of the cases whose place is below another one, by counts over sorted places."""

    def __init__(self, cases: Sequence[Case]) -> None:
        ordered = sorted((case.place, case.outcome) for case in cases)
        self.places = [place for place, _ in ordered]
        self.counts: dict[Outcome, list[int]] = {
            outcome: list(accumulate((found == outcome for _, found in ordered), initial=0))
            for outcome in ("failed", "passed", "skipped")
        }

    def outcomes(self, place: str) -> set[Outcome]:
        first = bisect_left(self.places, f"{place}.")
        last = bisect_left(self.places, f"{place}/", first)  # the character behind the dot
        return {name for name, counts in self.counts.items() if counts[last] > counts[first]}


class _NotJUnitError(Exception):
    pass


class _TooManyError(Exception):
    pass


def parse(data: bytes) -> tuple[Case, ...] | str:
    """The tests of a run, or what is wrong with the file as a predicate of its path."""
    from xml.parsers import expat

    parser = expat.ParserCreate()
    cases: list[Case] = []

    def start(tag: str, given: dict[str, str]) -> None:
        if tag == "testcase":
            if len(cases) == MAX_CASES:
                raise _TooManyError
            place, name = given.get("classname", ""), given.get("name", "")
            cases.append(Case(place, name, file=given.get("file", "")))
        elif tag in _OUTCOMES and cases and cases[-1].outcome != "failed":
            cases[-1].outcome = _OUTCOMES[tag]

    def refuse(*_: Any) -> None:
        raise _NotJUnitError

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except _TooManyError:
        return f"has more than {MAX_CASES} tests"
    except (expat.ExpatError, _NotJUnitError, LookupError, ValueError):  # also odd encodings
        return "is no test run in JUnit's XML"
    return tuple(cases) or "has no test in it"

"""A kept test run: JUnit's XML, which pytest and most other runners write.

It is data that nobody trusts: a file with a document type is refused, and with it every entity.
"""

from typing import Any, Literal

from msgspec import Struct

MAX_BYTES = 8 * 1024 * 1024
Outcome = Literal["passed", "failed", "skipped"]
_OUTCOMES: dict[str, Outcome] = {"failure": "failed", "error": "failed", "skipped": "skipped"}


class Case(Struct):
    """One test: `place` is its module and class joined by dots, as its runner calls them."""

    place: str
    name: str
    outcome: Outcome = "passed"
    file: str = ""

    def within(self, path: str, inner: list[str], parameters: str) -> bool:
        """Whether it is a test of a file, or of the class or function `inner` in there."""
        name = self.name if parameters else self.name.partition("[")[0]
        if self.file == path:
            return not inner or f"{inner[-1]}{parameters}" in (name, *self.place.split("."))
        dotted = ".".join((path.removesuffix(".py").replace("/", "."), *inner))
        return (
            dotted in (self.place, path)
            or self.place.startswith(f"{dotted}.")
            or (bool(inner) and f"{self.place}.{name}" == f"{dotted}{parameters}")
        )


class TestRun(Struct, frozen=True):
    """`path` is the file that was kept."""

    __test__ = False

    path: str
    cases: tuple[Case, ...]

    def outcome(self, test: str) -> Outcome | None:
        """What became of `tests/test_x.py` or `tests/test_x.py::test_y`; None if it was not run.

        Of several tests one that failed decides, then one that passed.
        """
        path, _, rest = test.partition("::")
        names, bracket, parameters = rest.partition("[")
        inner = names.split("::") if names else []
        found = {
            case.outcome
            for case in self.cases
            if case.within(path, inner, f"{bracket}{parameters}")
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
    except (expat.ExpatError, _NotJUnitError, LookupError, ValueError):  # also odd encodings
        return "is no test run in JUnit's XML"
    return tuple(cases) or "has no test in it"

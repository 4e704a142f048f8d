"""List the steps from a new repository to a team's own system, and say which are done.

The README of a new repository begins with the same commands, described in the same words.
"""

from collections.abc import Iterator

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.formats import proofs
from mlcharter.formats.models import Part

_PACK = ("datasets", "slices", "metrics", "gates")


class StartStep(Part, frozen=True):
    """A command, what it does or shows, what to do then, and whether the step is done."""

    command: str
    what: str
    then: str
    done: bool


class Open(Struct, frozen=True):
    """What is not done yet: places of the starter, sections to fill in, findings at draft."""

    starter: int
    sections: int
    draft: int


def steps(charter: Charter, left: Open) -> tuple[StartStep, ...]:
    """Return the steps; none once the team's own system is in, described, and checked at a level.

    `.venv`, reports and scores are not in every clone: without them a step is open, but they are
    no reason to show the steps again.
    """
    own = not left.starter and charter.settled(*_PACK)
    decided = charter.settings.level("", charter.branch) != "draft"
    if charter.answers.values.get("layout") == "full":
        decided = decided and (charter.is_file(proofs.PATH) or not charter.every("gates"))
        listed = _list_for_code(charter, left, own, decided)
    else:
        listed = _list_for_documents(charter, left, own, decided)
    return () if own and decided and not left.sections else tuple(listed)


def _list_for_code(charter: Charter, left: Open, own: bool, decided: bool) -> Iterator[StartStep]:
    putting_in = 'put your own system in, as "What is inside" in the README says'
    yield StartStep(
        "make setup",
        "installs everything into `.venv`, and the Git hooks",
        "",
        charter.exists(".venv"),
    )
    yield StartStep(
        "make test eval check",
        "tests, measures into `reports/`, and checks the gates and the documents",
        "",
        any(name.endswith(".json") for name, _ in charter.tree.list_folder("reports")),
    )
    yield StartStep("mlcharter starter list", "shows what is left of the starter", putting_in, own)
    yield StartStep("make status", *_FILL_IN, not left.sections)
    yield StartStep(
        "make prove",
        "breaks your system for each gate, and writes to `proofs.json` that the gate fails then",
        f"commit it, and {_SET_LEVEL}",
        decided,
    )


_FILL_IN = (
    "shows how much of each document is filled in, and what to write next",
    "fill in the documents",
)
_SET_LEVEL = "set `level: complete` in `.mlcharter.yml`"


def _list_for_documents(
    charter: Charter, left: Open, own: bool, decided: bool
) -> Iterator[StartStep]:
    yield StartStep(
        "mlcharter check",
        "compares the documents with their template; level `draft` asks only for the structure",
        "",
        not left.draft,
    )
    yield StartStep("mlcharter status", *_FILL_IN, not left.sections)
    yield StartStep(
        "mlcharter explain scores",
        "shows the table that your eval writes into `scores/`, one row a case",
        "describe its data, metrics and gates in `docs/eval_pack.md`",
        own,
    )
    yield StartStep(
        "mlcharter gate --pin",
        "writes digest and rows of the tables in `scores/` into the eval pack",
        "compare them with the gates, as CI does: `mlcharter gate`",
        own and any(charter.tree.list_folder("scores")),
    )
    yield StartStep(
        "mlcharter check --level complete", "shows what is still missing", _SET_LEVEL, decided
    )

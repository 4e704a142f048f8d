"""What is recorded of each repository: one JSON object a line; schemas/fleet.json describes it."""

from typing import Literal

from msgspec import field

from mlcharter.formats.models import Date, Part
from mlcharter.status.progress import Left

State = Literal["checked", "not adopted", "failed"]


class Failing(Part, frozen=True, kw_only=True):
    """A finding that fails. Its fingerprint does not change when lines move."""

    rule: str
    path: str
    line: int
    message: str
    level: str
    fingerprint: str


class Excuse(Part, frozen=True, kw_only=True):
    """A requirement that is not met with leave: by whom, since when or until when, and why.

    `of` says what is excused: `allow` and `baseline` a rule, `item` an item, `entry` an entry of a
    config block, `not applicable` a document, section or item.
    """

    of: Literal["allow", "baseline", "item", "entry", "not applicable"]
    what: str
    by: str
    since: Date | None = None
    until: Date | None = None
    reason: str = ""


class Row(Part, frozen=True, kw_only=True):
    """One repository. `error` says why it `failed`; the fields from `tracks` on are then empty.

    `name`, `owner`, `wave` and `url` are those of the list, else the folder's name, the owner in
    the answers, nothing, and the address of the remote. `tier` is that of the answers, else of the
    list. `template` is the version of the template
    that it was generated from. `score` is that of `mlcharter status`; `areas` has
    the percentage of the items of each that have evidence. They are null if they do not apply.
    `failing` are the findings that fail at `level`, `counted` is how many findings
    of each rule do not, and `left` how many first fail at each level.
    """

    version: Literal[1] = 1
    name: str
    place: str
    date: Date
    state: State
    error: str = ""
    owner: str = ""
    wave: str = ""
    url: str = ""
    tier: str = ""
    tracks: tuple[str, ...] = ()
    template: str = ""
    level: str = ""
    documents: int = 0
    score: int | None = None
    areas: dict[str, float | None] = field(default_factory=dict)
    left: Left = Left(draft=0, complete=0, release=0)
    failing: tuple[Failing, ...] = ()
    counted: dict[str, int] = field(default_factory=dict)
    excuses: tuple[Excuse, ...] = ()

    @property
    def outcome(self) -> str:
        """`passes` or `fails` if it was checked, else its state."""
        if self.state != "checked":
            return self.state
        return "fails" if self.failing else "passes"

    @property
    def passes(self) -> bool:
        return self.outcome == "passes"

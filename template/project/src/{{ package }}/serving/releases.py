"""A release: everything that goes live together, by digest, with the verdicts that let it.

The manifest's own digest is the release's id. A deployment names the id, and an instance serves
nothing else: that binds every byte to what was deployed.
It is no signature: who may write the deployment decides what is live. `verified` is where a
signature over the manifest will be checked before anything in it is believed.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ..digests import canonical, sha256
from ..parsing import parsed
from .store import DamagedError, Store, read_whole, write_whole

VERSION = 1
CARRIED = ("json", "jsonl", "md", "npz")
"""Formats that hold data only. A pickle runs code when it is read, so there is none."""
LET_THROUGH = ("pass", "warn", "waived")
"""A gate that only warns, and one with a dated waiver, do not stop a release."""
REBUILT, REFERENCE = "rebuilt", "reference"


class RefusedError(ValueError):
    """The release may not serve; the message has one reason a line."""


@dataclass(frozen=True)
class Member:
    """One part of a release.

    `format` is one of CARRIED: its bytes lie in the store; `rebuilt`: made at start-up from other
    members, and compared; `reference`: pinned, though serving does not read it.
    """

    kind: str
    name: str
    sha256: str
    format: str

    @property
    def ref(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True)
class Verdict:
    """What `mlcharter gate` decided; `config` is the kind of config block that has the gate."""

    config: str
    gate: str
    verdict: str
    metric: str
    dataset: str
    slice: str
    against: str | None


@dataclass(frozen=True)
class Release:
    """The manifest. `reports` are digests of eval reports, `gates` the names of all gates."""

    sequence: int
    previous: str | None
    required: tuple[str, ...]
    members: tuple[Member, ...]
    reports: tuple[str, ...]
    gates: tuple[str, ...]
    verdicts: tuple[Verdict, ...]

    def content(self) -> dict[str, Any]:
        return {"version": VERSION, **asdict(self)}

    @property
    def id(self) -> str:
        return sha256(self.content())


def written(release: Release, folder: Path) -> Path:
    """Write the manifest of a release into its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "manifest.json", canonical(release.content()))
    return folder


def read(folder: Path, pinned: str | None = None) -> Release:
    """The manifest in `folder`; a RefusedError where there is none that can be read.

    With `pinned`, its bytes are compared with the id before anything in them is looked at.
    """
    try:
        data = read_whole(folder / "manifest.json")
        found = hashlib.sha256(data).hexdigest()
        if pinned is not None and found != pinned:
            raise RefusedError(f"the manifest is {found[:12]}, not {pinned[:12]} as deployed")
        raw = parsed(data)
        if raw["version"] != VERSION:
            raise RefusedError("the manifest has another version")
        release = TypeAdapter(Release).validate_python({**raw})
        if canonical(release.content()) != canonical(raw):
            raise RefusedError("the manifest has keys or values that a release has not")
        return release
    except RefusedError:
        raise
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, wrong["loc"]))
        raise RefusedError(f"the manifest cannot be read: {place}: {wrong['msg']}") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RefusedError(f"the manifest cannot be read: {error}") from error


def verified(folder: Path, pinned: str) -> tuple[Release, dict[str, bytes]]:
    """The release in `folder` with the bytes of its members, or a RefusedError with every reason.

    `pinned` is the id that the deployment names.
    """
    release = read(folder, pinned)
    return release, checked(release, Store(folder / "objects"))


def checked(release: Release, store: Store) -> dict[str, bytes]:
    """The bytes of the members by ref, or a RefusedError with every reason."""
    members, wrong = _members(release, store)
    reports, unread = _reports(release, store)
    # What a lost report cannot show is no news.
    wrong += unread or [*_ungated(release, reports.numbers), *_unmeasured(release, reports.digests)]
    if wrong:
        raise RefusedError("\n".join(wrong))
    return members


def _members(release: Release, store: Store) -> tuple[dict[str, bytes], list[str]]:
    found: dict[str, bytes] = {}
    kinds = {member.kind for member in release.members}
    wrong = [f"no {kind} among the members" for kind in release.required if kind not in kinds]
    refs = Counter(member.ref for member in release.members)
    wrong += [f"{ref} stands twice" for ref, count in sorted(refs.items()) if count > 1]
    for member in release.members:
        if member.format in CARRIED:
            try:
                found[member.ref] = store.get(member.sha256)
            except DamagedError as error:
                wrong.append(f"{member.ref}: {error}")
        elif member.format not in (REBUILT, REFERENCE):
            wrong.append(f"{member.ref}: {member.format} is not a format that holds data only")
    return found, wrong


@dataclass
class _Reports:
    """What the reports of a release measured: numbers by `_NUMBER`, and on which bytes."""

    numbers: set[tuple[str | None, ...]]
    digests: set[str]


_NUMBER = ("metric", "dataset", "slice", "against")


def _reports(release: Release, store: Store) -> tuple[_Reports, list[str]]:
    found, wrong = _Reports(set(), set()), []
    for digest in release.reports:
        try:
            report = parsed(store.get(digest))
            found.numbers |= {tuple(r[key] for key in _NUMBER) for r in report["results"]}
            found.digests |= {e["sha256"] for e in report["artifacts"] + report["datasets"]}
        except (KeyError, TypeError):
            wrong.append(f"report: {digest[:12]} is none; pin what an eval wrote")
        except ValueError as error:
            wrong.append(f"report: {error}")
    return found, wrong


def _ungated(release: Release, measured: set[tuple[str | None, ...]]) -> list[str]:
    """Gates without a passing verdict, and verdicts about a number that no report has."""
    verdicts = {verdict.gate: verdict for verdict in release.verdicts}
    wrong = [] if release.gates else ["no gate was decided"]
    for gate in release.gates:
        verdict = verdicts.get(gate)
        if verdict is None:
            wrong.append(f"gate {gate}: no verdict")
        elif verdict.verdict not in LET_THROUGH:
            wrong.append(f"gate {gate}: {verdict.verdict}")
        elif verdict.config == "gates" and (
            (verdict.metric, verdict.dataset, verdict.slice, verdict.against) not in measured
        ):
            wrong.append(f"gate {gate}: its number is in no report of this release")
    return wrong


def _unmeasured(release: Release, measured: set[str]) -> list[str]:
    """Members that none of the reports names: gates passed, but on something else."""
    return [
        f"{member.ref}: no report measured these bytes"
        for member in release.members
        if member.kind != "eval" and member.sha256 not in measured
    ]


def compared(release: Release, made: Mapping[str, str]) -> None:
    """Compare what was rebuilt (ref to digest) with the manifest; a RefusedError says what differs.

    What the manifest wants rebuilt and nobody made is refused as well.
    """
    wrong = [
        f"{member.ref}: rebuilt as {made.get(member.ref, 'nothing')[:12]}"
        for member in release.members
        if member.format == REBUILT and made.get(member.ref) != member.sha256
    ]
    if wrong:
        raise RefusedError("\n".join(wrong))

"""What `gate` reads from a repository: contracts, reports, and the newest frozen reports."""

import hashlib
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mlcharter import deciding, document, report
from mlcharter.document import Contract, Document
from mlcharter.errors import UserError
from mlcharter.plain import plain
from mlcharter.reading import Unreadable
from mlcharter.report import Report
from mlcharter.verdict import Judged

EVAL_PACK = "docs/eval_pack.md"
RUNBOOK = "ops/runbook.md"
RELEASED = "reports/released"

# What gates are described with; the kinds that decide are the modules of gate_kinds/.
DESCRIPTIONS = ("metrics", "slices", "datasets")


@dataclass(frozen=True)
class Pack:
    """`contracts` by kind, `reports` by path as it was typed, `released` by track."""

    contracts: Mapping[str, Any]
    reports: Mapping[str, Report]
    released: Mapping[str, Report]
    unfilled: Sequence[str]
    judged: Sequence[Judged] = ()

    @property
    def notes(self) -> list[str]:
        """What a reader should know beside the verdicts; it decides nothing."""
        dirty = [name for name, report in self.reports.items() if report.run.dirty]
        return [
            *(f"{contract} is not filled in and decides nothing" for contract in self.unfilled),
            *(f"{name} was made from a tree with uncommitted changes" for name in dirty),
        ]


def read(paths: Sequence[Path], eval_pack: Path | None) -> Pack:
    """The eval pack round some reports, with them and what they are compared with."""
    starts = ([eval_pack.parent] if eval_pack else []) + [paths[0].parent, Path()]
    root = find_root(starts)
    if root is None and eval_pack is None:
        raise UserError(
            f"no {EVAL_PACK} above {paths[0]} or here", "name the eval pack with `--pack FILE`"
        )
    root = root or Path()
    contracts, unfilled = read_contracts(root, eval_pack)
    contents = {str(path): report.contents(Path(path.name), path.parent) for path in paths}
    reports = {name: report.parse(content, plain(name)) for name, content in contents.items()}
    released = read_released(root, sorted({read.track for read in reports.values()}), paths)
    judged = [
        Judged(read.track, hashlib.sha256(contents[name]).hexdigest())
        for name, read in reports.items()
    ]
    return Pack(contracts, reports, released, unfilled, judged)


def find_root(starts: Iterable[Path]) -> Path | None:
    """The nearest folder at or above one of `starts` that has an eval pack."""
    for start in starts:
        for folder in (start.absolute(), *start.absolute().parents):
            if (folder / EVAL_PACK).is_file():
                return folder
    return None


def read_contracts(root: Path, eval_pack: Path | None) -> tuple[dict[str, Any], list[str]]:
    """The contracts that gates need, by kind, and which of them nobody has begun to fill in.

    Lists that stand in several places are joined; a mapping stands once.
    """
    kinds = {*DESCRIPTIONS, *deciding.kinds()}
    found: dict[str, Any] = {}
    unfilled = []
    for name, read in _documents(root, eval_pack):
        for contract in read.contracts:
            if contract.kind not in kinds:
                continue
            if contract.problem is None and _blank(contract.value):
                unfilled.append(f"{name}:{contract.line}: `{contract.kind}`")
            else:
                _join(found, contract, name)
    return found, unfilled


def _documents(root: Path, eval_pack: Path | None) -> Iterator[tuple[str, Document]]:
    """The documents that are read, by the name that messages give them."""
    if eval_pack is None:
        yield EVAL_PACK, _document(EVAL_PACK, root)
    else:
        yield str(eval_pack), _document(eval_pack.name, eval_pack.parent)
    if (root / RUNBOOK).is_file():
        yield RUNBOOK, _document(RUNBOOK, root)


def _document(path: str, root: Path) -> Document:
    read = document.read(path, root)
    if isinstance(read, Unreadable):
        raise UserError(f"{root / path} {read.message}", "name the eval pack with `--pack FILE`")
    return read


def read_released(root: Path, tracks: Iterable[str], judged: Iterable[Path]) -> dict[str, Report]:
    """The newest frozen report of each track, by file name; a track may have none.

    A report that is being judged is left out: it would be compared with itself.
    """
    own = {path.resolve() for path in judged}
    found = {}
    for track in tracks:
        names = (root / RELEASED).glob(f"*-{track}.json")
        frozen = sorted(path for path in names if path.resolve() not in own)
        if frozen:
            found[track] = report.read(frozen[-1].relative_to(root), root)
    return found


def _join(found: dict[str, Any], contract: Contract, path: str) -> None:
    kind = contract.kind
    if contract.problem is not None:
        line, _, message = contract.problem
        raise UserError(f"{path}:{line}: {message}", f"`mlcharter explain {kind}` shows one")
    model = importlib.import_module(f"mlcharter.contracts.{kind}").MODEL
    try:
        value = msgspec.convert(contract.value, model, strict=True)
    except msgspec.ValidationError as error:
        line = contract.mark(*_place(str(error))).line
        message = f"{path}:{line}: `{kind}` cannot decide: {error}"
        raise UserError(message, f"fill it in; `mlcharter explain {kind}` shows how") from error
    if kind not in found:
        found[kind] = value
    elif isinstance(value, list):
        found[kind] = [*found[kind], *value]
    else:
        raise UserError(f"{path}:{contract.line}: `{kind}` stands twice", "keep one of them")


def _blank(value: Any) -> bool:
    """Whether there is nothing but keys; one value more, and a contract must be whole."""
    if isinstance(value, dict):
        return all(map(_blank, value.values()))
    return value is None or (isinstance(value, list) and all(map(_blank, value)))


def _place(error: str) -> list[str | int]:
    """The path in a msgspec message: "… - at `$[0].threshold`" is [0, "threshold"]."""
    _, _, place = error.rpartition("`$")
    parts = re.findall(r"\[(\d+)\]|\.(\w+)", place)
    return [int(index) if index else key for index, key in parts]

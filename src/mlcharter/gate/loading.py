"""What `gate` reads from a repository: config blocks, reports, and the newest frozen reports."""

import hashlib
import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlcharter.charter import config_entries
from mlcharter.charter.released_files import RELEASED, newest
from mlcharter.formats import report
from mlcharter.formats.report import Report
from mlcharter.gate import engine, inputs
from mlcharter.gate.verdict import Judged
from mlcharter.markdown import document
from mlcharter.markdown.document import ConfigBlock, Document
from mlcharter.support.errors import UserError
from mlcharter.support.plain import plain
from mlcharter.support.reading import Unreadable

EVAL_PACK = "docs/eval_pack.md"
RUNBOOK = "ops/runbook.md"

# What gates are described with; the kinds that decide are the modules of gate_kinds/.
DESCRIPTIONS = ("metrics", "slices", "datasets")
_MOST = 8  # reports in a hint; one is written for each track


@dataclass(frozen=True)
class Pack:
    """`configs` by kind, `reports` by path as it was typed, `released` by track.

    `stale` says by the path of a report why it may not decide.
    """

    configs: Mapping[str, Any]
    reports: Mapping[str, Report]
    released: Mapping[str, Report]
    unfilled: Sequence[str]
    judged: Sequence[Judged] = ()
    stale: Mapping[str, str] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """What a reader should know beside the verdicts; it decides nothing."""
        dirty = [name for name, report in self.reports.items() if report.run.dirty]
        return [
            *(f"{config} is not filled in and decides nothing" for config in self.unfilled),
            *(f"{name} was made from a tree with uncommitted changes" for name in dirty),
        ]


def read(paths: Sequence[Path], eval_pack: Path | None) -> Pack:
    """The eval pack round some reports, with them and what they are compared with."""
    _refuse_no_files(paths)
    starts = ([eval_pack.parent] if eval_pack else []) + [paths[0].parent, Path()]
    root = find_root(starts)
    if root is None and eval_pack is None:
        raise UserError(
            f"no {EVAL_PACK} above {paths[0]} or here", "name the eval pack with `--pack FILE`"
        )
    root = root or Path()
    configs, unfilled = read_configs(root, eval_pack)
    contents = {str(path): report.contents(Path(path.name), path.parent) for path in paths}
    reports = {name: report.parse(content, plain(name)) for name, content in contents.items()}
    released = read_released(root, sorted({read.track for read in reports.values()}), paths)
    judged = [
        Judged(read.track, hashlib.sha256(contents[name]).hexdigest())
        for name, read in reports.items()
    ]
    stale = {
        str(path): why
        for path in paths
        if (why := inputs.stale(reports[str(path)], path, root)) is not None
    }
    return Pack(configs, reports, released, unfilled, judged, stale)


def _refuse_no_files(paths: Sequence[Path]) -> None:
    """Refuse to judge nothing, a folder, or a pattern that the shell found no file for."""
    if not paths:
        raise UserError("no report is named", _next(Path()))
    for path in paths:
        if path.is_dir():
            raise UserError(f"{path} is a folder", _next(path))
        if "*" in path.name and not path.exists():
            raise UserError(f"no file is like {path}", _next(path.parent))


def _next(start: Path) -> str:
    """The command that judges the reports of the repository round a folder."""
    root = find_root([start, Path()])
    if root is None:
        return f"name the reports of a run, in a repository that has {EVAL_PACK}"
    folder = Path(os.path.relpath(root / "reports"))
    reports = sorted(folder.glob("*.json"))
    if not reports:
        first = "`make eval` writes them" if (root / "Makefile").is_file() else "run the evals"
        return f"{first}; then `mlcharter gate {folder}/*.json`"
    return f"`mlcharter gate {shlex.join(map(str, reports[:_MOST]))}`"


def find_root(starts: Iterable[Path]) -> Path | None:
    """The nearest folder at or above one of `starts` that has an eval pack."""
    for start in starts:
        for folder in (start.absolute(), *start.absolute().parents):
            if (folder / EVAL_PACK).is_file():
                return folder
    return None


def read_configs(root: Path, eval_pack: Path | None) -> tuple[dict[str, Any], list[str]]:
    """The config blocks that gates need, by kind, and which of them nobody has begun to fill in.

    Lists that stand in several places are joined; a mapping stands once.
    """
    kinds = {*DESCRIPTIONS, *engine.kinds()}
    found: dict[str, Any] = {}
    unfilled = []
    for name, read in _documents(root, eval_pack):
        for config in read.configs:
            if config.kind not in kinds:
                continue
            if config.problem is None and config_entries.is_blank(config.value):
                unfilled.append(f"{name}:{config.line}: `{config.kind}`")
            else:
                _join(found, config, name)
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
    own = {os.path.realpath(path) for path in judged}  # which takes links that lead to themselves
    paths = (root / RELEASED).glob("*.json")
    names = [path.name for path in paths if os.path.realpath(path) not in own]
    newests = {track: newest(names, f"-{track}.json") for track in tracks}
    return {
        track: report.read(Path(RELEASED, name), root) for track, name in newests.items() if name
    }


def _join(found: dict[str, Any], config: ConfigBlock, path: str) -> None:
    kind = config.kind
    if config.problem is not None:
        line, _, message = config.problem
        raise UserError(f"{path}:{line}: {message}", f"`mlcharter explain {kind}` shows one")
    read = config_entries.read(config)
    if read.problems:
        wrong = [f"{path}:{problem.line}: {problem.message}" for problem in read.problems]
        more = f" ({len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise UserError(f"{wrong[0]}{more}", f"`mlcharter explain {kind}` shows a whole one")
    values = [entry.value for entry in read.entries]
    value = values if config_entries.is_list(kind) else values[0]
    if kind not in found:
        found[kind] = value
    elif isinstance(value, list):
        found[kind] = [*found[kind], *value]
    else:
        raise UserError(f"{path}:{config.line}: `{kind}` stands twice", "keep one of them")

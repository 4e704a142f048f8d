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
from mlcharter.support.files import Folder, Tree, Unreadable
from mlcharter.support.plain import plain

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
    tree = Folder(root or Path())
    configs, unfilled = read_configs(tree, eval_pack)
    contents = {
        str(path): report.read_contents(path.name, Folder(path.parent), str(path)) for path in paths
    }
    reports = {name: report.parse(content, plain(name)) for name, content in contents.items()}
    tracks = sorted({read.track for read in reports.values()})
    released = read_released(tree, tracks, [_place(path, tree) for path in paths])
    judged = [
        Judged(read.track, hashlib.sha256(contents[name]).hexdigest())
        for name, read in reports.items()
    ]
    stale = {
        str(path): why
        for path in paths
        if (why := inputs.stale(reports[str(path)], path, tree)) is not None
    }
    return Pack(configs, reports, released, unfilled, judged, stale)


def _place(path: Path, tree: Folder) -> str:
    """The way from the top of the repository to a report, through whatever links it was named."""
    return Path(os.path.relpath(os.path.realpath(path), os.path.realpath(tree.root))).as_posix()


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
    tree = Folder(root)
    folder = Path(os.path.relpath(root / "reports"))
    reports = sorted(name for name, _ in tree.list_folder("reports") if name.endswith(".json"))
    if not reports:
        first = "`make eval` writes them" if tree.is_file("Makefile") else "run the evals"
        return f"{first}; then `mlcharter gate {folder}/*.json`"
    return f"`mlcharter gate {shlex.join(str(folder / name) for name in reports[:_MOST])}`"


def find_root(starts: Iterable[Path]) -> Path | None:
    """The nearest folder at or above one of `starts` that has an eval pack."""
    for start in starts:
        for folder in (start.absolute(), *start.absolute().parents):
            if Folder(folder).is_file(EVAL_PACK):
                return folder
    return None


def read_configs(tree: Tree, eval_pack: Path | None) -> tuple[dict[str, Any], list[str]]:
    """The config blocks that gates need, by kind, and which of them nobody has begun to fill in.

    Lists that stand in several places are joined; a mapping stands once.
    """
    kinds = {*DESCRIPTIONS, *engine.kinds()}
    found: dict[str, Any] = {}
    unfilled = []
    for name, read in _documents(tree, eval_pack):
        for config in read.configs:
            if config.kind not in kinds:
                continue
            if config.problem is None and config_entries.is_blank(config.value):
                unfilled.append(f"{name}:{config.line}: `{config.kind}`")
            else:
                _join(found, config, name)
    return found, unfilled


def _documents(tree: Tree, eval_pack: Path | None) -> Iterator[tuple[str, Document]]:
    """The documents that are read, by the name that messages give them."""
    if eval_pack is None:
        yield EVAL_PACK, _document(EVAL_PACK, tree, EVAL_PACK)
    else:
        outside = tree.outside(eval_pack.parent)
        yield str(eval_pack), _document(eval_pack.name, outside, str(eval_pack))
    if tree.is_file(RUNBOOK):
        yield RUNBOOK, _document(RUNBOOK, tree, RUNBOOK)


def _document(path: str, tree: Tree, shown: str) -> Document:
    read = document.read(path, tree)
    if isinstance(read, Unreadable):
        raise UserError(f"{shown} {read.message}", "name the eval pack with `--pack FILE`")
    return read


def read_released(tree: Tree, tracks: Iterable[str], judged: Iterable[str]) -> dict[str, Report]:
    """Return the newest frozen report of each track, by file name; a track may have none.

    `judged` are paths of reports that are left out: one would be compared with itself.
    """
    own = {tree.real(path) for path in judged}
    listed = [name for name, _ in tree.list_folder(RELEASED) if name.endswith(".json")]
    names = [name for name in listed if tree.real(f"{RELEASED}/{name}") not in own]
    newests = {track: newest(names, f"-{track}.json") for track in tracks}
    return {
        track: report.read(f"{RELEASED}/{name}", tree) for track, name in newests.items() if name
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

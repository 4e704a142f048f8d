"""Read what `gate` needs from a repository: config blocks, reports and released reports."""

import datetime
import hashlib
import os
import shlex
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from mlcharter.charter import config_entries, settings
from mlcharter.charter.released_files import RELEASED, newest
from mlcharter.formats import report
from mlcharter.formats.models import Id
from mlcharter.formats.report import Key, Report
from mlcharter.gate import engine, inputs, pinning, scoring, tables
from mlcharter.gate.measurements import Failure, Measurements
from mlcharter.gate.scoring import Scored
from mlcharter.gate.tables import Table
from mlcharter.gate.verdict import JudgedReport
from mlcharter.markdown import document
from mlcharter.markdown.document import ConfigBlock, Document
from mlcharter.support import git, plugins, writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Tree, Unreadable
from mlcharter.support.plain import plain
from mlcharter.template import answers, bundled, composing

EVAL_PACK = "docs/eval_pack.md"
RUNBOOK = "ops/runbook.md"
REPORTS, SCORES = "reports", "scores"  # the folders that are read if no file is named
IMPORTERS = "mlcharter.gate.importers"

# Kinds that define what gates refer to; the kinds that decide are the modules of kinds/.
DESCRIPTIONS = ("metrics", "slices", "datasets")
_GATES = "ci-gates"  # the section of the eval pack
_MAX_REPORTS = 8  # in a hint; there is one for each track


@dataclass(frozen=True)
class Pack:
    """An eval pack with its reports.

    `configs` are by kind, `reports` by the path that the user typed, `released` by track.
    `stale` says by the path of a report why it is stale, `failures` by its key why scores give no
    number for a result, and `committed` by the path of scores when Git got them.
    """

    configs: Mapping[str, Any]
    reports: Mapping[str, Report]
    released: Mapping[str, Report]
    unfilled: Sequence[str]
    judged: Sequence[JudgedReport] = ()
    stale: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[Key, Failure] = field(default_factory=dict)
    committed: Mapping[str, str] = field(default_factory=dict)

    def measure(self, today: datetime.date) -> Measurements:
        """Return what the gates are decided on; raises UserError if there is no gate."""
        return engine.measure(
            self.configs, self.reports, self.released, today, self.stale, self.failures
        )

    @property
    def notes(self) -> list[str]:
        """Warnings to print beside the verdicts; they decide nothing."""
        dirty = [name for name, report in self.reports.items() if report.run.dirty]
        return [
            *(f"{config} is not filled in, so it is skipped" for config in self.unfilled),
            *(f"{name} is from a tree with uncommitted changes" for name in dirty),
            *(
                f"{name} was committed on {when}; whether it measured today's code is unknown: "
                "let CI write it"
                for name, when in self.committed.items()
            ),
        ]


def read(paths: Sequence[Path], eval_pack: Path | None, *, need_reports: bool = True) -> Pack:
    """Return the eval pack of the repository that `paths` are in, with these reports.

    The released reports of the same tracks are read too, as gates compare with them.
    """
    if paths or need_reports:
        _check_paths(paths)
    tree = Folder(_find_pack_root(paths, eval_pack))
    configs, unfilled = read_configs(tree, eval_pack)
    contents = _read_contents(paths)
    datasets = [dataset.id for dataset in configs.get("datasets", ())]
    asked = scoring.Pack.of(configs, datasets)
    scored = _score(contents, asked)
    reports = _parse_reports(contents, scored)
    tracks: Sequence[str] = sorted({read.track for read in reports.values()})
    if not paths:  # only a release shows the spread of the numbers
        tracks = composing.list_tracks(bundled.embedded_root())
    released = {
        **read_released(tree, tracks, [_locate(path, tree) for path in paths]),
        **_score_released(tree, scored, asked),
    }
    judged = [
        JudgedReport(read.track, hashlib.sha256(contents[name]).hexdigest())
        for name, read in reports.items()
    ]
    stale = {
        str(path): why
        for path in paths
        if str(path) not in scored  # scores are what they are: their digest is part of the decision
        and (why := inputs.find_staleness(reports[str(path)], path, tree)) is not None
    }
    failures = {key: why for read in scored.values() for key, why in read.failures.items()}
    committed = {name: when for name in scored if (when := _find_commit(Path(name), tree))}
    return Pack(configs, reports, released, unfilled, judged, stale, failures, committed)


def _find_commit(path: Path, tree: Folder) -> str | None:
    """Return date and age of the commit that a file is from; None for one that was just written.

    That is one that Git ignores, does not know, or that has changed since.
    """
    place = _locate(path, tree)
    if place.startswith((f"{RELEASED}/", "../")):
        return None
    root = Path(tree.root)
    if git.output("status", "--porcelain", "--ignored", "--", place, cwd=root) != "":
        return None
    found = git.output("log", "-1", "--format=%cs %H", "--", place, cwd=root)
    if not found:
        return None
    date, commit = found.split()
    since = git.output("rev-list", "--count", f"{commit}..HEAD", cwd=root)
    return f"{date}, {since} commit{'' if since == '1' else 's'} ago"


def _find_pack_root(paths: Sequence[Path], eval_pack: Path | None) -> Path:
    """Return the repository of the eval pack; a UserError if no pack is named or found."""
    starts = ([eval_pack.parent] if eval_pack else []) + [*(p.parent for p in paths[:1]), Path()]
    root = find_root(starts)
    if root is None and eval_pack is None:
        places = f"above {paths[0]} or here" if paths else "here"
        raise UserError(f"no {EVAL_PACK} {places}", "name the eval pack with `--pack FILE`")
    return root or Path()


def find_results() -> list[Path]:
    """Return the reports and scores of the repository around the current folder."""
    root = find_root([Path()])
    if root is None:
        return []
    tree, top = Folder(root), Path(os.path.relpath(root))
    reports = [f"{REPORTS}/{name}" for name in _list_reports(tree)]
    return [top / name for name in (*reports, *_list_scores(tree))]


def _list_reports(tree: Tree) -> list[str]:
    return sorted(name for name, _ in tree.list_folder(REPORTS) if name.endswith(".json"))


def _list_scores(tree: Tree) -> list[str]:
    names = sorted(name for name, _ in tree.list_folder(SCORES) if not name.startswith("."))
    return [f"{SCORES}/{name}" for name in names if tree.is_file(f"{SCORES}/{name}")]


def has_unfilled_gates() -> bool:
    """Return whether all `gates` of the repository around the current folder are still empty."""
    root = find_root([Path()])
    if root is None:
        return False
    configs, unfilled = read_configs(Folder(root), None, {"gates"})
    return not configs and bool(unfilled)


def are_gates_left_out(paths: Sequence[Path]) -> bool:
    """Return whether the settings of the repository leave out the eval pack, or its gates.

    It is the repository of the first path, else the one around the current folder. Gates that are
    there in spite of the settings are decided.
    """
    for start in [*(path.parent for path in paths[:1]), Path()]:
        for folder in (start.absolute(), *start.absolute().parents):
            tree = Folder(folder)
            has_pack = tree.is_file(EVAL_PACK)
            if has_pack or answers.is_charter(tree):
                left_out = settings.read(tree).left_out
                if not has_pack:
                    return EVAL_PACK in left_out
                return _GATES in left_out and not any(read_configs(tree, None, {"gates"}))
    return False


def pin(paths: Sequence[Path], eval_pack: Path | None) -> list[str]:
    """Write the data that reports ran on into the eval pack; return a line for each change."""
    _check_paths(paths)
    root = _find_pack_root(paths, eval_pack)
    file = eval_pack or root / EVAL_PACK
    shown = os.path.relpath(file)
    pack = _read_document(file.name, Folder(file.parent), shown)
    contents = _read_contents(paths)
    configs, _ = read_configs(Folder(root), eval_pack, {"metrics", "slices"})
    known = pinning.list_datasets(pack) or [
        name for table in dict(_read_tables(contents)).values() for name in _name_datasets(table)
    ]
    scored = _score(contents, scoring.Pack.of(configs, known))
    reports = _parse_reports(contents, scored)
    text, lines = pinning.pinned(replace(pack, path=shown), reports.values())
    if text != pack.text:
        writing.write(file, text)
    return lines


def _name_datasets(table: Table) -> list[str]:
    """Return ids for the datasets of a table that no eval pack names yet."""
    names = scoring.list_names(table)
    for name in names:
        try:
            msgspec.convert(name, Id)
        except msgspec.ValidationError:
            why = f"{table.name}: a dataset can't have the id `{plain(name)}`"
            hint = "an id begins with a letter, and has letters, digits and hyphens: rename it"
            raise UserError(why, hint) from None
    return names


def _read_contents(paths: Iterable[Path]) -> dict[str, bytes]:
    """Return the bytes of each file, by the path as it was typed."""
    return {
        str(path): report.read_contents(path.name, Folder(path.parent), str(path), tables.MAX_BYTES)
        for path in paths
    }


def _score(contents: Mapping[str, bytes], pack: scoring.Pack) -> dict[str, Scored]:
    """Return what each file with scores says, by its path; reports are left out."""
    return {name: scoring.score(table, pack) for name, table in _read_tables(contents)}


def _read_tables(contents: Mapping[str, bytes]) -> Iterator[tuple[str, Table]]:
    """Yield each file with scores as a table, by its path; reports are left out."""
    formats = plugins.load(IMPORTERS).values()
    for name, content in contents.items():
        source = tables.Source(name=plain(name), content=content)
        found = (table for read in formats if (table := read.read(source)) is not None)
        if (table := next(found, None)) is not None:
            yield name, table


def read_scores(
    tree: Folder, pack: scoring.Pack
) -> tuple[dict[str, tuple[Table, Scored]], dict[str, Report]]:
    """Return the tables in `scores/` with what they say, and the released scores by track."""
    files = _list_scores(tree)
    contents = {f: report.read_contents(f, tree, f, tables.MAX_BYTES) for f in files}
    found = dict(_read_tables(contents))
    scored = {name: scoring.score(table, pack) for name, table in found.items()}
    both = {name: (table, scored[name]) for name, table in found.items()}
    return both, _score_released(tree, scored, pack)


def _score_released(
    tree: Tree, scored: Mapping[str, Scored], pack: scoring.Pack
) -> dict[str, Report]:
    """Return what the newest released scores of each file say, by its track."""
    names = [name for name, _ in tree.list_folder(RELEASED)]
    released: dict[str, Report] = {}
    for name, read in scored.items():
        ending = f"-{read.report.track}{Path(name).suffix}"
        if (file := newest(names, ending)) is not None:
            path = f"{RELEASED}/{file}"
            contents = {path: report.read_contents(path, tree, path, tables.MAX_BYTES)}
            released.update((read.report.track, s.report) for s in _score(contents, pack).values())
    return released


def _parse_reports(
    contents: Mapping[str, bytes], scored: Mapping[str, Scored]
) -> dict[str, Report]:
    return {
        name: scored[name].report if name in scored else report.parse(content, plain(name))
        for name, content in contents.items()
    }


def _locate(path: Path, tree: Folder) -> str:
    """Return the path of a report from the top of the repository, with links resolved."""
    return Path(os.path.relpath(os.path.realpath(path), os.path.realpath(tree.root))).as_posix()


def _check_paths(paths: Sequence[Path]) -> None:
    """Raise UserError for no path, a folder, or a pattern that matched no file."""
    if not paths:
        raise UserError("there is no report", _suggest_command(Path()))
    for path in paths:
        if path.is_dir():
            raise UserError(f"{path} is a folder", _suggest_command(path))
        if "*" in path.name and not path.exists():
            raise UserError(f"no file matches {path}", _suggest_command(path.parent))
        if not path.suffix and not path.exists():
            hint = f"`mlcharter gate --only {shlex.quote(str(path))}` decides one gate"
            raise UserError(f"there is no file {path}", hint)


def _suggest_command(start: Path) -> str:
    """Return a hint with the command for the reports of the repository around a folder."""
    root = find_root([start, Path()])
    if root is None:
        return f"name the reports of a run, in a repository with {EVAL_PACK}"
    tree = Folder(root)
    folder = Path(os.path.relpath(root / REPORTS))
    reports = _list_reports(tree)
    if not reports:
        if answers.load(tree).has_make:
            return f"run `make eval`; then `mlcharter gate {folder}/*.json`"
        scores = Path(os.path.relpath(root / SCORES))
        return f"let your eval write {scores}/DATASET.csv; see `mlcharter explain scores`"
    return f"`mlcharter gate {shlex.join(str(folder / name) for name in reports[:_MAX_REPORTS])}`"


def find_root(starts: Iterable[Path]) -> Path | None:
    """Return the nearest folder at or above one of `starts` that has an eval pack."""
    for start in starts:
        for folder in (start.absolute(), *start.absolute().parents):
            if Folder(folder).is_file(EVAL_PACK):
                return folder
    return None


def read_configs(
    tree: Tree, eval_pack: Path | None, kinds: Collection[str] = ()
) -> tuple[dict[str, Any], list[str]]:
    """Return the config blocks that gates need, by kind, and the places of those left empty.

    Lists in several places are joined; a mapping may be in one place only.
    """
    kinds = kinds or {*DESCRIPTIONS, *engine.list_kinds()}
    configs: dict[str, Any] = {}
    unfilled = []
    for name, read in _read_documents(tree, eval_pack):
        for config in read.configs:
            if config.kind not in kinds:
                continue
            if config.problem is None and config_entries.is_blank(config.value):
                unfilled.append(f"{name}:{config.line}: `{config.kind}`")
            else:
                _add_config(configs, config, name)
    return configs, unfilled


def _read_documents(tree: Tree, eval_pack: Path | None) -> Iterator[tuple[str, Document]]:
    """Return the documents to read, by their name in messages."""
    if eval_pack is None:
        yield EVAL_PACK, _read_document(EVAL_PACK, tree, EVAL_PACK)
    else:
        outside = tree.outside(eval_pack.parent)
        yield str(eval_pack), _read_document(eval_pack.name, outside, str(eval_pack))
    if tree.is_file(RUNBOOK):
        yield RUNBOOK, _read_document(RUNBOOK, tree, RUNBOOK)


def _read_document(path: str, tree: Tree, shown: str) -> Document:
    read = document.read(path, tree)
    if isinstance(read, Unreadable):
        raise UserError(f"{shown} {read.message}", "name the eval pack with `--pack FILE`")
    return read


def read_released(tree: Tree, tracks: Iterable[str], judged: Iterable[str]) -> dict[str, Report]:
    """Return the newest released report of each track, by file name; a track may have none.

    `judged` are the paths of the reports to decide on, which are left out: no report is compared
    with itself.
    """
    own = {tree.real(path) for path in judged}
    listed = [name for name, _ in tree.list_folder(RELEASED) if name.endswith(".json")]
    names = [name for name in listed if tree.real(f"{RELEASED}/{name}") not in own]
    newests = {track: newest(names, f"-{track}.json") for track in tracks}
    return {
        track: report.read(f"{RELEASED}/{name}", tree) for track, name in newests.items() if name
    }


def _add_config(configs: dict[str, Any], config: ConfigBlock, path: str) -> None:
    kind = config.kind
    if config.problem is not None:
        line, _, message = config.problem
        raise UserError(f"{path}:{line}: {message}", f"see `mlcharter explain {kind}`")
    read = config_entries.read(config)
    if read.problems:
        wrong = [f"{path}:{problem.line}: {problem.message}" for problem in read.problems]
        more = f" ({len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise UserError(f"{wrong[0]}{more}", f"see `mlcharter explain {kind}`")
    values = [entry.value for entry in read.entries]
    value = values if config_entries.is_list(kind) else values[0]
    if kind not in configs:
        configs[kind] = value
    elif isinstance(value, list):
        configs[kind] = [*configs[kind], *value]
    else:
        raise UserError(f"{path}:{config.line}: `{kind}` is defined twice", "remove one of them")

"""Describe the next release in versioning/registries.md, from what the frozen reports measured.

Its members are the data, the artifacts and the eval of each report. What `registry` has already is
kept; a person corrects the rest, commits it, and signs it with `create`.
"""

import datetime
import posixpath
from collections.abc import Collection, Iterator, Sequence
from typing import Any, get_args

from msgspec import Struct

from mlcharter.charter import release_record
from mlcharter.charter.charter import Charter
from mlcharter.charter.released_files import RELEASED
from mlcharter.check import eval_reports
from mlcharter.formats.models import Kind
from mlcharter.formats.report import Report
from mlcharter.markdown.document import ConfigBlock
from mlcharter.release import live, trust
from mlcharter.support.errors import UserError

_OF_DATA = frozenset(["dataset", "experience"])
_MODEL_CARD = "docs/cards/model.md"
_LICENCES = {"apache-2.0": "Apache-2.0", "mit": "MIT"}
_FORMATS = ("safetensors", "onnx", "npz", "json", "jsonl", "md", "parquet", "csv", "gguf")


class Request(Struct, frozen=True):
    """The release to describe. `keys` are entries for `signing`, if that is not filled in."""

    id: str
    approved_by: Sequence[str]
    today: datetime.date
    keys: Sequence[dict[str, Any]] = ()


def pin(charter: Charter, request: Request) -> str:
    """Return the text of versioning/registries.md with the release described in it."""
    reports = eval_reports.reports(charter)
    kept = [report for path, report in reports.items() if path.startswith(f"{RELEASED}/")]
    if not kept:
        raise UserError(f"there is no eval report in {RELEASED}", hint="freeze one there first")
    members = {entry["ref"]: entry for report in kept for entry in _list_members(charter, report)}
    release = _describe_release(charter, request, list(members))
    texts = {
        "registry": _register(charter, members, release),
        "joint_release": _dump(release),
    }
    if charter.entry("signing") is None and request.keys:
        texts["signing"] = _dump(_describe_signing(request.keys))
    return _write(charter, texts)


def _describe_release(charter: Charter, request: Request, members: list[str]) -> dict[str, Any]:
    current = live.read(charter.tree)
    now = charter.entry("joint_release")
    if now is not None and now.value.id == request.id and (current or now.value).id != request.id:
        # It is pinned again before it is made.
        sequence, previous = now.value.sequence, now.value.previous
    elif current is not None and current.id == request.id:
        raise UserError(f"`{request.id}` is live already", hint="take another name")
    else:
        sequence, previous = _next_sequence(charter), current.id if current else None
    blocking = [gate.value.id for gate in charter.every("gates") if gate.value.on_fail == "block"]
    return {
        "id": request.id,
        "sequence": sequence,
        "previous": previous,
        "required": sorted({ref.partition("/")[0] for ref in members}),
        "members": members,
        "gates": blocking,
        "approved_by": list(request.approved_by),
        "approved_on": request.today,
    }


def _next_sequence(charter: Charter) -> int:
    """Return a sequence above that of every release, also of those that were rolled back."""
    return 1 + max((one.sequence for one in release_record.read_all(charter.tree)), default=0)


def _describe_signing(keys: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "envelope": "dsse",
        "statement": "in-toto-v1",
        "algorithm": "ecdsa-p256",
        "keys": list(keys),
        "threshold": 1,
        "min_sequence": 1,
        "revoked": [],
    }


# What a report measured


def _list_members(charter: Charter, report: Report) -> Iterator[dict[str, Any]]:
    """Yield an entry of `registry` for each thing that a report measured."""
    data = [f"dataset/{dataset.id}@sha256:{dataset.sha256}" for dataset in report.datasets]
    for ref in data:
        yield _entry(charter, ref, None, [])
    for artifact in report.artifacts:
        if artifact.kind in get_args(Kind):
            ref = f"{artifact.kind}/{artifact.name}@sha256:{artifact.sha256}"
            yield _entry(charter, ref, artifact.path, [] if artifact.kind in _OF_DATA else data)
    path = f"evals/{report.track}.py"
    digest = report.inputs.files.get(path) if report.inputs else None
    if digest is not None:
        yield _entry(charter, f"eval/{report.track}@sha256:{digest}", path, data)


def _entry(charter: Charter, ref: str, path: str | None, datasets: list[str]) -> dict[str, Any]:
    kind, _, name = ref.partition("@")[0].partition("/")
    suffix = posixpath.splitext(path or "")[1].removeprefix(".").lower()
    answers, known = charter.answers.values, charter.named("datasets").get(name)
    licence = _LICENCES.get(str(answers.get("licence")), "LicenseRef-Proprietary")
    card: str | None = _MODEL_CARD if kind == "model" else None
    if kind in _OF_DATA and known is not None:
        licence, card = known.value.licence, known.value.card
    return {
        "ref": ref,
        "kind": kind,
        "path": path,
        "format": suffix if suffix in _FORMATS else "package",
        "licence": licence,
        "card": card if card and charter.exists(card) else None,
        "datasets": datasets,
        "embedder": None,
        "stage": "released",
        "owner": str(answers.get("owner")),
    }


# Text


def _register(charter: Charter, members: dict[str, dict[str, Any]], release: Any) -> str:
    """Return `registry` with what it lacks of the members; what is no longer pinned is retired."""
    block = _find_block(charter, "registry")
    before = release_record.read(charter.tree, release["previous"]) if release["previous"] else None
    pinned = {*members, *(() if before is None or isinstance(before, str) else before.members)}
    lines, known = block.text.splitlines(keepends=True), set()
    for entry in charter.every("registry"):
        known.add(entry.value.ref)
        start, end = entry.config.tree.span(*entry.path, "stage")
        if start.line == end.line:
            line, stage = lines[start.line - 1], _stage(entry.value, pinned)
            lines[start.line - 1] = f"{line[: start.column - 1]}{stage}{line[end.column - 1 :]}"
    added = [entry for ref, entry in members.items() if ref not in known]
    return ("".join(lines) if known else "") + (_dump(added) if added else "")


def _stage(registered: Any, pinned: Collection[str]) -> str:
    if registered.stage == "revoked":
        return "revoked"
    if registered.ref in pinned:
        return "released"
    return "retired" if registered.stage == "released" else str(registered.stage)


def _find_block(charter: Charter, kind: str) -> ConfigBlock:
    for block in charter.configs(kind):
        if block.document.path == trust.REGISTRIES:
            return block
    raise UserError(
        f"{trust.REGISTRIES} has no config block `{kind}`",
        hint=f"restore it; `mlcharter explain {kind}` shows it",
    )


def _write(charter: Charter, texts: dict[str, str]) -> str:
    """Return the text of the document with other contents of these blocks."""
    blocks = {kind: _find_block(charter, kind) for kind in texts}
    document = next(iter(blocks.values())).document
    lines = document.text.splitlines(keepends=True)
    for kind, block in sorted(blocks.items(), key=lambda item: -item[1].fence):
        lines[block.fence : block.fence + len(block.text.splitlines())] = [texts[kind]]
    return "".join(lines)


def _dump(value: Any) -> str:
    """Return YAML without anchors, which a config block may not have."""
    import yaml

    dumper = type("Dumper", (yaml.SafeDumper,), {"ignore_aliases": lambda self, data: True})
    return str(yaml.dump(value, None, dumper, sort_keys=False, width=1000, allow_unicode=True))

"""Read the crosswalks: which parts of a charter answer the clauses of a framework.

Those of the template are in template/crosswalks, one file a framework. The settings of a
repository, and the standard that they extend, may add to them, and define others.
"""

from functools import cache
from pathlib import Path

import msgspec
from msgspec.structs import replace

from mlcharter.charter.charter import Charter
from mlcharter.charter.settings import Clause, Crosswalk
from mlcharter.formats import yamlblock
from mlcharter.template.bundled import embedded_root

FOLDER = "template/crosswalks"


def read(charter: Charter) -> dict[str, Crosswalk]:
    """Return every crosswalk by name: those of the template, then those of the settings."""
    found = dict(read_template(charter.template))
    settings = charter.settings
    for sourced in (*reversed(settings.above), settings.own):
        for name, own in sourced.settings.crosswalks.items():
            found[name] = _add(found[name], own) if name in found else own
    return found


@cache
def read_template(root: Path) -> dict[str, Crosswalk]:
    """Return the crosswalks of the template at `root`; an older template has those of this one."""
    folder = root / FOLDER
    if not folder.is_dir():
        folder = embedded_root() / FOLDER
    return {path.stem: _read_file(path) for path in sorted(folder.glob("*.yml"))}


def _read_file(path: Path) -> Crosswalk:
    tree = yamlblock.parse(path.read_text(encoding="utf-8"))
    assert tree.problem is None, tree.problem
    return msgspec.convert(tree.value, Crosswalk, strict=True)


def _add(known: Crosswalk, own: Crosswalk) -> Crosswalk:
    """Return a crosswalk with the clauses of another, which may add parts to the same clauses."""
    clauses = {clause.id: clause for clause in known.clauses}
    for clause in own.clauses:
        before = clauses.get(clause.id)
        clauses[clause.id] = _add_parts(before, clause) if before else clause
    given = {name: value for name in _HEAD if (value := getattr(own, name)) is not None}
    return replace(known, clauses=list(clauses.values()), **given)


_HEAD = ("title", "source", "url", "checked_on")


def _add_parts(known: Clause, own: Clause) -> Clause:
    """Return a clause with more parts; its gap is the one that was written with them, if any."""
    parts = {
        name: list(dict.fromkeys([*getattr(known, name), *getattr(own, name)]))
        for name in ("items", "sections", "config")
    }
    return replace(known, asks=own.asks or known.asks, gap=own.gap, **parts)

"""Find existing files with the same purpose as a file of the template, under other names.

For example `Readme.md` for the README and `docs/CODEOWNERS` for the code owners, as hosts do.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

# Patterns of paths in lower case, for each path of the template that has other names.
_NAMES = {
    "README.md": r"(\.github/|docs/)?readme(\.\w+)?",
    "LICENSE": r"(licen[cs]e|copying|unlicen[cs]e)([.-][\w.-]+)?",
    "CODEOWNERS": r"(\.github/|\.gitlab/|docs/)?codeowners",
    "Makefile": r"(gnu)?makefile",
    ".github/pull_request_template.md": r"(\.github/|docs/)?pull_request_template(\.\w+|/.+)?",
}
# Patterns of existing documents with the same purpose, for each document of ours.
_DOCUMENTS = {
    "docs/design_doc.md": r"(design|architecture|rfc|prd)([-_ ]?doc(ument)?)?|system[-_]design",
    "docs/eval_pack.md": r"eval(s|uation)?([-_](plan|pack|report))?|metrics|benchmarks?",
    "ops/runbook.md": r"runbooks?|playbooks?|on[-_]?call|operations",
    "safety/safety_checklist.md": r"security|safety|threat[-_]model|risk(s|[-_]assessment)?|dpia",
    "cost/cost_dashboard_spec.md": r"costs?|budget|finops",
    "versioning/registries.md": r"releas(es?|ing)([-_]process)?|model[-_]registry|versioning",
    "docs/cards/model.md": r"model[-_]?card",
    "docs/cards/data.md": r"data[-_]?(card|sheet)|datasheet",
    "docs/adr/template.md": r"(.*/)?(adrs?|decisions)/.*",
}
_TEXTS = (".md", ".rst", ".adoc", ".txt")
_DEEPEST = 4
# Hosts and pre-commit read these at the top of a repository only.
_AT_TOP = re.compile(
    r"\.github/.*|\.gitlab/.*|\.gitlab-ci\.yml|CODEOWNERS|\.pre-commit-config\.yaml"
)


def works_at_top_only(path: str) -> bool:
    """Return whether a file of the template has no effect below the top of a repository."""
    return _AT_TOP.fullmatch(path) is not None


def find_counterparts(paths: Iterable[str], files: Iterable[str]) -> dict[str, str]:
    """Return the file with the purpose of each of the template's paths, for those that have one."""
    by_name: dict[str, str] = {}
    for path in files:
        by_name.setdefault(_normalise(path), path)
    near_top = [(name, path) for name, path in by_name.items() if name.count("/") <= 2]
    found = {}
    for path in paths:
        pattern = re.compile(_NAMES.get(path, r"(?!)"))  # by default one that matches nothing
        named = (other for name, other in near_top if pattern.fullmatch(name))
        if (other := by_name.get(_normalise(path)) or next(named, None)) is not None:
            found[path] = other
    return found


def _normalise(path: str) -> str:
    """Return a path in lower case, with `.yml` as the extension of YAML."""
    name = path.lower()
    return name[:-5] + ".yml" if name.endswith(".yaml") else name


def find_existing(files: Sequence[str], written: Iterable[str]) -> dict[str, list[str]]:
    """Return the existing documents with the purpose of each document that will be written."""
    existing: dict[str, list[str]] = {}
    patterns = [(role, re.compile(_DOCUMENTS[role])) for role in _DOCUMENTS if role in set(written)]
    for path in files:
        place = PurePosixPath(path)
        # Markdown links can't contain these characters.
        plain = path.isprintable() and not set("<>`[]") & set(path)
        if not plain or place.suffix.lower() not in _TEXTS or len(place.parts) > _DEEPEST:
            continue
        name = str(place.with_suffix("")).lower()
        for role, pattern in patterns:
            last = name if role.startswith("docs/adr") else name.rpartition("/")[2]
            if path != role and pattern.fullmatch(last):
                existing.setdefault(role, []).append(path)
    return existing

"""Which files of a repository do the work of one that the template has, whatever they are called.

A host takes `Readme.md` for the README, and `docs/CODEOWNERS` for the code owners; so do we.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

# Paths in lower case, for each path of the template that may have another name.
_NAMES = {
    "README.md": r"(\.github/|docs/)?readme(\.\w+)?",
    "LICENSE": r"(licen[cs]e|copying|unlicen[cs]e)([.-][\w.-]+)?",
    "CODEOWNERS": r"(\.github/|\.gitlab/|docs/)?codeowners",
    "Makefile": r"(gnu)?makefile",
    ".github/pull_request_template.md": r"(\.github/|docs/)?pull_request_template(\.\w+|/.+)?",
}
# Documents that may already be there, under another name, for each of ours.
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
# Only a repository's top is looked at by its host, and by pre-commit.
_AT_TOP = re.compile(
    r"\.github/.*|\.gitlab/.*|\.gitlab-ci\.yml|CODEOWNERS|\.pre-commit-config\.yaml"
)


def works_at_top_only(path: str) -> bool:
    """Whether a file of the template has no effect in a folder of a repository."""
    return _AT_TOP.fullmatch(path) is not None


class Present:
    """The files of a repository, to be asked for by what they do."""

    def __init__(self, files: Iterable[str]) -> None:
        self._by_name: dict[str, str] = {}
        for path in files:
            self._by_name.setdefault(_usual(path), path)
        self._near = [(name, path) for name, path in self._by_name.items() if name.count("/") <= 2]

    def like(self, path: str) -> str | None:
        """The file that does the work of `path`, one of the template's; None without one."""
        found = self._by_name.get(_usual(path))
        pattern = _NAMES.get(path)
        if found is None and pattern is not None:
            found = next((p for name, p in self._near if re.fullmatch(pattern, name)), None)
        return found


def _usual(path: str) -> str:
    """A path in lower case, and with the usual ending for YAML."""
    name = path.lower()
    return name[:-5] + ".yml" if name.endswith(".yaml") else name


def existing(files: Sequence[str], written: Iterable[str]) -> dict[str, list[str]]:
    """For each document that is to be written, those of the repository that do its work."""
    found: dict[str, list[str]] = {}
    wanted = [(role, re.compile(_DOCUMENTS[role])) for role in _DOCUMENTS if role in set(written)]
    for path in files:
        place = PurePosixPath(path)
        # A name must be fit to be a link of a document.
        plain = path.isprintable() and not set("<>`[]") & set(path)
        if not plain or place.suffix.lower() not in _TEXTS or len(place.parts) > _DEEPEST:
            continue
        name = str(place.with_suffix("")).lower()
        for role, pattern in wanted:
            last = name if role.startswith("docs/adr") else name.rpartition("/")[2]
            if path != role and pattern.fullmatch(last):
                found.setdefault(role, []).append(path)
    return found

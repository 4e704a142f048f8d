"""What a repository that has code says about itself: answers, each with the reason for it.

Everything is read as data; nothing of the repository is imported or run.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcharter.support.files import Folder
from mlcharter.update import inference, packaging_files
from mlcharter.update.inference import Facts
from mlcharter.update.packaging_files import Metadata

# Beside existing code, what the skeleton's own model predicts would be a false statement.
UNTOLD = {
    "applied_target": "something that is not written down yet",
    "applied_groups": "groups that are not named yet",
}
_HANDLE = re.compile(
    r"@[A-Za-z0-9](?:-?[A-Za-z0-9])*(?:/[A-Za-z0-9](?:[._-]?[A-Za-z0-9])*)*"
    r"|[A-Za-z0-9][A-Za-z0-9.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
)
_LONGEST_ADDRESS = 500
_PACKAGING = ("pyproject.toml", "setup.cfg", "setup.py", "package.json")
_PACKAGE = re.compile(r"(?:(?:src|lib|sdk|python|backend)/){0,2}([a-z][a-z0-9_]*)/__init__\.py")
_ASIDE = (
    "tests test docs doc examples scripts tools benchmarks notebooks data configs src lib utils "
    "models"
)
_OTHER_CI = (
    "Jenkinsfile",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    ".circleci/config.yml",
    ".drone.yml",
)


@dataclass(frozen=True)
class Proposal:
    """An answer, and why it was proposed."""

    name: str
    value: Any
    reason: str


@dataclass(frozen=True)
class Remote:
    """Where a repository is pushed to: `host` and the path there, without `.git`."""

    host: str
    path: str

    @property
    def group(self) -> str:
        """The organisation, or the groups of GitLab."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def remote(address: str | None) -> Remote | None:
    """What the address of a remote says; None for a folder of this machine."""
    pattern = r"(?:[a-z+]+://(?:[^/@]*@)?|(?:[\w.-]+@))([\w.-]+)(?::\d+)?[:/]+(.+?)(?:\.git)?/*"
    found = re.fullmatch(pattern, (address or "")[:_LONGEST_ADDRESS])
    return Remote(found[1].lower(), found[2]) if found else None


def propose(
    root: Path, files: Sequence[str], inside: str, origin: Remote | None = None
) -> list[Proposal]:
    """Answers for the repository at `root`, of which Git knows `files`.

    `inside` is the path to it from the top of a monorepo, empty when it is the top.
    """
    packaging = [found for path in _PACKAGING if (found := _metadata(root, path, files))]
    facts = Facts(
        files,
        list(packaging_files.dependencies(root, files)),
        [
            *(name for p in packaging for name in (p.name, *p.packages) if name),
            *_packages(files),
        ],
        next((p.description for p in packaging if p.description), ""),
    )
    layout = _layout(files)
    chosen, reason = inference.tracks(facts)
    proposals: list[Proposal | None] = [Proposal("tracks", chosen, reason), layout]
    if "rl" in chosen and (setting := inference.rl_setting(facts)):
        proposals.append(Proposal("rl_setting", *setting))
    proposals += [
        *_names(packaging, files, origin),
        _owner(root, files, origin),
        _ci(files, inside, origin),
        _licence(root, files),
    ]
    if layout.value == "documents":
        proposals += [Proposal(*words, "nothing here says it") for words in UNTOLD.items()]
    return [proposal for proposal in proposals if proposal is not None]


def _metadata(root: Path, path: str, files: Sequence[str]) -> Metadata | None:
    return packaging_files.metadata(root, path) if path in files else None


def _layout(files: Sequence[str]) -> Proposal:
    plain = (".md", ".rst", ".txt", ".gitignore", ".gitattributes", ".editorconfig")
    for path in files:
        if not path.endswith(plain) and not path.startswith((".", "LICENSE", "CODEOWNERS")):
            return Proposal("layout", "documents", f"there is code: {path}")
    return Proposal("layout", "full", "there is no code yet")


def _names(
    packaging: Sequence[Metadata], files: Sequence[str], origin: Remote | None
) -> Iterator[Proposal]:
    named = next((p for p in packaging if p.name), None)
    if named is not None:
        words = re.sub(r"[\W_]+", " ", named.name or "").strip()
        yield Proposal("project_name", words, f"{named.path} has this name")
    elif origin is not None:
        words = re.sub(r"[\W_]+", " ", origin.name).strip()
        yield Proposal("project_name", words, f"the remote {origin.host} has this name")
    yield from _package(packaging, files, origin)
    described = next((p for p in packaging if p.description), None)
    if described is not None:
        text = " ".join((described.description or "").split())
        yield Proposal("description", text, f"{described.path} describes it so")


def _package(
    packaging: Sequence[Metadata], files: Sequence[str], origin: Remote | None
) -> Iterator[Proposal]:
    """The package: the one that is declared or named like the project, else the largest."""
    places = _packages(files)
    for data in packaging:
        for name in data.packages:
            if name in places:
                yield Proposal("package", name, f"{data.path} declares it")
                return
    known = [(p.name, f"{p.path} has this name") for p in packaging if p.name]
    known += [(origin.name, f"the remote {origin.host} has this name")] if origin else []
    for title, reason in known:
        wanted = re.sub(r"[^a-z0-9]+", "_", title.lower())
        if wanted in places:
            yield Proposal("package", wanted, reason)
            return
    if places:
        sizes = _sizes(places, files)
        largest = max(sorted(places), key=lambda name: sizes[name])
        why = "" if len(places) == 1 else f", the largest of {len(places)} packages"
        yield Proposal("package", largest, f"there is {places[largest]}{why}")


def _packages(files: Sequence[str]) -> dict[str, str]:
    """The packages that are near the top, each with the path of its `__init__.py`."""
    found = (_PACKAGE.fullmatch(path) for path in files)
    aside = _ASIDE.split()
    return {match[1]: match[0] for match in found if match and match[1] not in aside}


def _sizes(places: dict[str, str], files: Sequence[str]) -> Counter[str]:
    """How many files each of some packages has."""
    folders = {path.rpartition("/")[0]: name for name, path in places.items()}
    deepest = max(folder.count("/") + 1 for folder in folders)
    sizes: Counter[str] = Counter()
    for path in files:
        parts = path.split("/")
        for depth in range(1, min(deepest, len(parts) - 1) + 1):
            name = folders.get("/".join(parts[:depth]))
            if name is not None:
                sizes[name] += 1
    return sizes


def _owner(root: Path, files: Sequence[str], origin: Remote | None) -> Proposal | None:
    for path in (".github/CODEOWNERS", "CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS"):
        rules = [line.split() for line in _text(root, path).splitlines() if path in files]
        rules = [r for r in rules if len(r) > 1 and not r[0].startswith(("#", "["))]
        rules.sort(key=lambda rule: rule[0] != "*")
        for rule in rules:
            if _HANDLE.fullmatch(rule[1]):
                return Proposal("owner", rule[1], f"{path} says so for {rule[0]}")
    if origin is not None and _HANDLE.fullmatch(f"@{origin.group}"):
        return Proposal("owner", f"@{origin.group}", f"it has the remote at {origin.host}")
    return None


def _ci(files: Sequence[str], inside: str, origin: Remote | None) -> Proposal | None:
    if inside:
        return Proposal("ci", "none", f"it is {inside} of a larger repository, whose CI calls it")
    workflows = sum(path.startswith(".github/workflows/") for path in files)
    pipeline = ".gitlab-ci.yml" in files
    if origin is not None and "gitlab" in origin.host:
        return Proposal("ci", "gitlab", f"its remote is {origin.host}")
    if origin is not None and "github" in origin.host:
        return Proposal("ci", "github", f"its remote is {origin.host}")
    if pipeline and workflows < 2:
        return Proposal("ci", "gitlab", "there is .gitlab-ci.yml")
    if workflows:
        return Proposal("ci", "github", "there is .github/workflows/")
    other = next((path for path in _OTHER_CI if path in files), None)
    if other or origin is not None:
        reason = f"there is {other}" if other or origin is None else f"its remote is {origin.host}"
        return Proposal("ci", "none", f"{reason}, for which the template has no pipeline")
    return None


# Licences by what their text begins with; those that the template has no text of are "other".
_LICENCES = (
    ("mit", r"permission is hereby granted, free of charge|\bMIT Licen[cs]e\b"),
    ("apache-2.0", r"Apache License\s+Version 2\.0|Apache License"),
    ("other", r"GNU (AFFERO |LESSER )?GENERAL PUBLIC LICEN[CS]E|Mozilla Public Licen[cs]e"),
    ("other", r"Redistribution and use in source and binary forms|\bBSD\b|Creative Commons"),
)
_NAMED_LIKE = re.compile(r"(licen[cs]e|copying|unlicen[cs]e)([.-][\w.-]+)?")


def _licence(root: Path, files: Sequence[str]) -> Proposal | None:
    """The licence whose words come first in its file: others may be mentioned further below."""
    for path in files:
        if "/" in path or not _NAMED_LIKE.fullmatch(path.lower()):
            continue
        text = _text(root, path)
        found = [
            (match.start(), name, match[0])
            for name, pattern in _LICENCES
            if (match := re.search(pattern, text, re.I))
        ]
        if found:
            _, name, words = min(found)
            said = " ".join(words.split())[:60]
            return Proposal("licence", name, f"{path} says “{said}”")
        if text.strip():
            return Proposal("licence", "other", f"there is {path}")
    return None


def _text(root: Path, path: str) -> str:
    data = Folder(root).read(path)
    return data.decode(errors="replace") if isinstance(data, bytes) else ""

"""Propose answers for a repository that has code, each with its reason.

Everything is read as data; no code of the repository is imported or run.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcharter.update import inference, packaging_files
from mlcharter.update.inference import Facts
from mlcharter.update.packaging_files import Metadata

_HANDLE = re.compile(
    r"@[A-Za-z0-9](?:-?[A-Za-z0-9])*(?:/[A-Za-z0-9](?:[._-]?[A-Za-z0-9])*)*"
    r"|[A-Za-z0-9][A-Za-z0-9.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
)
_LONGEST_ADDRESS = 500
_PACKAGING = ("pyproject.toml", "setup.cfg", "setup.py", "package.json")
_PACKAGE = re.compile(r"(?:(?:src|lib|sdk|python|backend)/){0,2}([a-z][a-z0-9_]*)/__init__\.py")
_NOT_PACKAGES = (
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
    """An answer, and the reason for it."""

    name: str
    value: Any
    reason: str


@dataclass(frozen=True)
class Remote:
    """A Git remote: its `host` and the path there, without `.git`."""

    host: str
    path: str

    @property
    def group(self) -> str:
        """Return the organisation, or the groups of GitLab."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def parse_remote(address: str | None) -> Remote | None:
    """Return the host and path in the address of a remote; None for a local folder."""
    pattern = r"(?:[a-z+]+://(?:[^/@]*@)?|(?:[\w.-]+@))([\w.-]+)(?::\d+)?[:/]+(.+?)(?:\.git)?/*"
    match = re.fullmatch(pattern, (address or "")[:_LONGEST_ADDRESS])
    return Remote(match[1].lower(), match[2]) if match else None


def propose(
    root: Path, files: Sequence[str], inside: str, origin: Remote | None = None
) -> list[Proposal]:
    """Return proposed answers for the repository at `root`, with the tracked `files`.

    `inside` is the path to it from the top of a monorepo, empty if it is the top.
    """
    read = (packaging_files.read_metadata(root, path) for path in _PACKAGING if path in files)
    packaging = [data for data in read if data is not None]
    facts = Facts(
        files,
        list(packaging_files.read_dependencies(root, files)),
        [
            *(name for p in packaging for name in (p.name, *p.packages) if name),
            *_find_packages(files),
        ],
        next((p.description for p in packaging if p.description), ""),
    )
    layout = _propose_layout(files)
    chosen, reason = inference.infer_tracks(facts)
    proposals: list[Proposal | None] = [Proposal("tracks", chosen, reason), layout]
    if "rl" in chosen and (setting := inference.infer_rl_setting(facts)):
        proposals.append(Proposal("rl_setting", *setting))
    proposals += [
        *_propose_names(packaging, files, origin),
        _propose_owner(root, files, origin),
        _propose_ci(files, inside, origin),
        _propose_licence(root, files),
    ]
    return [proposal for proposal in proposals if proposal is not None]


def _propose_layout(files: Sequence[str]) -> Proposal:
    plain = (".md", ".rst", ".txt", ".gitignore", ".gitattributes", ".editorconfig")
    for path in files:
        if not path.endswith(plain) and not path.startswith((".", "LICENSE", "CODEOWNERS")):
            return Proposal("layout", "documents", f"there is code: {path}")
    return Proposal("layout", "full", "there is no code yet")


def _propose_names(
    packaging: Sequence[Metadata], files: Sequence[str], origin: Remote | None
) -> Iterator[Proposal]:
    names = [(p.name, f"name in {p.path}") for p in packaging if p.name]
    names += [(origin.name, f"name at the remote {origin.host}")] if origin else []
    for title, reason in names[:1]:
        yield Proposal("project_name", re.sub(r"[\W_]+", " ", title).strip(), f"its {reason}")
    yield from _propose_package(packaging, files, names)
    described = next((p for p in packaging if p.description), None)
    if described is not None:
        text = " ".join((described.description or "").split())
        yield Proposal("description", text, f"its description in {described.path}")


def _propose_package(
    packaging: Sequence[Metadata], files: Sequence[str], names: Sequence[tuple[str, str]]
) -> Iterator[Proposal]:
    """Propose the package that is declared or named like the project, else the largest."""
    packages = _find_packages(files)
    for data in packaging:
        for name in data.packages:
            if name in packages:
                yield Proposal("package", name, f"{data.path} declares it")
                return
    for title, reason in names:
        name = re.sub(r"[^a-z0-9]+", "_", title.lower())
        if name in packages:
            yield Proposal("package", name, f"the {reason}")
            return
    if packages:
        sizes = _count_files(packages, files)
        largest = max(sorted(packages), key=lambda name: sizes[name])
        note = "" if len(packages) == 1 else f", the largest of {len(packages)} packages"
        yield Proposal("package", largest, f"there is {packages[largest]}{note}")


def _find_packages(files: Sequence[str]) -> dict[str, str]:
    """Return the packages near the top, each with the path of its `__init__.py`."""
    matches = (_PACKAGE.fullmatch(path) for path in files)
    aside = _NOT_PACKAGES.split()
    return {match[1]: match[0] for match in matches if match and match[1] not in aside}


def _count_files(packages: dict[str, str], files: Sequence[str]) -> Counter[str]:
    """Return the number of files of each package; `_PACKAGE` finds none below the third folder."""
    folders = {path.rpartition("/")[0]: name for name, path in packages.items()}
    parents = ("/".join(path.split("/", 3)[:depth]) for path in files for depth in (1, 2, 3))
    return Counter(folders[parent] for parent in parents if parent in folders)


def _propose_owner(root: Path, files: Sequence[str], origin: Remote | None) -> Proposal | None:
    for path in (".github/CODEOWNERS", "CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS"):
        rules = [
            line.split()
            for line in packaging_files.load_text(root, path).splitlines()
            if path in files
        ]
        rules = [r for r in rules if len(r) > 1 and not r[0].startswith(("#", "["))]
        rules.sort(key=lambda rule: rule[0] != "*")
        for rule in rules:
            if _HANDLE.fullmatch(rule[1]):
                return Proposal("owner", rule[1], f"the owner of {rule[0]} in {path}")
    if origin is not None and _HANDLE.fullmatch(f"@{origin.group}"):
        return Proposal("owner", f"@{origin.group}", f"the owner of the remote at {origin.host}")
    return None


def _propose_ci(files: Sequence[str], inside: str, origin: Remote | None) -> Proposal | None:
    if inside:
        return Proposal(
            "ci", "none", f"it is the folder {inside} of a larger repository, whose CI calls it"
        )
    for host in ("gitlab", "github"):
        if origin is not None and host in origin.host:
            return Proposal("ci", host, f"its remote is {origin.host}")
    workflows = sum(path.startswith(".github/workflows/") for path in files)
    if ".gitlab-ci.yml" in files and workflows < 2:
        return Proposal("ci", "gitlab", "there is .gitlab-ci.yml")
    if workflows:
        return Proposal("ci", "github", "there is .github/workflows/")
    other = next((path for path in _OTHER_CI if path in files), None)
    if other or origin is not None:
        reason = f"there is {other}" if other or origin is None else f"its remote is {origin.host}"
        return Proposal("ci", "none", f"{reason}, for which the template has no pipeline")
    return None


# Licences by phrases of their text; "other" are those without a text in the template.
_LICENCES = (
    ("mit", r"permission is hereby granted, free of charge|\bMIT Licen[cs]e\b"),
    ("apache-2.0", r"Apache License\s+Version 2\.0|Apache License"),
    ("other", r"GNU (AFFERO |LESSER )?GENERAL PUBLIC LICEN[CS]E|Mozilla Public Licen[cs]e"),
    ("other", r"Redistribution and use in source and binary forms|\bBSD\b|Creative Commons"),
)
_LICENCE_FILE = re.compile(r"(licen[cs]e|copying|unlicen[cs]e)([.-][\w.-]+)?")


def _propose_licence(root: Path, files: Sequence[str]) -> Proposal | None:
    """Propose the licence whose phrase comes first in its file; later ones may be mentions."""
    for path in files:
        if "/" in path or not _LICENCE_FILE.fullmatch(path.lower()):
            continue
        text = packaging_files.load_text(root, path)
        found = [(re.search(pattern, text, re.I), name) for name, pattern in _LICENCES]
        matches = [(match.start(), name, match[0]) for match, name in found if match]
        if matches:
            _, name, phrase = min(matches)
            quoted = " ".join(phrase.split())[:60]
            return Proposal("licence", name, f"{path} says “{quoted}”")
        if text.strip():
            return Proposal("licence", "other", f"there is {path}")
    return None

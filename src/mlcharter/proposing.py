"""What a repository that has code says about itself: answers, each with the reason for it.

Everything is read as data; nothing of the repository is imported or run.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from mlcharter import reading, toml

# What a package or a folder tells about the kind of ML; names end where a version begins.
_PACKAGES = {
    "rl": "gymnasium gym stable-baselines3 sb3-contrib d3rlpy tianshou torchrl pettingzoo obp "
    "vowpalwabbit rllib acme dm-control minari scope-rl cleanrl ray-rllib",
    "rag": "langchain langchain-core langchain-community langgraph llama-index llama-index-core "
    "openai anthropic litellm chromadb faiss-cpu faiss-gpu qdrant-client pinecone "
    "pinecone-client weaviate-client pymilvus sentence-transformers rank-bm25 bm25s ragas "
    "haystack-ai pgvector mistralai cohere vllm opensearch-py tiktoken dspy @langchain/core",
    "platform": "fastapi flask-restful litserve bentoml kserve mlflow feast kfp seldon-core "
    "tritonclient torchserve zenml dagster prefect apache-airflow ray metaflow kubernetes "
    "onnxruntime",
    "applied": "scikit-learn xgboost lightgbm catboost statsmodels tensorflow keras torch "
    "lightning pytorch-lightning timm ultralytics prophet darts fastai autogluon jax flax "
    "lifelines sktime transformers",
}
_FOLDERS = {
    "rl": "envs environments policies rewards agents_rl",
    "rag": "prompts corpus retrieval rag vectorstore embeddings",
    "platform": "helm charts k8s kubernetes terraform serving deploy",
}
# Beside existing code, what the skeleton's own model predicts would be a false statement.
UNTOLD = {
    "applied_target": "something that is not written down yet",
    "applied_groups": "groups that are not named yet",
}
_TRACKS = ("applied", "platform", "rag", "rl")
_LINE = re.compile(r"[^<>{}\[\]|\\`*_#~\x00-\x1f]{1,200}")
_HANDLE = re.compile(
    r"@[A-Za-z0-9](?:-?[A-Za-z0-9])*(?:/[A-Za-z0-9](?:[._-]?[A-Za-z0-9])*)*"
    r"|[A-Za-z0-9][A-Za-z0-9.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
)


@dataclass(frozen=True)
class Proposal:
    """An answer, and why it was proposed."""

    name: str
    value: Any
    reason: str


def propose(root: Path, files: Sequence[str], inside: str) -> list[Proposal]:
    """Answers for the repository at `root`, of which Git knows `files`.

    `inside` is the path to it from the top of a monorepo, empty when it is the top.
    """
    project = _project(root)
    found: list[Proposal | None] = [_tracks(root, files), _layout(files)]
    found += [
        *_names(project, root, files),
        _owner(root, files),
        _ci(files, inside),
        _licence(root, files),
    ]
    if found[1] and found[1].value == "documents":
        found += [Proposal(*words, "nothing here says it") for words in UNTOLD.items()]
    return [proposal for proposal in found if proposal is not None]


def _tracks(root: Path, files: Sequence[str]) -> Proposal:
    known = {package: track for track, words in _PACKAGES.items() for package in words.split()}
    reasons: dict[str, str] = {}
    for path, package in dependencies(root, files):
        track = known.get(package)
        if track is not None:
            reasons.setdefault(track, f"{path} names {package}")
    folders = {part for path in files for part in PurePosixPath(path).parts[:-1]}
    for track, words in _FOLDERS.items():
        for folder in words.split():
            if folder in folders:
                reasons.setdefault(track, f"there is a folder {folder}/")
    chosen = [track for track in _TRACKS if track in reasons]
    if not chosen:
        return Proposal("tracks", ["applied"], "no dependency or folder says otherwise")
    return Proposal("tracks", chosen, "; ".join(f"{t}: {reasons[t]}" for t in chosen))


def dependencies(root: Path, files: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each declared dependency, in lower case, with the file that declares it."""
    for path in files:
        name = PurePosixPath(path).name
        if PurePosixPath(path).parts[0] in ("node_modules", "vendor", ".venv"):
            continue
        if name == "pyproject.toml":
            specs = _of_project(toml.tables(_text(root, path)))
        elif re.fullmatch(r"requirements.*\.(txt|in)|constraints\.txt", name):
            specs = [line.split("#")[0] for line in _text(root, path).splitlines()]
        elif name in ("environment.yml", "environment.yaml", "conda.yml", "conda.yaml"):
            specs = re.findall(r"(?m)^[^\S\n]*+-[^\S\n]*+([^\s#]++)[^\S\n]*+$", _text(root, path))
        elif name in ("setup.cfg", "setup.py", "Pipfile"):
            specs = re.findall(
                r"(?m)(?:^[^\S\n]*+|[\"']\s*+)([A-Za-z][\w.-]*+)(?=\s*(?:[<>=~!\[\"';]|\n))",
                _text(root, path),
            )
        elif name == "package.json":
            specs = _of_package(_text(root, path))
        else:
            continue
        for spec in specs:
            found = re.match(r"@?[A-Za-z0-9][\w./-]*", spec.strip().rpartition("::")[2])
            if found:
                yield path, found[0].lower().replace("_", "-")


def _of_project(content: dict[str, Any]) -> list[str]:
    project = _table(content.get("project"))
    groups = [project.get("dependencies"), *_table(project.get("optional-dependencies")).values()]
    groups += _table(content.get("dependency-groups")).values()
    poetry = _table(_table(content.get("tool")).get("poetry"))
    groups.append(list(_table(poetry.get("dependencies"))))
    for group in _table(poetry.get("group")).values():
        groups.append(list(_table(_table(group).get("dependencies"))))
    return [
        spec
        for group in groups
        if isinstance(group, list)
        for spec in group
        if isinstance(spec, str)
    ]


def _of_package(text: str) -> list[str]:
    try:
        content = _table(json.loads(text))
    except (ValueError, RecursionError):
        return []
    return [
        name for key in ("dependencies", "devDependencies") for name in _table(content.get(key))
    ]


def _layout(files: Sequence[str]) -> Proposal:
    plain = (".md", ".rst", ".txt", ".gitignore", ".gitattributes", ".editorconfig")
    code = [
        f
        for f in files
        if not f.endswith(plain) and not f.startswith((".", "LICENSE", "CODEOWNERS"))
    ]
    if code:
        return Proposal("layout", "documents", f"there is code: {code[0]}")
    return Proposal("layout", "full", "there is no code yet")


def _names(project: dict[str, Any], root: Path, files: Sequence[str]) -> Iterator[Proposal]:
    name = project.get("name")
    words = re.sub(r"[\W_]+", " ", name).strip() if isinstance(name, str) else ""
    if re.search(r"[^\W\d]", words) and len(words) <= 60:
        yield Proposal("project_name", words, "pyproject.toml has this name")
    packages = [p for p in files if re.fullmatch(r"(src/)?[a-z][a-z0-9_]*/__init__\.py", p)]
    packages = [p for p in packages if not p.startswith(("tests/", "test/", "docs/"))]
    if packages:
        package = PurePosixPath(packages[0]).parent.name
        yield Proposal("package", package, f"there is {packages[0]}")
    text = project.get("description")
    if isinstance(text, str) and _LINE.fullmatch(text.strip()) and "://" not in text:
        yield Proposal("description", text.strip(), "pyproject.toml describes it so")


def _owner(root: Path, files: Sequence[str]) -> Proposal | None:
    for path in (".github/CODEOWNERS", "CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS"):
        rules = [line.split() for line in _text(root, path).splitlines() if path in files]
        rules = [r for r in rules if len(r) > 1 and not r[0].startswith(("#", "["))]
        rules.sort(key=lambda rule: rule[0] != "*")
        for rule in rules:
            if _HANDLE.fullmatch(rule[1]):
                return Proposal("owner", rule[1], f"{path} says so for {rule[0]}")
    return None


def _ci(files: Sequence[str], inside: str) -> Proposal | None:
    if inside:
        return Proposal("ci", "none", f"it is {inside} of a larger repository, whose CI calls it")
    if ".gitlab-ci.yml" in files:
        return Proposal("ci", "gitlab", "there is .gitlab-ci.yml")
    if any(path.startswith(".github/workflows/") for path in files):
        return Proposal("ci", "github", "there is .github/workflows/")
    return None


def _licence(root: Path, files: Sequence[str]) -> Proposal | None:
    for path in files:
        if re.fullmatch(r"(LICEN[CS]E|COPYING)(\.(md|txt))?", path):
            text = _text(root, path)
            if "Apache License" in text:
                return Proposal("licence", "apache-2.0", f"{path} is the Apache License")
            if "Permission is hereby granted, free of charge" in text:
                return Proposal("licence", "mit", f"{path} is the MIT licence")
    return None


def _project(root: Path) -> dict[str, Any]:
    content = toml.tables(_text(root, "pyproject.toml"))
    return _table(content.get("project")) or _table(_table(content.get("tool")).get("poetry"))


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(root: Path, path: str) -> str:
    data = reading.read_bytes(path, root)
    return data.decode(errors="replace") if isinstance(data, bytes) else ""


# Documents that may already be there, under another name, for each of ours.
_ROLES = {
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


def existing(files: Sequence[str], written: Sequence[str]) -> dict[str, list[str]]:
    """For each document that is to be written, those of the repository that do its work."""
    found: dict[str, list[str]] = {}
    # A name must be fit to stand in a comment of a document.
    files = [path for path in files if path.isprintable() and not set("<>") & set(path)]
    for role, pattern in _ROLES.items():
        for path in files:
            place = PurePosixPath(path)
            if place.suffix.lower() not in (".md", ".rst", ".adoc", ".txt") or len(place.parts) > 4:
                continue
            name = str(place.with_suffix("")).lower()
            last = name if role.startswith("docs/adr") else name.rpartition("/")[2]
            if role in written and path != role and re.fullmatch(pattern, last):
                found.setdefault(role, []).append(path)
    return found

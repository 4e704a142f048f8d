"""Infer a repository's tracks from its dependencies and the names of its files.

Packages that every kind of ML uses say nothing: a web framework is not a platform, and each track
uses tensor libraries. `benchmarks/inference.py` measures the accuracy on tests/adoption.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlcharter.update.packaging_files import Dependency

TRACKS = ("applied", "platform", "rag", "rl")
# Packages that only one track uses; `*` ends a prefix.
_PROOF = {
    "rl": "gymnasium gym stable-baselines3 stable-baselines sb3-contrib d3rlpy tianshou torchrl "
    "pettingzoo obp vowpalwabbit rllib dm-control minari scope-rl cleanrl elegantrl mabwiser "
    "contextualbandits dm-acme supersuit d4rl ray-rllib",
    "rag": "langchain langchain-* langgraph llama-index llama-index-* chromadb faiss-cpu faiss-gpu "
    "qdrant-client pinecone pinecone-client weaviate-client pymilvus rank-bm25 bm25s ragas "
    "haystack-ai farm-haystack pgvector dspy dspy-ai @langchain/*",
    "platform": "kserve seldon-core bentoml feast kfp litserve torchserve zenml kubeflow-*",
    "applied": "xgboost lightgbm catboost statsmodels prophet darts autogluon lifelines sktime "
    "pycaret gluonts scikit-surprise",
}
# Names of projects that are on a track themselves; depending on them proves nothing.
_IS = {"platform": "mlflow ray dagster prefect metaflow mlserver seldon", "rl": "trl"}
# Packages that suggest a track only if nothing proves one.
_SUGGESTION = {
    "rag": "openai anthropic litellm mistralai cohere vllm opensearch-py sentence-transformers",
    "applied": "scikit-learn tensorflow keras torch lightning pytorch-lightning timm ultralytics "
    "fastai jax flax transformers",
}
_FOLDERS = {
    "rl": "envs bandit bandits rewards",
    "rag": "rag retrieval retrievers vectorstore vector_store vectorstores",
}
_NOT_THE_SYSTEM = {"docs", "doc", "examples", "example", "tests", "test", "images", "img", "assets"}
# Manifests and charts of a deployed service, but not of a website or an example.
_DEPLOYED = re.compile(
    r"(^|/)(chart\.yaml|kustomization\.ya?ml|helmfile\.ya?ml|skaffold\.ya?ml)$"
    r"|(^|/)(k8s|k3s|kubernetes|helm|charts|manifests|kustomize)/.*\.ya?ml$"
)
_RL_SETTINGS = {
    "several-agents": "pettingzoo supersuit multi-agent-ale-py open-spiel smac",
    "bandit": "obp vowpalwabbit mabwiser contextualbandits",
    "offline": "d3rlpy minari scope-rl d4rl",
}
_RL_NAMES = {"bandit": r"bandit", "several-agents": r"multi[-_]?agents?|marl", "offline": "offline"}


@dataclass(frozen=True)
class Facts:
    """What is known about a repository without reading its code.

    `names` are the names of the project and its packages in its packaging files.
    """

    files: Sequence[str]
    dependencies: Sequence[Dependency]
    names: Sequence[str] = ()
    description: str = ""


def infer_tracks(facts: Facts) -> tuple[list[str], str]:
    """Return the tracks, and the reason; `applied` if there is no evidence of any."""
    reasons: dict[str, str] = {}
    required = [d for d in facts.dependencies if not d.optional]
    for track, packages in _PROOF.items():
        names = f"{packages} {_IS.get(track, '')}"
        reason = _match_name(names, facts.names) or _match_dependency(packages, required)
        if reason is None and track != "applied" and track in _FOLDERS:
            reason = _match_folder(_FOLDERS[track].split(), facts.files)
        if reason is not None:
            reasons[track] = reason
    if not reasons:
        for track, names in _SUGGESTION.items():
            if reason := _match_dependency(names, required):
                reasons[track] = reason
    if (manifest := _find_manifest(facts.files)) is not None:
        reasons.setdefault("platform", f"{manifest} deploys a service")
    chosen = [track for track in TRACKS if track in reasons]
    if not chosen:
        return ["applied"], "the default, since no dependency or folder suggests a track"
    return chosen, "; ".join(f"{track}: {reasons[track]}" for track in chosen)


def infer_rl_setting(facts: Facts) -> tuple[str, str] | None:
    """Return how the policy learns, and the reason; None if there is no evidence."""
    text = " ".join((*facts.names, facts.description)).lower()
    for setting, pattern in _RL_NAMES.items():
        if match := re.search(pattern, text):
            return setting, f"its name or description says {match[0]}"
    required = [d for d in facts.dependencies if not d.optional]
    for setting, packages in _RL_SETTINGS.items():
        reason = _match_name(packages, facts.names) or _match_dependency(packages, required)
        if reason is not None:
            return setting, reason
    return None


def _matches(patterns: str, name: str) -> bool:
    return any(
        name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
        for pattern in patterns.split()
    )


def _match_dependency(patterns: str, required: Iterable[Dependency]) -> str | None:
    matching = (d for d in required if _matches(patterns, d.name))
    return next((f"{d.path} names {d.name}" for d in matching), None)


def _match_name(patterns: str, names: Iterable[str]) -> str | None:
    plain = ((name, re.sub(r"[._]+", "-", name.lower())) for name in names)
    return next((f"it is {name}" for name, same in plain if _matches(patterns, same)), None)


def _match_folder(folders: Sequence[str], files: Iterable[str]) -> str | None:
    for path in files:
        parts = {part.lower() for part in PurePosixPath(path).parts[:-1]}
        name = next((name for name in folders if name in parts), None)
        if name is not None and not _NOT_THE_SYSTEM & parts:
            return f"there is a folder {name}/"
    return None


def _find_manifest(files: Iterable[str]) -> str | None:
    deployed = (path for path in files if _DEPLOYED.search(path.lower()))
    aside = _NOT_THE_SYSTEM
    return next((path for path in deployed if not aside & set(path.lower().split("/")[:-1])), None)

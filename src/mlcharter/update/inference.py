"""Which kinds of ML a repository does, from what it depends on and how its files are called.

What a repository uses by the way says nothing: a web framework is no platform, and a tensor library
stands beside every kind. The listings in tests/adoption measure how often this is right.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlcharter.update.packaging_files import Dependency

TRACKS = ("applied", "platform", "rag", "rl")
# Packages that one kind of ML alone has a use for; `*` ends a prefix.
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
# Projects that are a platform themselves; to depend on them is no proof.
_IS = {"platform": "mlflow ray dagster prefect metaflow mlserver seldon", "rl": "trl"}
# What speaks for a kind only where nothing else does.
_HINT = {
    "rag": "openai anthropic litellm mistralai cohere vllm opensearch-py sentence-transformers",
    "applied": "scikit-learn tensorflow keras torch lightning pytorch-lightning timm ultralytics "
    "fastai jax flax transformers",
}
_FOLDERS = {
    "rl": "envs bandit bandits rewards",
    "rag": "rag retrieval retrievers vectorstore vector_store vectorstores",
}
_BESIDE = {"docs", "doc", "examples", "example", "tests", "test", "images", "img", "assets"}
# A service that is deployed: manifests or charts, but not how a website or an example is.
_DEPLOYED = re.compile(
    r"(^|/)(chart\.yaml|kustomization\.ya?ml|helmfile\.ya?ml|skaffold\.ya?ml)$"
    r"|(^|/)(k8s|k3s|kubernetes|helm|charts|manifests|kustomize)/.*\.ya?ml$"
)
_RL_SETTINGS = {
    "several-agents": "pettingzoo supersuit multi-agent-ale-py open-spiel smac",
    "bandit": "obp vowpalwabbit mabwiser contextualbandits",
    "offline": "d3rlpy minari scope-rl d4rl",
    "online": "gymnasium gym stable-baselines3 sb3-contrib tianshou dm-control cleanrl elegantrl "
    "torchrl trl",
}
_RL_NAMES = {"bandit": r"bandit", "several-agents": r"multi[-_]?agents?|marl", "offline": "offline"}


@dataclass(frozen=True)
class Facts:
    """What is known of a repository without reading its code.

    `names` are what its packaging files call it and its packages.
    """

    files: Sequence[str]
    dependencies: Sequence[Dependency]
    names: Sequence[str] = ()
    description: str = ""


def tracks(facts: Facts) -> tuple[list[str], str]:
    """The kinds of ML, and why; `applied` where nothing says otherwise."""
    found: dict[str, str] = {}
    required = [d for d in facts.dependencies if not d.optional]
    for track, words in _PROOF.items():
        own = f"{words} {_IS.get(track, '')}"
        reason = _named(own, facts.names) or _depends(words, required)
        if reason is None and track != "applied" and track in _FOLDERS:
            reason = _folder(_FOLDERS[track].split(), facts.files)
        if reason is not None:
            found[track] = reason
    if not found:
        hints = ((track, _depends(words, required)) for track, words in _HINT.items())
        found |= {track: reason for track, reason in hints if reason is not None}
    if (manifest := _deployed(facts.files)) is not None:
        found.setdefault("platform", f"{manifest} deploys a service")
    chosen = [track for track in TRACKS if track in found]
    if not chosen:
        return ["applied"], "no dependency or folder says otherwise"
    return chosen, "; ".join(f"{track}: {found[track]}" for track in chosen)


def rl_setting(facts: Facts) -> tuple[str, str] | None:
    """How the policy learns, and why; None where nothing says it."""
    text = " ".join((*facts.names, facts.description)).lower()
    for setting, pattern in _RL_NAMES.items():
        if found := re.search(pattern, text):
            return setting, f"its name or description says {found[0]}"
    required = [d for d in facts.dependencies if not d.optional]
    for setting, words in _RL_SETTINGS.items():
        reason = _named(words, facts.names) or _depends(words, required)
        if reason is not None:
            return setting, reason
    return None


def _matches(words: str, name: str) -> bool:
    return any(
        name.startswith(word[:-1]) if word.endswith("*") else name == word for word in words.split()
    )


def _depends(words: str, required: Iterable[Dependency]) -> str | None:
    for dependency in required:
        if _matches(words, dependency.name):
            return f"{dependency.path} names {dependency.name}"
    return None


def _named(words: str, names: Iterable[str]) -> str | None:
    for name in names:
        if _matches(words, re.sub(r"[._]+", "-", name.lower())):
            return f"it is {name}"
    return None


def _folder(wanted: Sequence[str], files: Iterable[str]) -> str | None:
    for path in files:
        parts = [part.lower() for part in PurePosixPath(path).parts[:-1]]
        if not _BESIDE & set(parts):
            for name in wanted:
                if name in parts:
                    return f"there is a folder {name}/"
    return None


def _deployed(files: Iterable[str]) -> str | None:
    for path in files:
        name = path.lower()
        if _DEPLOYED.search(name) and not _BESIDE & set(name.split("/")[:-1]):
            return path
    return None

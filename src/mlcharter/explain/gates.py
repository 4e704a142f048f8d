"""Explain a gate of a repository by its entry in the eval pack."""

from mlcharter.charter import config_entries
from mlcharter.gate.loading import EVAL_PACK
from mlcharter.markdown import document
from mlcharter.markdown.document import Document
from mlcharter.support.files import Tree


def explain(name: str, tree: Tree) -> str | None:
    """Return the page about a gate; None if the repository has no valid gate with that id."""
    read = document.read(EVAL_PACK, tree)
    if not isinstance(read, Document):
        return None
    for config in read.configs_of("gates"):
        for entry in config_entries.read(config).entries:
            gate = entry.value
            if gate.id != name:
                continue
            (line, _), (end, _) = config.span(*entry.path)
            rows = "".join(f"    {row}" for row in read.lines[line - 1 : end]).rstrip()
            baseline = f", against {gate.against}" if gate.against else ""
            return (
                f"{gate.id}: a gate of this repository, in {EVAL_PACK}, line {line}. It passes if "
                f"{gate.bound} of `{gate.metric}` on {gate.dataset}, slice {gate.slice}{baseline}, "
                f"is {gate.op} {gate.threshold:g} with {gate.min_n} cases or more.\n\n{rows}\n\n"
                "`mlcharter gate` decides it, `mlcharter gate --explain` says what it can decide, "
                f"and `mlcharter prove {gate.id}` shows that it can fail.\n"
            )
    return None

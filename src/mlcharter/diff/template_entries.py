"""Read the entries of config blocks that the template writes: no decision of a team."""

from typing import Any

from mlcharter.charter.charter import Charter
from mlcharter.diff import renaming
from mlcharter.markdown import document
from mlcharter.template import composing
from mlcharter.template.bundled import embedded_root


def read(charter: Charter) -> dict[str, list[Any]]:
    """Return by kind the values that this program's template has with a charter's answers.

    There are none for another template, which would have to be fetched.
    """
    root, answers = charter.template, charter.answers
    if root != embedded_root() or answers.problem is not None:
        return {}
    documents = (
        document.parse(charter.spec.fill_names(composing.compose(root, path, answers.values)), path)
        for path in composing.list_documents(root, answers.values)
        if path.endswith(".jinja")
    )
    return {k: [entry.value for entry in found] for k, found in renaming.read(documents).items()}

"""A document for each crosswalk that the settings name: clauses, their state and their evidence.

`crosswalks` in `.mlcharter.yml` names them; what a standard defines is not written unless named.
"""

from mlcharter.charter import crosswalks
from mlcharter.charter.charter import Charter
from mlcharter.status import crosswalks as statuses
from mlcharter.status.crosswalk_outputs import markdown
from mlcharter.template.bundled import embedded_root

FOLDER = "docs/crosswalks"
PATHS = tuple(f"{FOLDER}/{name}.md" for name in crosswalks.read_template(embedded_root()))
SOURCES = ()
ALWAYS = True  # also where there are documents alone
ORIGIN = "the documents"
REMEDY = "name one in .mlcharter.yml, such as `crosswalks: {annex-iv: {}}`"
_NOTE = (
    "<!-- Written by `mlcharter export crosswalks`; edit the documents that it links to, and run "
    "that again. -->"
)


def render(charter: Charter) -> dict[str, str]:
    """Return the document of each crosswalk that the repository's own settings name."""
    known = crosswalks.read(charter)
    named = charter.settings.own.settings.crosswalks
    chosen = {name: known[name] for name in named if known[name].title}
    if not chosen:
        return {}
    return {
        f"{FOLDER}/{status.crosswalk}.md": markdown.render(status, FOLDER, _NOTE)
        for status in statuses.measure_all(charter, chosen)
    }

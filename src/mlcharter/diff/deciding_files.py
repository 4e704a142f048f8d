"""List the files that decide what `check` and `gate` say, whose owners are compared."""

from collections.abc import Iterator, Sequence

from mlcharter.charter import baseline, code_owners, enforcement, link_targets, settings
from mlcharter.charter.charter import Charter
from mlcharter.charter.release_record import RELEASES
from mlcharter.charter.released_files import RELEASED
from mlcharter.check import cross_references
from mlcharter.formats import proofs
from mlcharter.formats.models import Path, Test

# Folders in which files may appear later.
FOLDERS = ("evals", "reports", RELEASED, RELEASES, enforcement.WORKFLOWS)
_MOST = 5000  # files in a folder and those below it


def list_files(charter: Charter) -> set[str]:
    """Return the files that a charter consists of, names, runs, or is judged by."""
    documents = {read.path for read in charter.documents}
    documents |= {document.path for document in charter.spec.documents}
    found = {settings.SETTINGS, charter.answers.path, baseline.FILE, proofs.PATH, code_owners.NAME}
    found |= {sourced.path for sourced in charter.settings.above if charter.exists(sourced.path)}
    found |= {path for path in [code_owners.find_file(charter)] if path}
    found |= {path.partition("::")[0] for _, _, path in cross_references.paths(charter, Path, Test)}
    found |= {path for folder in FOLDERS for path in list_folder(charter, folder)}
    found |= {enforcement.show(charter, path) for path in enforcement.read(charter).files}
    return found | documents | set(_evidence(charter))


def _evidence(charter: Charter) -> Iterator[str]:
    """Yield the files that ticked items name as evidence."""
    for read, item in charter.items:
        for evidence in item.evidence if item.ticked else ():
            if not link_targets.is_external(evidence.target):
                path = link_targets.resolve(read.path, evidence.target)
                if path and charter.is_file(path):
                    yield path


def list_folder(charter: Charter, folder: str) -> list[str]:
    """Return the files in a folder and below it."""
    return sorted(charter.tree.walk(folder, _MOST))


def shorten(charter: Charter, paths: Sequence[str]) -> str:
    """Return files as text; those that are there, else one of those that may be added."""
    there = [
        path for path in paths if charter.exists(path) or path == code_owners.find_file(charter)
    ]
    if not there:
        return f"new files like {paths[0]}"
    return there[0] + (f" and {len(there) - 1} more" if there[1:] else "")

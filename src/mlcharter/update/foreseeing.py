"""Say what an update of the template alone changes in a charter, so that `diff` knows it.

The source is the one that the base names, and the version a newer release of it: an author can't
write either. Both versions are rendered with the answers of the base, and merged with its files, as
`update` does; nothing is written.
"""

from collections.abc import Mapping
from pathlib import Path

from mlcharter.charter.charter import Charter
from mlcharter.support import versions
from mlcharter.support.errors import UserError
from mlcharter.template import questionnaire
from mlcharter.template.sources import Source
from mlcharter.template.template import Template
from mlcharter.update import repository, updating
from mlcharter.update.merging import trees
from mlcharter.update.merging.trees import LINK, PLAIN, PROGRAM, File
from mlcharter.update.updating import UpdateRequest

Contents = Mapping[str, bytes | None]  # by path; None for a file that is removed


def foresee(old: Charter, new: Charter, root: Path, *, fetches: bool = False) -> Contents:
    """Return the files that an update to the version that `new` records writes into `old`.

    `root` is the folder of the repository. Without `fetches`, the template is that of this program
    or one in the cache. A version that is unknown here, and one that is no newer release of the
    same source, is a UserError.
    """
    recorded = updating.parse_answers(old.tree)
    name = new.answers.commit or ""
    if new.answers.values.get("_src_path") != recorded["_src_path"]:
        raise UserError("the change names another source of the template")
    numbers = [versions.numbers(text) for text in (recorded["_commit"], name)]
    if None in numbers or versions.described(name) or not versions.is_fixed(name):
        raise UserError(f"{name[:50]!r} is not a release of the template")
    if numbers[1] <= numbers[0]:  # type: ignore[operator]
        raise UserError(f"{name} is not newer than {recorded['_commit']}")
    source = Source(recorded["_src_path"], root, fetches=fetches)
    commit, old_commit = (source.find_commit(text) for text in (name, recorded["_commit"]))
    answers_path = old.answers.path
    try:
        folder = updating.find_files(source, name, commit)
        base = updating.render_recorded(recorded, source, old_commit, answers_path)
    except UserError as error:
        hint = error.hint if fetches else "`mlcharter diff --trust-source` fetches it"
        raise UserError(error.message, hint=hint) from error
    declared = updating.read_renames(folder)
    questions = questionnaire.load(folder)
    answers = updating.merge_answers(recorded, questions, declared, UpdateRequest(), [])
    made = Template(folder, source.name, name)
    theirs = updating.render(made, commit, answers, path=answers_path)
    changes = trees.merge(
        base,
        theirs,
        lambda path: _read(old, path),
        declared,
        lambda path, file: repository.find_renamed(path, file, lambda: _list_documents(old)),
        (answers_path,),
    )
    return {
        change.path: change.new.data if change.new else None
        for change in changes
        if change.written
        and not change.conflict
        and (change.new is None or change.new.mode != LINK)
    }


def _read(charter: Charter, path: str) -> File | None:
    entry = charter.tree.find(path)
    data = charter.tree.read(path) if entry and entry.is_file else None
    mode = PROGRAM if entry and entry.mode & 0o100 else PLAIN
    return File(data, mode) if isinstance(data, bytes) else None


def _list_documents(charter: Charter) -> dict[str, set[str]]:
    return {
        read.path: {section.id for section in read.sections if section.id}
        for read in charter.documents
    }

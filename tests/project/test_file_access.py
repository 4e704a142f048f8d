"""Only one module opens files of a repository, and only one writes files."""

import ast
import os
from collections.abc import Iterator

import pytest
from test_architecture import MODULES

from mlcharter.support import files

# Opening files of a repository


# A repository's files are opened by `files` alone: it waits for no pipe, opens no device, follows
# no link out of the repository and stops at a limit. These modules open other files.
OPENERS = {
    "support.files": "the one module that opens files of a repository",
    "template.bundled": "our own metadata, and the pyproject.toml of our own checkout",
    "cli": "our own commands, for their summaries; /dev/null at the end",
    "release.data_formats": "entries of an archive that is in memory",
    "template.composing": "a template in our mirror or in this program",
    "template.rendering": "a template in our mirror or in this program, for Copier",
    "evals.reports.compare": "two folders of reports, in a run of the repository's Makefile",
    "evals.digests": "files that an eval measures, in a run of the repository's own code",
    "evals.answers.data": "pages, questions and attacks, in a run of the repository's own code",
    "evals.answers.conversations": "conversations, in a run of the repository's own code",
    "evals.answers.judged": "pairs, labels and a prompt, in a run of the repository's own code",
    "evals.generation": "replies of a model, in a run of the repository's own code",
    "evals.generation.judging": "verdicts and labels, in a run of the repository's own code",
    "evals.answers.traces": "spans of a collector, in a run of the repository's own code",
    "evals.inputs": "documents of the repository, in a run of its own code",
    "evals.releases": "releases that a drill has made in a folder of its own",
    "evals.plots.dashboards": "dashboards, in the folder of the repository where it is run",
    "evals.questions": "questions that an eval asks, in a run of the repository's own code",
    "evals.sbom": "files of the folder where `make sbom` runs, which runs code of it",
    "evals.testing": "reports that a test of the repository has made",
    "explain.pages": "data of this program",
    "template.history": "data of this program",
    "template.allowed_folders": "our list of the template folders that the user has named",
    "template.mirror": "the lock of our mirror, and the new files of a template that it unpacks",
    "support.writing": "the files that it writes, and the folders on the way to them",
    "update.merging.textfiles": "what `git merge-file` wrote into a temporary folder of ours",
    "template.questionnaire": "a template's questions, and the answers file that the user names",
    "charter.crosswalks": "a template in our mirror or in this program",
    "charter.readiness_areas": "a template in our mirror or in this program",
    "template.sources": "our cache of names",
    "template.specification": "our cache of demands",
    "template.template": "our own metadata and data of this program",
    "update.updating": "a template in our mirror or in this program",
}
OPENING = frozenset(
    ("open", "fdopen", "openat", "read_text", "read_bytes", "mmap", "FileIO")
    + ("copy", "copy2", "copyfile", "copytree")
)


def opens(tree: ast.AST) -> Iterator[str]:
    """Yield the text of every call in a module that opens a file."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in ("open", "FileIO"):
            yield ast.unparse(node)
        elif isinstance(called, ast.Attribute) and called.attr in OPENING:
            owner = called.value.id if isinstance(called.value, ast.Name) else ""
            if not called.attr.startswith("copy") or owner == "shutil":  # no copy of a dict or set
                yield ast.unparse(node)


@pytest.mark.parametrize("name", MODULES)
def test_only_files_opens_files_of_a_repository(name: str) -> None:
    opened = list(opens(ast.parse(MODULES[name].read_text(encoding="utf-8"))))

    if name in OPENERS:
        assert opened, f"{name} opens nothing any more; take it out of OPENERS"
    else:
        assert not opened, f"{name} opens files; use a `Tree`, or say in OPENERS whose they are"


@pytest.mark.parametrize(
    "line",
    [
        "open(path)",
        "path.open()",
        "Path(root, name).read_text()",
        "(root / name).read_bytes()",
        "os.open(place, os.O_RDONLY)",
        "shutil.copyfile(root / name, other)",
        "tarfile.open(name)",
    ],
)
def test_every_way_to_open_a_file_is_detected(line: str) -> None:
    assert list(opens(ast.parse(line))) == [line]


def test_reading_through_a_tree_is_allowed() -> None:
    assert list(opens(ast.parse("tree.read(path); found = known.copy()"))) == []


# Access to the disk


# Modules that check a repository use a `Tree`, since it may not be a folder.
JUDGING = ("formats", "markdown", "charter", "gate", "check", "status")
LOOKERS = {
    "charter.standard": "our cache of settings",
    "charter.location": "which repository a path that the user named is in",
    "charter.crosswalks": "a template in our mirror or in this program",
    "charter.readiness_areas": "a template in our mirror or in this program",
    "check.fixing": "a template in our mirror or in this program",
    "check.result_cache": "our cache of results",
    "gate.eval_programs": "the Python of the environment that evals run in",
    "gate.loading": "the reports that the user named",
}
TREES = frozenset(("charter", "tree", "beside", "self.tree", "self._tree", "charter.tree"))
LOOKING = frozenset(
    ("exists", "lexists", "isfile", "isdir", "islink", "is_file", "is_dir", "is_symlink", "stat")
    + ("lstat", "scandir", "listdir", "walk", "iterdir", "glob", "rglob", "readlink", "realpath")
    + ("access",)
)


def looks(tree: ast.AST) -> list[str]:
    """Return the text of every call in a module that accesses the disk."""
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LOOKING
        and ast.unparse(node.func.value) not in {*TREES, "ast"}
        and not ast.unparse(node.func.value).startswith("Folder(")
    ]


@pytest.mark.parametrize("name", [n for n in MODULES if n.partition(".")[0] in JUDGING])
def test_modules_that_check_a_repository_use_a_tree(name: str) -> None:
    looked = looks(ast.parse(MODULES[name].read_text(encoding="utf-8")))

    if name in LOOKERS:
        assert looked, f"{name} looks at nothing any more; take it out of LOOKERS"
    else:
        assert not looked, f"{name} looks at the disk; use a `Tree`, or say in LOOKERS why not"


@pytest.mark.parametrize(
    "line",
    ["os.lstat(place)", "(root / path).is_file()", "os.path.lexists(path)", "root.glob('*')"],
)
def test_every_access_to_the_disk_is_detected(line: str) -> None:
    assert looks(ast.parse(line)) == [line]


# Writing files


WRITERS = {
    "os": {
        *("write", "pwrite", "writev", "truncate", "ftruncate", "mknod", "mkfifo", "chmod"),
        *("fchmod", "chown", "rename", "renames", "replace", "remove", "unlink", "rmdir"),
        *("removedirs", "mkdir", "makedirs", "symlink", "link", "open", "fdopen"),
    },
    "shutil": {
        *("copy", "copy2", "copyfile", "copyfileobj", "copymode", "copytree", "move", "rmtree"),
        *("make_archive", "unpack_archive"),
    },
    "tempfile": {
        *("mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile"),
        "TemporaryDirectory",
    },
}
METHODS = {
    *("write_text", "write_bytes", "touch", "mkdir", "rmdir", "unlink", "chmod", "lchmod"),
    *("symlink_to", "hardlink_to", "rename", "extractall"),
}
MAY_WRITE = {
    "support.writing": "it is the one module that writes",
    "cli": "it opens /dev/null in place of an output that nobody reads",
    "support.files": "it opens files to read them only, by flags that a test below looks at",
    "release.data_formats": "it opens entries of an archive in memory, to read them",
    # Below, only fresh temporary folders are made, which hold nothing of anyone's:
    "template.rendering": "a copy of the template, and Copier renders into a new folder",
    "update.adopting": "a rendered tree to compare with",
    "create.tailoring": "a temporary folder to read a standard in",
    "create.atomic": "the modes of files that Copier has just made, for the umask",
    "support.git": "a file without a name, for what Git prints",
    "support.signatures": "the keys that Git accepts",
    "template.mirror": "our mirror, and a template in a folder that `kept` puts in place",
    "update.updating": "a rendered tree to compare with",
    "update.merging.textfiles": "three files that Git merges",
    "charter.standard": "an empty repository to fetch a settings file into",
    "release.fetching": "a folder that MLflow downloads into",
    "gate.proving": "reports of broken systems, in a temporary folder of ours",
    "release.drilling": "a copy of the live release, in a temporary folder of ours",
    "evals.running": "the folder of the reports; it may import no other room",
    "evals.answers.judged": "what people are to label; it may import no other room",
    "evals.generation": "what a model replied to an eval; it may import no other room",
    "evals.generation.judging": "what a judge said; it may import no other room",
    "evals.reports": "the report of an eval, staged beside its place; it may import no other room",
    "evals.releases": "a folder of a drill; it may import no other room",
    "evals.sbom": "build/, in the folder where `make sbom` runs; it may import no other room",
    "template.sources": "a folder of the cache, or a temporary one; an old cache is removed",
}


def writes(tree: ast.AST) -> list[str]:
    """Return the calls in a module that write, create, rename or remove files, by line."""
    return [
        f"{node.lineno}: {ast.unparse(node.func)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and writes_files(node)
    ]


def writes_files(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Name(id=module), attr=name) if module in WRITERS:
            return name in WRITERS[module]
        case ast.Attribute(value=ast.Name(id="writing" | "structs")):
            return False
        case ast.Attribute(attr="replace"):  # of a text with two arguments, of a path with one
            return len(call.args) == 1 and not call.keywords
        case ast.Attribute(attr="open") | ast.Name(id="open"):
            return opens_to_write(call)
        case ast.Attribute(attr=name):
            return name in METHODS
    return False


def opens_to_write(call: ast.Call) -> bool:
    """Return whether a call of `open` has a mode with w, a, x or +, or one that is not constant."""
    first = 1 if isinstance(call.func, ast.Name) else 0
    modes = [*call.args[first : first + 1], *(k.value for k in call.keywords if k.arg == "mode")]
    return any(not isinstance(m, ast.Constant) or set("wax+") & set(str(m.value)) for m in modes)


@pytest.mark.parametrize("name", MODULES)
def test_only_writing_writes_files(name: str) -> None:
    """So that every write is atomic and inside the repository; see DESIGN, "Decisions"."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    imported = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in WRITERS
    ]

    assert not imported, f"{name} imports a writer by name, which this test would not see"
    assert (writes(tree) == []) or name in MAY_WRITE, f"use mlcharter.writing: {writes(tree)}"


@pytest.mark.parametrize("name", MAY_WRITE)
def test_every_exception_is_still_needed(name: str) -> None:
    assert writes(ast.parse(MODULES[name].read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "source",
    [
        "path.write_text(text)",
        "path.touch()",
        "path.open('w')",
        "path.open(mode='r+b')",
        "path.open(mode)",
        "open(path, 'ab')",
        "os.open(path, flags)",
        "staged.replace(path)",
        "os.replace(staged, path)",
        "shutil.rmtree(folder)",
        "tempfile.mkstemp()",
    ],
)
def test_every_way_to_write_is_detected(source: str) -> None:
    assert writes(ast.parse(source))


@pytest.mark.parametrize(
    "source", ["text.replace('a', 'b')", "path.open('rb')", "path.open()", "open(path)"]
)
def test_calls_that_do_not_write_are_not_reported(source: str) -> None:
    assert writes(ast.parse(source)) == []


def test_files_opens_nothing_to_write() -> None:
    source = MODULES["support.files"].read_text(encoding="utf-8")

    assert writes(ast.parse(source))[0].endswith("os.open") and len(writes(ast.parse(source))) == 1
    assert files._FLAGS & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC) == 0

"""Dependencies point one way, as DESIGN draws them, and functions stay short."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlcharter
from mlcharter import reading

ROOT = Path(mlcharter.__file__).parent

# From bottom to top. A module that is not named here may stand anywhere,
# as long as nothing reaches upwards through it.
LAYERS = (
    ("errors",),
    ("finding", "plugins", "contract"),
    ("charter", "policy", "document", "report"),
    ("rules", "outputs", "specification", "contracts", "gate_kinds", "gate_outputs"),
    ("checking", "gating", "merging", "copying"),
    ("status_outputs",),
    ("commands",),
    ("cli",),
)
HEIGHT = {name: height for height, layer in enumerate(LAYERS) for name in layer}

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}


def imports(name: str) -> set[str]:
    """The modules of ours that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{name} imports by dots; write the module's whole name"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    ours = {found.removeprefix("mlcharter.") for found in found if found.startswith("mlcharter.")}
    return (ours & MODULES.keys()) - {name}


GRAPH = {name: imports(name) for name in MODULES}


def chains(name: str) -> Iterator[tuple[str, ...]]:
    """For each module that `name` reaches, one way to it."""
    ways: dict[str, tuple[str, ...]] = {name: (name,)}
    waiting = [name]
    while waiting:
        here = waiting.pop()
        for there in sorted(GRAPH[here] - ways.keys()):
            ways[there] = (*ways[here], there)
            waiting.append(there)
            yield ways[there]


def height(name: str) -> int | None:
    return HEIGHT.get(name.partition(".")[0])


@pytest.mark.parametrize("name", [name for name in MODULES if height(name) is not None])
def test_imports_point_downwards(name: str) -> None:
    upwards = [
        " → ".join(chain)
        for chain in chains(name)
        if (height(chain[-1]) or 0) > (height(name) or 0)
    ]

    assert not upwards, f"{name} reaches what stands above it"


def test_no_module_reaches_itself() -> None:
    cycles = [name for name in MODULES if any(name in GRAPH[chain[-1]] for chain in chains(name))]

    assert not cycles


def test_only_copying_knows_copier() -> None:
    knowing = {
        name
        for name, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(a.name.startswith("copier") for a in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("copier"))
    }

    assert knowing <= {"copying"}


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_is_and_no_function_is_long(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    lengths = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert ast.get_docstring(tree), f"{name} has no docstring"
    assert {function for function, lines in lengths.items() if lines > 50} == set()


# Who writes files


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
    "writing": "it is the one module that writes",
    "cli": "it opens /dev/null in place of an output that nobody reads",
    "reading": "it opens files to read them only, by flags that a test below looks at",
    # Below, only fresh temporary folders are made, which hold nothing of anyone's:
    "copying": "a copy of the template, and Copier renders into a new folder",
    "newing": "a clone of another template",
    "adopting": "a clone of another template, and a rendered tree to compare with",
    "updating": "a rendered tree to compare with",
    "merging.textfiles": "three files that Git merges",
    "fetching": "an empty repository to fetch a policy into",
    "sources": "an archive, unpacked into a folder that `kept` puts in place",
}


def writes(tree: ast.AST) -> list[str]:
    """The calls in a module that write, make, rename or remove files, by their line."""
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
    """Whether a call of `open` gives a mode with w, a, x or +, or one that is not a constant."""
    first = 1 if isinstance(call.func, ast.Name) else 0
    modes = [*call.args[first : first + 1], *(k.value for k in call.keywords if k.arg == "mode")]
    return any(not isinstance(m, ast.Constant) or set("wax+") & set(str(m.value)) for m in modes)


@pytest.mark.parametrize("name", MODULES)
def test_only_writing_writes_files(name: str) -> None:
    """So that a write is whole and leaves the repository nowhere; see DESIGN, "Decisions"."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    imported = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in WRITERS
    ]

    assert not imported, f"{name} imports a writer by name, which this test would not see"
    assert (writes(tree) == []) or name in MAY_WRITE, f"use mlcharter.writing: {writes(tree)}"


@pytest.mark.parametrize("name", MAY_WRITE)
def test_each_exception_is_still_one(name: str) -> None:
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
def test_a_write_is_seen(source: str) -> None:
    assert writes(ast.parse(source))


@pytest.mark.parametrize(
    "source", ["text.replace('a', 'b')", "path.open('rb')", "path.open()", "open(path)"]
)
def test_what_does_not_write_is_not_taken_for_it(source: str) -> None:
    assert writes(ast.parse(source)) == []


def test_reading_opens_nothing_to_write() -> None:
    source = MODULES["reading"].read_text(encoding="utf-8")

    assert writes(ast.parse(source))[0].endswith("os.open") and len(writes(ast.parse(source))) == 1
    assert reading._FLAGS & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC) == 0

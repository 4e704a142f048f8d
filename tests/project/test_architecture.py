"""Rooms import only from lower rooms, and functions stay short."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import mlcharter

ROOT = Path(mlcharter.__file__).parent

# From bottom to top; rooms of one line do not import each other. `evals` is a library for emitted
# evals: it imports no other room. Only `gate` imports it, which decides on scores, and `starter`,
# which checks a team's data by the same contract.
ROOMS = (
    ("support", "evals"),
    ("formats",),
    ("markdown",),
    ("template",),
    ("charter",),
    ("gate",),
    ("check",),
    ("status", "explain", "create", "diff"),
    ("update",),
    ("starter",),
    ("release",),
    ("export",),
    ("fleet",),
    ("commands",),
    ("cli",),
    ("__main__",),
)
HEIGHT = {room: height for height, rooms in enumerate(ROOMS) for room in rooms}
# Modules of `evals` that need the standard library only.
LIGHT = {
    "evals",
    *(f"evals.{n}" for n in ("digests", "inputs", "questions", "reports", "retrieval")),
    *(f"evals.{n}" for n in ("running", "shares", "spans", "testing")),
    *("evals.generation", "evals.generation.budget", "evals.generation.stub"),
}
MOST_FILES = 25  # in one folder: what a newcomer can scan

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}


def imports(name: str) -> set[str]:
    """Return the modules of ours that a module imports, even inside functions."""
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
    """Yield one chain of imports to each module that `name` reaches."""
    ways: dict[str, tuple[str, ...]] = {name: (name,)}
    waiting = [name]
    while waiting:
        here = waiting.pop()
        for there in sorted(GRAPH[here] - ways.keys()):
            ways[there] = (*ways[here], there)
            waiting.append(there)
            yield ways[there]


def room(name: str) -> str:
    return name.partition(".")[0]


@pytest.mark.parametrize("name", sorted(MODULES.keys() - {"", "__init__"}))
def test_a_module_imports_only_from_its_own_and_lower_rooms(name: str) -> None:
    here = room(name)
    upwards = [
        there
        for there in GRAPH[name]
        if room(there) != here and there and HEIGHT[room(there)] >= HEIGHT[here]
    ]

    assert not upwards, f"{name} imports from a room beside it or above it"


def test_only_gate_and_starter_import_evals_and_numbers_only_when_they_compute() -> None:
    users = {
        (name, there)
        for name in MODULES
        for there in GRAPH[name]
        if room(there) == "evals" and room(name) != "evals"
    }
    at_start = {
        f"{node.module}.{alias.name}".removeprefix("mlcharter.")
        for name, _ in users
        for node in ast.parse(MODULES[name].read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert {name for name, _ in users} == {
        *("gate.inputs", "gate.methods", "gate.power", "gate.scoring"),
        *("starter.tracks.rag", "starter.tracks.rl"),
    }
    assert {name for name in at_start if room(name) == "evals"} == {
        "evals.METHODS",  # a table in the package itself
        "evals.digests",
        "evals.shares",
        "evals.shares.binomial_tail",
        "evals.shares.quantile",
        "evals.shares.wilson",
    }


def test_importing_evals_loads_no_command_line_and_no_numbers() -> None:
    light = [f"mlcharter.{name}" for name in sorted(LIGHT)]
    heavy = ["click", "copier", "jinja2", "msgspec", "numpy", "pandas", "scipy", "sklearn", "yaml"]
    code = f"import sys, {', '.join(light)}; print([n for n in {heavy} if n in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_evals_never_loads_the_command_line() -> None:
    """Not even inside a function: an eval runs where no mlcharter command does."""
    ours = [name for name in MODULES if room(name) == "evals" and name not in COMMANDS]
    foreign = {"click", "copier", "jinja2", "msgspec", "yaml"}
    named = {name for name in ours if foreign & imported(MODULES[name].read_text(encoding="utf-8"))}

    assert ours and named == set()


# Modules of `evals` that any extra is enough for, and those that need one.
ANY_EXTRA = {
    "calibration",
    "defects",
    "delays",
    "drift",
    "intervals",
    "judges",
    "ope",
    "risk",
    "sequential",
}
RAG = {"answers", "answers.abstention", "answers.contradictions", "answers.data", "plots"}
RAG |= {"answers.faults", "answers.traces", "generation.judging"}
RAG |= {f"answers.{name}" for name in ("completeness", "conversations", "judged", "redteam")}
RAG |= {"answers.trials"}
APPLIED = {"baselines", "columns", "metrics", "plots", "probes", "splits", "supervised"}
APPLIED |= {"plots.dashboards"}
PLATFORM = {"releases"}
RL = {"bandits", "fitted", "logs", "preferences"}
RL |= {"preferences.best_of", "preferences.bradley_terry"}
# Commands of an emitted Makefile, which no eval imports.
COMMANDS = {"evals.reports.compare", "evals.sbom", "evals.sbom.__main__"}


def brought(extra: str) -> set[str]:
    """The packages that an extra of mlcharter installs, by their names on import."""
    project = tomllib.loads((ROOT.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    names = {
        re.split(r"[<>=~]", text)[0] for text in project["project"]["optional-dependencies"][extra]
    }
    return {"sklearn" if name == "scikit-learn" else name for name in names}


@pytest.mark.parametrize("extra", ["applied", "parquet", "platform", "rag", "rl", "scores"])
def test_each_extra_brings_what_its_modules_of_evals_import(extra: str) -> None:
    modules = ANY_EXTRA | {"applied": APPLIED, "platform": PLATFORM, "rag": RAG, "rl": RL}.get(
        extra, set()
    )
    modules = {"intervals"} if extra in ("parquet", "scores") else modules
    reached = {f"evals.{m}" for m in modules}
    reached |= {there for name in list(reached) for chain in chains(name) for there in chain}
    used = {package for name in reached for package in imported_at_top(name)}

    assert used - sys.stdlib_module_names - {"mlcharter", "__future__"} <= brought(extra)


def imported_at_top(name: str) -> set[str]:
    """The packages that a module imports when it is imported itself."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return imported("\n".join(map(ast.unparse, top)))


def test_every_module_of_evals_has_its_extra() -> None:
    ours = {name for name in MODULES if room(name) == "evals"}

    of_extras = ANY_EXTRA | APPLIED | PLATFORM | RAG | RL

    assert ours == LIGHT | COMMANDS | {f"evals.{name}" for name in of_extras}


def imported(source: str) -> set[str]:
    """The packages that a module imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def face(room: str) -> set[str]:
    """Return the modules of a room that others may import; all if it lists none."""
    tree = ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return {name.split(".")[1] for name in MODULES if name.startswith(f"{room}.")}


PACKAGES = [room for rooms in ROOMS for room in rooms if (ROOT / room).is_dir()]


@pytest.mark.parametrize("room_", PACKAGES)
def test_other_rooms_import_only_the_public_modules_of_a_room(room_: str) -> None:
    used = {
        there.split(".")[1]
        for name in MODULES
        for there in GRAPH[name]
        if room(name) != room_ and there.startswith(f"{room_}.")
    }

    assert used <= face(room_)
    if room_ in ("gate", "check", "status", "explain", "create", "update", "diff"):
        assert face(room_) <= used, "a face lists what nobody else uses"


@pytest.mark.parametrize("folder", sorted({path.parent for path in MODULES.values()}))
def test_a_folder_has_at_most_25_files(folder: Path) -> None:
    entries = [path for path in folder.glob("*.py") if path.name != "__init__.py"]

    assert len(entries) <= MOST_FILES
    assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))


def test_no_import_is_circular() -> None:
    cycles = [name for name in MODULES if any(name in GRAPH[chain[-1]] for chain in chains(name))]

    assert not cycles


def test_only_rendering_imports_copier() -> None:
    knowing = {
        name
        for name, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(a.name.startswith("copier") for a in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("copier"))
    }

    assert knowing <= {"template.copier_shortcuts", "template.rendering"}


STARTERS = ("subprocess", "plumbum", "pty", "multiprocessing", "sh", "pexpect", "_posixsubprocess")
STARTING = re.compile(r"(system|popen|exec[lv]\w*|spawn\w*|posix_spawn\w*|fork\w*|startfile)")


def started(source: str) -> set[str]:
    """Return what can start another program: imports, and functions of `os` and `asyncio`."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names = [f"{node.value.id}.{node.attr}"]
        else:
            continue
        for name in names:
            module, _, function = name.partition(".")
            if module in STARTERS or (module in ("os", "posix") and STARTING.fullmatch(function)):
                found.add(name)
            if module == "asyncio" and "subprocess" in function:
                found.add(name)
    return found


@pytest.mark.parametrize(
    "source",
    [
        "import subprocess",
        "from subprocess import run",
        "import os\nos.system('x')",
        "from os import execvp",
        "import os\nos.posix_spawn('x', [], {})",
        "import asyncio\nasyncio.create_subprocess_exec('x')",
        "def f():\n    import plumbum.cmd",
    ],
)
def test_every_way_to_start_a_program_is_detected(source: str) -> None:
    assert started(source)


def test_only_git_and_evals_are_started() -> None:
    starting = {name for name, path in MODULES.items() if started(path.read_text(encoding="utf-8"))}

    # Copier asks Git through plumbum, and copying hides Git from it.
    # An eval asks Git for its commit; it runs code of the repository anyway.
    # `prove` runs the evals of a repository, which no other command does.
    # `make sbom` starts the two programs that list packages and licences.
    programs = {"gate.eval_programs", "support.git", "template.rendering", "evals.reports"}
    # A fleet is checked in copies of this process, which start nothing else.
    programs |= {"evals.sbom", "fleet.running"}
    assert starting == programs
    assert started(MODULES["template.rendering"].read_text()) == {"plumbum", "plumbum.local"}


@pytest.mark.parametrize("name", MODULES)
def test_every_module_has_a_docstring_and_no_function_is_long(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    lengths = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert ast.get_docstring(tree), f"{name} has no docstring"
    assert {function for function, lines in lengths.items() if lines > 50} == set()

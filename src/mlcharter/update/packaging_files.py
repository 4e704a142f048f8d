"""Read a repository's packaging files: its name, its packages, and its dependencies.

Everything is read as data; `setup.py` is parsed, and no code of the repository runs.
"""

import ast
import configparser
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from mlcharter.formats import toml
from mlcharter.support.files import Folder

_MOST_FILES = 200  # packaging files that are read, those nearest to the top first
_LONGEST_SCRIPT = 200_000  # characters of a setup.py; its syntax tree takes a hundred times as much
_CONDA = ("environment.yml", "environment.yaml", "conda.yml", "conda.yaml")
# Folders of other people's code, and of code that is not the system itself.
_VENDORED = {"node_modules", "vendor", "third_party", ".venv", "venv"}
_NOT_THE_SYSTEM = {"docs", "doc", "examples", "example", "tests", "test", "notebooks", "benchmarks"}
_DEVELOPMENT = re.compile(
    r"dev|develop(ment)?|tests?|testing|docs?|lint(ing)?|ci|all|typing|tooling|examples?|build"
    r"|experimental|notebooks?|benchmarks?|pytest"
)


@dataclass(frozen=True)
class Dependency:
    """A package, in lower case with dashes, and the file that declares it.

    An `optional` one is not needed to run the system: an extra, a tool, or one for its examples.
    """

    path: str
    name: str
    optional: bool = False


@dataclass
class Metadata:
    """What a packaging file says about the project; None for what it does not say."""

    path: str
    name: str | None = None
    description: str | None = None
    packages: list[str] = field(default_factory=list)
    required: list[str] = field(default_factory=list)
    optional: list[str] = field(default_factory=list)


def read_metadata(root: Path, path: str) -> Metadata | None:
    """Return what a packaging file says; None for any other file."""
    read = _READERS.get(PurePosixPath(path).name)
    return read(path, _read_text(root, path)) if read else None


def read_dependencies(root: Path, files: Sequence[str]) -> Iterator[Dependency]:
    """Yield each dependency that one of the files declares."""
    declaring = [path for path in files if _may_declare(path.rpartition("/")[2])]
    for path in sorted(declaring, key=lambda path: (path.count("/"), path))[:_MOST_FILES]:
        place = PurePosixPath(path)
        parts = {part.lower() for part in place.parts[:-1]}
        if parts & _VENDORED:
            continue
        optional_file = bool(parts & _NOT_THE_SYSTEM)
        known = read_metadata(root, path)
        if known is not None:
            pairs = [(spec, optional_file) for spec in known.required]
            pairs += [(spec, True) for spec in known.optional]
        else:
            optional_file = optional_file or bool(re.search(r"dev|test|doc|lint", place.stem))
            text = _read_text(root, path)
            pairs = [(spec, optional_file) for spec in _list_requirements(place.name, text)]
        for spec, optional in pairs:
            name = re.match(r"@?[A-Za-z0-9][\w./-]*", spec.strip().rpartition("::")[2])
            if name:
                yield Dependency(path, re.sub(r"[._]+", "-", name[0].lower()), optional)


def _may_declare(name: str) -> bool:
    return (
        name in _READERS
        or name in _CONDA
        or re.fullmatch(r"requirements.*\.(txt|in)|constraints\.txt", name) is not None
    )


def _list_requirements(name: str, text: str) -> list[str]:
    if name in _CONDA:
        return re.findall(r"(?m)^[ \t]*-[ \t]*([^\s#]+)[ \t]*$", text)
    return [line.split("#")[0] for line in text.splitlines()]


def _read_text(root: Path, path: str) -> str:
    data = Folder(root).read(path)
    return data.decode(errors="replace") if isinstance(data, bytes) else ""


# One reader for each kind of file


def _read_pyproject(path: str, text: str) -> Metadata:
    content = toml.read_tables(text)
    project, tool = _table(content.get("project")), _table(content.get("tool"))
    poetry = _table(tool.get("poetry"))
    metadata = Metadata(path)
    for table in (poetry, project):
        metadata.name = _string(table.get("name")) or metadata.name
        metadata.description = _string(table.get("description")) or metadata.description
    metadata.packages = _packages(tool)
    metadata.required = _strings(project.get("dependencies"))
    for name, value in _table(poetry.get("dependencies")).items():
        optional = _table(value).get("optional") is True
        (metadata.optional if optional else metadata.required).append(name)
    groups = [*_table(project.get("optional-dependencies")).items()]
    groups += _table(content.get("dependency-groups")).items()
    groups += _table(_table(tool.get("pdm")).get("dev-dependencies")).items()
    for name, group in _table(poetry.get("group")).items():
        groups.append((name, list(_table(_table(group).get("dependencies")))))
    groups.append(("dev", list(_table(poetry.get("dev-dependencies")))))
    for name, specs in groups:
        if not _DEVELOPMENT.fullmatch(name.lower()):
            metadata.optional += _strings(specs)
    return metadata


def _packages(tool: dict[str, Any]) -> list[str]:
    """Return the import names of the packages that the build backend's configuration lists."""
    setuptools = _table(tool.get("setuptools"))
    hatch = _table(_table(_table(_table(tool.get("hatch")).get("build")).get("targets")))
    wheel = _table(hatch.get("wheel"))
    named = _strings(setuptools.get("packages"))
    find = _table(_table(setuptools.get("packages")).get("find"))
    named += [name.rstrip(".*") for name in _strings(find.get("include"))]
    named += _strings(wheel.get("packages"))
    named += _strings(_table(_table(tool.get("scikit-build")).get("wheel")).get("packages"))
    for entry in _list(_table(tool.get("poetry")).get("packages")):
        named += _strings([_table(entry).get("include")])
    return [PurePosixPath(name).name.partition(".")[0] for name in named if name]


def _read_setup_cfg(path: str, text: str) -> Metadata:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return Metadata(path)
    metadata = Metadata(path)
    metadata.name = parser.get("metadata", "name", fallback=None)
    metadata.description = parser.get("metadata", "description", fallback=None)
    packages = parser.get("options", "packages", fallback="").split()
    metadata.packages = [p.partition(".")[0] for p in packages if not p.startswith("find")]
    metadata.required = parser.get("options", "install_requires", fallback="").splitlines()
    if parser.has_section("options.extras_require"):
        for name, specs in parser.items("options.extras_require"):
            if not _DEVELOPMENT.fullmatch(name.lower()):
                metadata.optional += specs.splitlines()
    return metadata


def _read_setup_py(path: str, text: str) -> Metadata:
    if len(text) > _LONGEST_SCRIPT:
        return Metadata(path)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Metadata(path)
    metadata = Metadata(path)
    values = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name_of(call.func) == "setup":
            keywords = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
            keywords = {
                name: values.get(node.id, node) if isinstance(node, ast.Name) else node
                for name, node in keywords.items()
            }
            metadata.name = _string(_constant(keywords.get("name"))) or metadata.name
            metadata.description = (
                _string(_constant(keywords.get("description"))) or metadata.description
            )
            metadata.packages += [n.partition(".")[0] for n in _constants(keywords.get("packages"))]
            metadata.required += _constants(keywords.get("install_requires"))
            metadata.optional += _extras(keywords.get("extras_require"))
    return metadata


def _name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _constant(node: ast.expr | None) -> Any:
    return node.value if isinstance(node, ast.Constant) else None


def _constants(node: ast.expr | None) -> list[str]:
    parts = node.elts if isinstance(node, ast.List | ast.Tuple) else []
    return _strings([_constant(part) for part in parts])


def _extras(node: ast.expr | None) -> list[str]:
    if not isinstance(node, ast.Dict):
        return []
    pairs = zip(node.keys, node.values, strict=True)
    named = [(_string(_constant(key)) or "", value) for key, value in pairs]
    return [
        spec
        for name, value in named
        if not _DEVELOPMENT.fullmatch(name.lower())
        for spec in _constants(value)
    ]


def _read_package_json(path: str, text: str) -> Metadata:
    try:
        content = _table(json.loads(text))
    except (ValueError, RecursionError):
        return Metadata(path)
    name, description = _string(content.get("name")), _string(content.get("description"))
    return Metadata(path, name, description, [], list(_table(content.get("dependencies"))))


def _read_pipfile(path: str, text: str) -> Metadata:
    content = toml.read_tables(text)
    return Metadata(path, required=list(_table(content.get("packages"))))


_READERS = {
    "pyproject.toml": _read_pyproject,
    "setup.cfg": _read_setup_cfg,
    "setup.py": _read_setup_py,
    "package.json": _read_package_json,
    "Pipfile": _read_pipfile,
}


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _strings(value: Any) -> list[str]:
    return [part for part in _list(value) if isinstance(part, str)]

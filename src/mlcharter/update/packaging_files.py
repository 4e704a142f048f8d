"""Read a repository's packaging files: its name, its packages, and its dependencies.

Everything is read as data; `setup.py` is parsed, and no code of the repository runs.
"""

import ast
import configparser
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    return read(path, load_text(root, path)) if read else None


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
            text = load_text(root, path)
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


def load_text(root: Path, path: str) -> str:
    """Return the text of a file; empty if it can't be read."""
    data = Folder(root).read(path)
    return data.decode(errors="replace") if isinstance(data, bytes) else ""


# One reader for each kind of file


def _read_pyproject(path: str, text: str) -> Metadata:
    content = toml.read_tables(text)
    metadata = Metadata(path)
    for place in (("tool", "poetry"), ("project",)):
        metadata.name = _string(content, *place, "name") or metadata.name
        metadata.description = _string(content, *place, "description") or metadata.description
    metadata.packages = _packages(content)
    metadata.required = _strings(content, "project", "dependencies")
    for name, value in _table(content, "tool", "poetry", "dependencies").items():
        optional = _get(value, "optional") is True
        (metadata.optional if optional else metadata.required).append(name)
    groups = [*_table(content, "project", "optional-dependencies").items()]
    groups += _table(content, "dependency-groups").items()
    groups += _table(content, "tool", "pdm", "dev-dependencies").items()
    for name, group in _table(content, "tool", "poetry", "group").items():
        groups.append((name, list(_table(group, "dependencies"))))
    groups.append(("dev", list(_table(content, "tool", "poetry", "dev-dependencies"))))
    _add_optional(metadata, ((name, _strings(specs)) for name, specs in groups))
    return metadata


def _add_optional(metadata: Metadata, groups: Iterable[tuple[str, list[str]]]) -> None:
    """Add the packages of groups that are not for development."""
    for name, specs in groups:
        if not _DEVELOPMENT.fullmatch(name.lower()):
            metadata.optional += specs


def _packages(content: dict[str, Any]) -> list[str]:
    """Return the import names of the packages that the build backend's configuration lists."""
    named = _strings(content, "tool", "setuptools", "packages")
    find = _strings(content, "tool", "setuptools", "packages", "find", "include")
    named += [name.rstrip(".*") for name in find]
    named += _strings(content, "tool", "hatch", "build", "targets", "wheel", "packages")
    named += _strings(content, "tool", "scikit-build", "wheel", "packages")
    listed = _get(content, "tool", "poetry", "packages")
    if isinstance(listed, list):
        named += _strings([_get(entry, "include") for entry in listed])
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
        extras = parser.items("options.extras_require")
        _add_optional(metadata, ((name, specs.splitlines()) for name, specs in extras))
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
        if isinstance(call, ast.Call) and "setup" in (
            getattr(call.func, "id", ""),
            getattr(call.func, "attr", ""),
        ):
            content = {keyword.arg: _literal(keyword.value, values) for keyword in call.keywords}
            metadata.name = _string(content, "name") or metadata.name
            metadata.description = _string(content, "description") or metadata.description
            metadata.packages += [n.partition(".")[0] for n in _strings(content, "packages")]
            metadata.required += _strings(content, "install_requires")
            extras = _table(content, "extras_require")
            _add_optional(metadata, ((name, _strings(specs)) for name, specs in extras.items()))
    return metadata


def _literal(node: ast.expr | None, values: Mapping[str, ast.expr]) -> Any:
    """Return the value of an expression; None for each part of it that is not a literal.

    `values` are the expressions of names; a name in one of them has no value.
    """
    match node:
        case ast.Constant():
            return node.value
        case ast.Name() if node.id in values:
            return _literal(values[node.id], {})
        case ast.List() | ast.Tuple():
            return [_literal(part, values) for part in node.elts]
        case ast.Dict():
            pairs = zip(node.keys, node.values, strict=True)
            return {str(_literal(key, values)): _literal(part, values) for key, part in pairs}
    return None


def _read_package_json(path: str, text: str) -> Metadata:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return Metadata(path)
    name, description = _string(content, "name"), _string(content, "description")
    return Metadata(path, name, description, [], list(_table(content, "dependencies")))


def _read_pipfile(path: str, text: str) -> Metadata:
    content = toml.read_tables(text)
    return Metadata(path, required=list(_table(content, "packages")))


_READERS = {
    "pyproject.toml": _read_pyproject,
    "setup.cfg": _read_setup_cfg,
    "setup.py": _read_setup_py,
    "package.json": _read_package_json,
    "Pipfile": _read_pipfile,
}


def _get(value: Any, *path: str) -> Any:
    """Return the value at a path of keys; None if there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _table(value: Any, *path: str) -> dict[str, Any]:
    found = _get(value, *path)
    return found if isinstance(found, dict) else {}


def _string(value: Any, *path: str) -> str | None:
    found = _get(value, *path)
    return found if isinstance(found, str) else None


def _strings(value: Any, *path: str) -> list[str]:
    found = _get(value, *path)
    return [part for part in found if isinstance(part, str)] if isinstance(found, list) else []

"""Read the steps of CI: their text, the folder that they run in, and the conditions on them.

Jobs and steps that are switched off, or whose failure the host ignores, are left out.
"""

import itertools
import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

Folder = str | None  # from the top of the repository; None if it is unknown here

# Keys of a job or step, with the values that leave it on.
_ON: dict[str, tuple[Any, ...]] = {
    "allow_failure": (False, None),
    "continue-on-error": (False, None, "false", "${{ false }}"),
    "continueOnError": (False, None, "false"),
    "enabled": (True, None, "true"),
}
_OFF: dict[str, tuple[Any, ...]] = {
    "if": (False, "false", "${{ false }}"),
    "condition": (False, "false"),
    "when": ("manual", "never"),
}
_CONDITIONS = ("if", "condition", "rules", "only", "except", "when")
_FULFILLED = ("always()", "success()", "!cancelled()", "true", "on_success", "always")
_FOLDERS = ("working-directory", "workingDirectory", "working_directory")
_SCRIPTS = ("before_script", "script", "commands")  # lines of one shell
# These hold no command.
_TEXT = frozenset(("name", "id", "description", "title", "env", "variables", "on", *_CONDITIONS))
_SHELL = re.compile(
    r"(?:\S*/)?(bash|sh|dash|ksh|zsh|pwsh|powershell|cmd|python3?)\b(.*)", re.DOTALL
)
_STOPS = re.compile(r"\s-(?:[a-df-z]*e|o errexit)")
_MATRIX = re.compile(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}|\$\{?([A-Z][A-Z0-9_]*)\}?")
_TOP = re.compile(
    r"^(?:\$\{\{\s*github\.workspace\s*\}\}|\$\{?(?:GITHUB_WORKSPACE|CI_PROJECT_DIR)\}?)(?=/|$)"
)
_MOST_VARIANTS = 50


class Step(Struct, frozen=True):
    """A text that one shell runs; `variants` are its text and folder for each value of a matrix.

    A job or step runs under all `conditions`.
    """

    variants: tuple[tuple[str, Folder], ...]
    conditions: tuple[str, ...] = ()


class _Context(Struct, frozen=True):
    root: Folder = ""  # where CI starts
    folder: str = ""
    conditions: tuple[str, ...] = ()
    stops: bool = True
    matrix: Mapping[str, Sequence[str]] = {}


def list_steps(content: Any, root: Folder) -> Iterator[Step]:
    """Yield the steps in the YAML of a CI file, in their order; CI starts in the folder `root`."""
    waiting: list[tuple[Any, _Context]] = [(_connect_jobs(content), _Context(root))]
    while waiting:
        part, context = waiting.pop()
        if isinstance(part, dict):
            inner = _enter(part, context)
            if inner is not None:
                lines = [line for key in _SCRIPTS for line in _lines(part.get(key))]
                texts = ["\n".join(lines)] if lines else []
                left_out = (*_TEXT, *_SCRIPTS)
                rest = [value for key, value in part.items() if key not in left_out]
                waiting += [(value, inner) for value in [*texts, *rest][::-1]]
        elif isinstance(part, list):
            waiting += [(value, context) for value in part[::-1]]
        elif isinstance(part, str):
            text = part if context.stops else f"set +e\n{part}"
            yield Step(tuple(_expand(text, context)), context.conditions)


def _connect_jobs(content: Any) -> Any:
    """Return a workflow of GitHub whose jobs have the conditions of the jobs that they need.

    A job is skipped with a job that it needs, and a skipped job counts as passed.
    """
    jobs = content.get("jobs") if isinstance(content, dict) else None
    if not isinstance(jobs, dict):
        return content
    known = {name: job for name, job in jobs.items() if isinstance(job, dict)}
    needs = {name: _needs(job) for name, job in known.items()}
    conditions = {name: {job["if"]} for name, job in known.items() if _is_text(job.get("if"))}
    off = [name for name, job in known.items() if job.get("if") in _OFF["if"]]
    waiting = [*conditions, *off]
    users: dict[str, list[str]] = {}
    for name, listed in needs.items():
        for need in listed:
            users.setdefault(need, []).append(name)
    while waiting:
        name = waiting.pop()
        for user in users.get(name, ()):
            own = conditions.setdefault(user, set())
            more = {"false"} if name in off else conditions.get(name, set())
            if len(own) < _MOST_VARIANTS and not more <= own:
                own |= more
                waiting.append(user)
    found = {
        name: {**job, "if": " && ".join(sorted(conditions[name]))}
        for name, job in known.items()
        if name not in off and conditions.get(name)
    }
    return {**content, "jobs": {**jobs, **found}}


def _needs(job: Mapping[str, Any]) -> list[str]:
    needs = job.get("needs")
    return [n for n in (needs if isinstance(needs, list) else [needs]) if isinstance(n, str)]


def _is_text(condition: Any) -> bool:
    return isinstance(condition, str) and _condition(condition) not in (*_FULFILLED, "false")


def _lines(value: Any) -> Iterator[str]:
    """Yield the lines of a script, which may be in lists in a list."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part[::-1]
        elif isinstance(part, str):
            yield part


def _enter(part: Mapping[str, Any], context: _Context) -> _Context | None:
    """Return the context inside a job or step; None if it is switched off."""
    if any(part[key] not in on for key, on in _ON.items() if key in part):
        return None
    if any(part.get(key) in off for key, off in _OFF.items()):
        return None
    defaults = part.get("defaults")
    run = defaults.get("run") if isinstance(defaults, dict) else None
    settings = {**(run if isinstance(run, dict) else {}), **part}
    folder = next((settings[key] for key in _FOLDERS if isinstance(settings.get(key), str)), None)
    shell = settings.get("shell")
    stops = _stops(shell) if isinstance(shell, str) else context.stops
    if stops is None:
        return None
    matrix = _read_matrix(part)
    return replace(
        context,
        folder=context.folder if folder is None else folder,
        conditions=(*context.conditions, *_list_conditions(part)),
        stops=stops,
        matrix={**context.matrix, **matrix} if matrix else context.matrix,
    )


def _list_conditions(part: Mapping[str, Any]) -> Iterator[str]:
    workflow = part.get("workflow")  # of GitLab: the conditions on the whole pipeline
    for settings in (workflow if isinstance(workflow, dict) else {}, part):
        for key in _CONDITIONS:
            text = _condition(settings[key]) if key in settings else "always"
            if text not in _FULFILLED:
                yield f"{key} {text}"


def _condition(value: Any) -> str:
    """Return a condition as text, however it is laid out."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    inner = re.fullmatch(r"\s*\$\{\{(.*)\}\}\s*", text, re.DOTALL)
    return " ".join((inner[1] if inner else text).split())


def _stops(shell: str) -> bool | None:
    """Return whether a shell stops at the first failure; None if it runs no command."""
    match = _SHELL.fullmatch(shell.strip())
    if match is None:
        return None
    if "{0}" not in shell or match[1] in ("pwsh", "powershell", "cmd", "python", "python3"):
        return True
    return bool(_STOPS.search(match[2]))


def _read_matrix(part: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the texts that a matrix of GitHub or GitLab gives each name."""
    found: dict[str, list[str]] = {}
    for key in ("strategy", "parallel"):
        inner = part.get(key)
        matrix = inner.get("matrix") if isinstance(inner, dict) else None
        waiting = [matrix, *(matrix.get("include") or () if isinstance(matrix, dict) else ())]
        waiting = [row for rows in waiting for row in (rows if isinstance(rows, list) else [rows])]
        for row in waiting[:_MOST_VARIANTS]:
            rows = row.items() if isinstance(row, dict) else ()
            for name, values in itertools.islice(rows, _MOST_VARIANTS):
                listed = values[:_MOST_VARIANTS] if isinstance(values, list) else [values]
                found.setdefault(str(name), []).extend(v for v in listed if isinstance(v, str))
    return found


def _expand(text: str, context: _Context) -> Iterator[tuple[str, Folder]]:
    """Yield a text and its folder for the values of the matrix that they name."""
    both = f"{text}\n{context.folder}"
    names = list(dict.fromkeys(a or b for a, b in _MATRIX.findall(both)))
    used = {name: context.matrix[name] for name in names if context.matrix.get(name)}
    for values in itertools.islice(itertools.product(*used.values()), _MOST_VARIANTS):
        known = dict(zip(used, values, strict=True))

        def fill(match: re.Match[str], known: Mapping[str, str] = known) -> str:
            return known.get(match[1] or match[2], match[0])

        folder = _MATRIX.sub(fill, context.folder)
        yield _MATRIX.sub(fill, text), join(context.root, folder)


def join(folder: Folder, path: str) -> Folder:
    """Return a folder that a path leads to; None if that is unknown, or outside the repository."""
    path = path.strip("\"' ")
    if top := _TOP.match(path):
        folder, path = "", path[top.end() :].lstrip("/")
    if folder is None or "$" in path or path.startswith(("/", "~", "-")):
        return None
    joined = posixpath.normpath(posixpath.join(folder, path)) if path else folder
    if joined == ".." or joined.startswith("../"):
        return None
    return "" if joined == "." else joined

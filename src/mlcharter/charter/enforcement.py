"""Find what runs mlcharter: workflows, CI includes, hooks, Makefiles and scripts.

CI and hooks start some files; what these name by path, or run with `make`, is followed. Nothing is
run: commands are found in the text, without comments. A command whose failure is ignored, and what
a job or step that is switched off runs, do not count.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.formats import yamlblock

WORKFLOWS = ".github/workflows"
OTHER_CI = (
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    ".drone.yml",
    ".travis.yml",
    ".woodpecker.yml",
    "Jenkinsfile",
    "appveyor.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
)
_HOOKS = (".pre-commit-config.yaml", "lefthook.yml", ".husky/pre-commit", ".husky/pre-push")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")  # `make` reads the first
_SUFFIXES = (".yml", ".yaml", ".sh", ".bash", ".py", ".mk", ".toml", ".ini", ".ps1", ".js")
_YAML = (".yml", ".yaml")
# Keys of a job or step, with values that switch it off.
_OFF: dict[str, tuple[Any, ...]] = {
    "allow_failure": (True,),
    "continue-on-error": (True, "${{ true }}"),
    "if": (False, "false", "${{ false }}"),
    "when": ("manual", "never"),
}
_MOST_FILES = 200
_MOST_NAMES = 2000  # of files in one text
_MOST_RUNS = 1000

_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))#.*$")
# A failure is ignored: by what follows, or in a pipe, whose last command counts.
_UNLESS = r"(?![^\n]{0,300}(?:\|\||;)\s{0,9}(?:true\b|:|echo\b|exit 0))(?![^\n;&|]{0,300}\|(?!\|))"
_RUN = re.compile(
    r"(?i)(?:mlcharter|charter\.py)[\"'),}\s]{1,9}(check|gate|prove|diff)\b"
    + _UNLESS
    + r"([^\n;&|]{0,200})"
)
_WEAK = re.compile(r"--(?:level[ =]draft|help|explain|write-baseline)\b")
_PARTIAL = re.compile(r"--(?:select|ignore|only)\b")
_MAKE = re.compile(r"(?:\bmake|\$[({]MAKE[)}])((?:[ \t]+[\w.=-]+)+)(?![\w.=-])" + _UNLESS)
_NAMED = re.compile(r"(?<![\w./-])[\w.-]{0,99}/[\w./-]{1,300}|(?<![\w.-])[\w-]{1,99}\.\w{1,9}")
_INCLUDE = re.compile(r"(?m)^-?s?include[ \t]+(.*)$")
_RULE = re.compile(r"(?m)^([\w.-]+(?:[ \t]+[\w.-]+)*)[ \t]*:(?!=)([^\n]*)((?:\n+\t[^\n]*)*)")
_IGNORED = re.compile(r"\n\t[@+]*-[^\n]*")
_IN_FOLDER = re.compile(r"([\w./-]{1,99}/)\*(\.\w{1,9})")
_PROGRAM = re.compile(r"(?i)mlcharter|charter\.py")


class Enforcement(Struct, frozen=True):
    """What runs mlcharter: the files, and how often CI runs each of its commands.

    `triggers` are the events, with their filters, on which GitHub starts each workflow that does.
    """

    files: tuple[str, ...]
    runs: Counter[str]
    triggers: dict[str, dict[str, Any]]


def read(charter: Charter) -> Enforcement:
    """Return what runs mlcharter in a repository."""
    finder = _Finder(charter)
    starts = [path for path in finder.starts() if finder.text(path)]
    found = dict.fromkeys(starts)
    waiting = list(starts)
    while waiting and len(found) < _MOST_FILES:
        new = [path for path in finder.named(waiting.pop(0)) if path not in found]
        found |= dict.fromkeys(new)
        waiting += new
    by_path = {path: finder.runs(path) for path in starts if is_ci(path)}
    runs: Counter[str] = Counter()
    for counted in by_path.values():
        runs.update(counted)
    triggers = {path: finder.triggers(path) for path, counted in by_path.items() if counted}
    return Enforcement(_leading_to_mlcharter(finder, list(found)), runs, triggers)


def is_ci(path: str) -> bool:
    """Return whether a CI host starts with this file."""
    return path.startswith(f"{WORKFLOWS}/") or path in OTHER_CI


def _leading_to_mlcharter(finder: "_Finder", paths: list[str]) -> tuple[str, ...]:
    """Return the files that name mlcharter, and those that name such a file."""
    found = {path for path in paths if _PROGRAM.search(path + finder.text(path))}
    naming: dict[str, list[str]] = {}
    for path in paths:
        for named in finder.named(path):
            naming.setdefault(named, []).append(path)
    waiting = list(found)
    while waiting:
        new = {path for path in naming.get(waiting.pop(), ()) if path not in found}
        found |= new
        waiting += new
    return tuple(path for path in paths if path in found)


def _find_commands(text: str) -> Iterator[str]:
    """Yield the commands of mlcharter in a text, without those that find little or nothing.

    One that decides only a part has the option that says so in its name.
    """
    for command, options in _RUN.findall(text):
        name = command.lower()
        partial = _PARTIAL.search(options)
        if not _WEAK.search(options) and (name != "prove" or "--check" in options):
            yield f"{name} {partial[0]}" if partial else name


def _live(value: Any) -> Iterator[str]:
    """Yield the texts in YAML, without mappings that a host skips or whose failure it ignores."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if not any(part.get(key) in off for key, off in _OFF.items()):
                waiting += list(part.values())[::-1]
        elif isinstance(part, list):
            waiting += part[::-1]
        elif isinstance(part, str):
            yield part


class _Finder:
    """Follows what the files of a charter run."""

    def __init__(self, charter: Charter) -> None:
        self._charter = charter
        self._tree = charter.tree
        self._texts: dict[str, str] = {}
        self._named: dict[str, list[str]] = {}
        self._runs: dict[str, Counter[str]] = {}

    def starts(self) -> Iterator[str]:
        for name, _ in self._tree.list_folder(WORKFLOWS):
            if name.endswith(_YAML):
                yield f"{WORKFLOWS}/{name}"
        yield from (*OTHER_CI, *_HOOKS)

    def text(self, path: str) -> str:
        """Return a file without comments, each command on one line; empty if there is none."""
        if path not in self._texts:
            data = self._charter.file(path) if self._tree.is_file(path) else b""
            text = data.decode("utf-8", "replace") if isinstance(data, bytes) else ""
            self._texts[path] = _COMMENT.sub("", text).replace("\\\n", " ")
        return self._texts[path]

    def _load(self, path: str) -> dict[str, Any]:
        """Return the content of a YAML file; empty for other files, and for other YAML."""
        data = self._charter.file(path) if path.endswith(_YAML) else b""
        tree = yamlblock.parse(data.decode("utf-8", "replace")) if isinstance(data, bytes) else None
        return tree.value if tree and not tree.problem and isinstance(tree.value, dict) else {}

    def _live_text(self, path: str) -> str:
        """Return the text of a file; of YAML without the jobs and steps that are switched off."""
        loaded = self._load(path)
        if not loaded:
            return self.text(path)
        return _COMMENT.sub("", "\n;\n".join(_live(loaded))).replace("\\\n", " ")

    def triggers(self, path: str) -> dict[str, Any]:
        """Return the events that start a workflow of GitHub, with their filters."""
        events = self._load(path).get("on") or []
        if isinstance(events, dict):
            return events
        return dict.fromkeys(map(str, events if isinstance(events, list) else [events]))

    def named(self, path: str) -> list[str]:
        """Return the files that a file names or makes."""
        if path not in self._named:
            found = self._find_named(self.text(path))
            found += self._makefiles if _MAKE.search(self.text(path)) else []
            self._named[path] = [file for file in dict.fromkeys(found) if file != path]
        return self._named[path]

    def _find_named(self, text: str) -> list[str]:
        names = islice(dict.fromkeys(_NAMED.findall(text)), _MOST_NAMES)
        return [file for name in names for file in self._files(name)]

    def _files(self, name: str) -> Iterator[str]:
        path = name.removeprefix("./").strip("/")
        for file in (path, f"{path}/action.yml", f"{path}/action.yaml"):
            is_script = file.endswith(_SUFFIXES) or "." not in file.rpartition("/")[2]
            if is_script and self._tree.is_file(file):
                yield file

    @cached_property
    def _makefiles(self) -> list[str]:
        """The files that `make` reads, in its order."""
        main = next((path for path in _MAKEFILES if self._tree.is_file(path)), None)
        found = [main] if main else []
        for included in _INCLUDE.findall(self.text(main)) if main else ():
            for folder, suffix in _IN_FOLDER.findall(included):
                names = sorted(name for name, _ in self._tree.list_folder(folder))
                found += [f"{folder}{name}" for name in names if name.endswith(suffix)]
            found += [file for name in _NAMED.findall(included) for file in self._files(name)]
        return found[:_MOST_FILES]

    @cached_property
    def _targets(self) -> dict[str, str]:
        """What each target needs and does; the last rule counts, as for `make`."""
        found: dict[str, list[str]] = {}
        for path in self._makefiles:
            for targets, needs, recipe in _RULE.findall(self.text(path)):
                text = f"make {needs}{_IGNORED.sub('', recipe)}\n"
                for target in dict.fromkeys(targets.split()):
                    if recipe:
                        found[target] = []
                    found.setdefault(target, []).append(text)
        return {target: "".join(texts) for target, texts in found.items()}

    def runs(self, name: str) -> Counter[str]:
        """Return how often a file, or a target of `make`, runs each command of mlcharter."""
        if name not in self._runs:
            self._runs[name] = Counter()  # for files that name each other
            text = self._targets.get(name) or self._live_text(name)
            found = Counter(_find_commands(text))
            for words in _MAKE.findall(text):
                for target in words.split():
                    found.update(self.runs(target) if target in self._targets else ())
            for named in self._find_named(text):
                if named not in self._makefiles and not _PROGRAM.search(named):
                    found.update(self.runs(named))
            self._runs[name] = Counter({c: min(n, _MOST_RUNS) for c, n in found.items()})
        return self._runs[name]

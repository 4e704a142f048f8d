"""Follow what CI and hooks run: files that a text names by path, and targets of `make`.

Nothing is run, and nothing outside the repository is read.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from mlcharter.charter import ci_steps, shell_commands
from mlcharter.charter.charter import Charter
from mlcharter.charter.ci_steps import Folder, Step
from mlcharter.charter.shell_commands import Command
from mlcharter.formats import yamlblock

_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")  # `make` reads the first
_SUFFIXES = (".yml", ".yaml", ".sh", ".bash", ".py", ".mk", ".toml", ".ini", ".ps1", ".js")
_YAML = (".yml", ".yaml")
_SHELLS = (".sh", ".bash")
_NO_SHELL = ("Jenkinsfile",)
_MOST_FILES = 200
_MOST_RUNS = 1000

PROGRAM = re.compile(r"(?i)mlcharter|charter\.py")
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))#.*$")
_SHEBANG = re.compile(r"#![^\n]*\s-[a-z]*e")
_WEAK = re.compile(r"--(?:level[ =]draft|help|explain|write-baseline)\b")
_PARTIAL = re.compile(r"--(?:select|ignore|only|branch|staged)\b")
_INCLUDE = re.compile(r"(?m)^-?s?include[ \t]+(.*)$")
_RULE = re.compile(r"(?m)^([\w.-]+(?:[ \t]+[\w.-]+)*)[ \t]*:(?!=)([^\n]*)((?:\n+\t[^\n]*)*)")
_VARIABLE = re.compile(r"(?m)^(?:export[ \t]+)?(\w+)[ \t]*[:?+]{0,2}=[ \t]*([^\n]{0,300})$")
_USED = re.compile(r"\$[({](\w+)[)}]")
_IN_FOLDER = re.compile(r"([\w./-]{1,99}/)\*(\.\w{1,9})")


class Run(Struct, frozen=True, order=True):
    """A command that CI runs: its name, with the option that decides a part only; conditions."""

    command: str
    conditions: tuple[str, ...] = ()


class Target(Struct):
    """What a target of `make` needs, the lines of its recipe, and the file that has it."""

    path: str
    needs: list[str]
    recipe: list[str]


class Finder:
    """Follows what runs the checks of a charter; paths are from the top of its repository."""

    def __init__(self, charter: Charter) -> None:
        above = charter.tree.above
        self._charter = charter
        self._tree = above.tree if above else charter.tree
        self.prefix = above.prefix if above else ""
        self._own = self.prefix.rstrip("/")
        self._texts: dict[str, str] = {}
        self._named: dict[str, list[str]] = {}
        self._targets: dict[str, dict[str, Target]] = {}
        self._makefiles: dict[str, list[str]] = {}
        self._runs: dict[tuple[str, Folder, str], Counter[Run]] = {}
        self._made: dict[tuple[str, str, str], Counter[Run]] = {}

    # Files

    def key(self, path: str) -> str:
        """Return a path from the charter's folder; outside it, from the top and with `/`."""
        return path.removeprefix(self.prefix) if path.startswith(self.prefix) else f"/{path}"

    def list_folder(self, folder: str) -> Iterator[str]:
        yield from sorted(name for name, _ in self._tree.list_folder(folder))

    def _content(self, path: str) -> bytes:
        if not self._tree.is_file(path):
            return b""
        own = path.startswith(self.prefix)
        data = self._charter.file(self.key(path)) if own else self._tree.read(path)
        return data if isinstance(data, bytes) else b""

    def text(self, path: str) -> str:
        """Return a file without comments, each command on one line; empty if there is none."""
        if path not in self._texts:
            self._texts[path] = _uncomment(self._content(path).decode("utf-8", "replace"))
        return self._texts[path]

    def _load(self, path: str) -> dict[str, Any]:
        """Return the content of a YAML file; empty for other files, and for other YAML."""
        data = self._content(path) if path.endswith(_YAML) else b""
        tree = yamlblock.parse(data.decode("utf-8", "replace")) if data else None
        return tree.value if tree and not tree.problem and isinstance(tree.value, dict) else {}

    def triggers(self, path: str) -> dict[str, Any]:
        """Return the events that start a workflow of GitHub, with their filters."""
        events = self._load(path).get("on") or []
        if isinstance(events, dict):
            return events
        return dict.fromkeys(map(str, events if isinstance(events, list) else [events]))

    def named(self, path: str) -> list[str]:
        """Return the files that a file names or makes."""
        if path not in self._named:
            text = self.text(path)
            names = shell_commands.list_names(text)
            found = [file for name in names for file in self._files(name, self._own)]
            found += self.makefiles(self._own) if shell_commands.MAKE.search(text) else []
            self._named[path] = [file for file in dict.fromkeys(found) if file != path]
        return self._named[path]

    def _files(self, name: str, folder: Folder) -> Iterator[str]:
        """Yield the files that a name in a folder means; CI names some from its root."""
        for start in dict.fromkeys((folder or self._own, self._own, "")):
            path = posixpath.normpath(posixpath.join(start, name.removeprefix("./").strip("/")))
            for file in (path, f"{path}/action.yml", f"{path}/action.yaml"):
                is_script = file.endswith(_SUFFIXES) or "." not in file.rpartition("/")[2]
                if is_script and not file.startswith("../") and self._tree.is_file(file):
                    yield file
                    return

    # Makefiles

    def makefiles(self, folder: str) -> list[str]:
        """Return the files that `make` reads in a folder, in its order."""
        if folder not in self._makefiles:
            start = f"{folder}/" if folder else ""
            main = next((n for n in _MAKEFILES if self._tree.is_file(start + n)), None)
            found = [start + main] if main else []
            for included in _INCLUDE.findall(self.text(start + main)) if main else ():
                for inner, suffix in _IN_FOLDER.findall(included):
                    listed = self.list_folder(start + inner)
                    found += [f"{start}{inner}{name}" for name in listed if name.endswith(suffix)]
                names = shell_commands.list_names(included)
                found += [file for name in names for file in self._files(name, folder)]
            self._makefiles[folder] = found[:_MOST_FILES]
        return self._makefiles[folder]

    def _find_targets(self, folder: str) -> dict[str, Target]:
        """Return what each target needs and does; the last rule counts, as for `make`."""
        if folder in self._targets:
            return self._targets[folder]
        texts = {path: self.text(path) for path in self.makefiles(folder)}
        values = {n: value for text in texts.values() for n, value in _VARIABLE.findall(text)}
        found: dict[str, Target] = {}
        for path, text in texts.items():
            for targets, needs, recipe in _RULE.findall(text):
                lines = [_fill(line.strip(), values) for line in recipe.split("\n\t")[1:]]
                for name in dict.fromkeys(targets.split()):
                    target = found.setdefault(name, Target(path, [], []))
                    target.needs += needs.split()
                    if lines:
                        target.path, target.recipe = path, lines
        self._targets[folder] = found
        ignored = found.get(".IGNORE")
        flags = values.get("MAKEFLAGS", "").split()
        if ignored or shell_commands.ignores_failures(flags):
            for name, target in found.items():
                if not (ignored and ignored.needs) or name in ignored.needs:
                    target.recipe = []
        return found

    # Runs

    def run_file(self, path: str, folder: Folder, root: str) -> Counter[Run]:
        """Return how often a file runs each command of mlcharter for this charter.

        It is started in a folder; `root` is the one in which CI starts.
        """
        key = (path, folder, root)
        if key not in self._runs:
            self._runs[key] = Counter()  # for files that name each other
            found: Counter[Run] = Counter()
            stops = self._stops(path)
            for step in self._list_steps(path, folder, root):
                found.update(self._run_step(step, root, stops=stops))
            self._runs[key] = _limit(found)
        return self._runs[key]

    def _list_steps(self, path: str, folder: Folder, root: str) -> Iterator[Step]:
        loaded = self._load(path)
        if loaded:
            yield from ci_steps.list_steps(loaded, root)
        else:
            yield Step(((self.text(path), folder),))

    def _stops(self, path: str) -> bool:
        """Return whether what runs a file stops at the first command that fails."""
        name = posixpath.basename(path)
        is_shell = name.endswith(_SHELLS) or ("." not in name and name not in _NO_SHELL)
        start = self._content(path)[:200].decode("utf-8", "replace") if is_shell else ""
        return not is_shell or _SHEBANG.match(start) is not None

    def _run_step(self, step: Step, root: str, *, stops: bool) -> Counter[Run]:
        found: Counter[Run] = Counter()
        for text, folder in step.variants:
            found |= self._run_text(_uncomment(text), folder, root, stops=stops)
        if not step.conditions:
            return found
        return Counter(
            {Run(r.command, (*step.conditions, *r.conditions)): n for r, n in found.items()}
        )

    def _run_text(self, text: str, folder: Folder, root: str, *, stops: bool) -> Counter[Run]:
        found: Counter[Run] = Counter()
        files: dict[str, Folder] = {}
        for command in shell_commands.find(text, folder, stops=stops):
            if command.name == "make":
                found.update(self._run_make(command, root))
            elif command.name == "file":
                if not PROGRAM.search(command.words[0]):
                    for file in self._files(command.words[0], command.folder):
                        files.setdefault(file, command.folder)
            elif (name := _name(command, self._own)) and shell_commands.leads_into(
                command, self._own
            ):
                found[Run(name)] += 1
        for file, place in files.items():
            if posixpath.basename(file) not in _MAKEFILES:
                found.update(self.run_file(file, place, root))
        return found

    def _run_make(self, command: Command, root: str) -> Counter[Run]:
        folder, words = shell_commands.read_make(command)
        folder = self._own if folder is None else folder
        names = [word for word in words if "=" not in word]
        found: Counter[Run] = Counter()
        values = dict(word.split("=", 1) for word in words if "=" in word)
        replaced = any(PROGRAM.search(n) and not PROGRAM.search(v) for n, v in values.items())
        if replaced or shell_commands.ignores_failures(command.words):
            return found
        targets = self._find_targets(folder)
        default = (name for name in targets if not name.startswith("."))
        for name in names or [next(default, "")]:
            found.update(self._run_target(name, folder, root))
        return found

    def _run_target(self, name: str, folder: str, root: str) -> Counter[Run]:
        target = self._find_targets(folder).get(name)
        key = (name, folder, root)
        if target is None or key in self._made:
            return self._made.get(key, Counter())
        self._made[key] = Counter()
        found: Counter[Run] = Counter()
        for need in dict.fromkeys(target.needs):
            found.update(self._run_target(need, folder, root))
        for line in target.recipe:
            if not line.lstrip("@+").startswith("-"):
                found.update(self._run_text(line.lstrip("@+"), folder, root, stops=False))
        self._made[key] = _limit(found)
        return self._made[key]

    def list_running(self) -> Iterator[str]:
        """Yield the files that run a command of mlcharter for this charter."""
        yield from (path for (path, _, _), found in self._runs.items() if found)
        for (name, folder, _), found in self._made.items():
            if found:
                yield self._find_targets(folder)[name].path


def _name(command: Command, own: str) -> str:
    """Return the name of a command of mlcharter; empty if it finds little or nothing.

    One that decides only a part has what says so in its name: an option, a path inside the charter,
    or the commit that it compares with.
    """
    options = " ".join(command.words[1:])
    if _WEAK.search(options) or (command.name == "prove" and "--check" not in options):
        return ""
    parts = [found[0] for found in [_PARTIAL.search(options)] if found]
    if command.name in ("check", "diff"):
        for word in shell_commands.list_positional(command.words[1:]):
            place = ci_steps.join(command.folder, word)
            if command.name == "diff" or (place is not None and _is_below(place, own)):
                parts.append(word)
    return " ".join((command.name, *parts))


def _is_below(place: str, own: str) -> bool:
    return place != own and place.startswith(f"{own}/" if own else "")


def _uncomment(text: str) -> str:
    """Return a text without comments, each command on one line."""
    return _COMMENT.sub("", text).replace("\\\n", " ")


def _fill(line: str, values: dict[str, str]) -> str:
    """Return a line of a recipe with the values of the variables that it uses, once."""
    return _USED.sub(lambda used: values.get(used[1], used[0]), line)


def _limit(found: Counter[Run]) -> Counter[Run]:
    return Counter({run: min(count, _MOST_RUNS) for run, count in found.items()})

"""Find the commands of mlcharter, and of `make`, in the text of a shell; nothing is run.

A command counts if the shell fails when it fails. Left out are those whose failure is ignored, and
those that never run, as far as the text shows it.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct

from mlcharter.charter import ci_steps
from mlcharter.charter.ci_steps import Folder

_COMMAND = re.compile(
    r"""(?i)([\w./$(){}-]{0,200}(?:mlcharter|charter\.py))["'),}\s]{1,9}(check|gate|prove|diff)\b"""
    r"([^\n;&|]{0,200})"
)
MAKE = re.compile(r"(?:(?<![\w./-])make|\$[({]MAKE[)}])((?:[ \t]+[\w./=:$(){}-]+)+)(?![\w.=-])")
_CD = re.compile(r"""(?<![\w./-])(?:cd|pushd)[ \t]+("[^"\n]{0,300}"|'[^'\n]{0,300}'|[^\s;&|)]+)""")
_SET = re.compile(r"(?<![\w-])set[ \t]+(?:([+-])[a-z]{0,9}e[a-z]{0,9}|([+-])o errexit)(?![\w-])")
_EXIT = re.compile(r"(?m)^exit\b")
_END = re.compile(r"[\n;]")
_PARTS = re.compile(r"&&|\|\||[|({`]")
# What comes before a command, and keeps its failure from the shell, or keeps it from running.
_SWALLOWS = re.compile(r"\s*(?:!|if|elif|while|until|echo|printf|:|true|false|test|cat|grep)(?=\s)")
_CONDITION = re.compile(r"\s*(?:false\b|test\s|\[|(?:!|if|elif|while|until)\s)")
# What comes after it: a branch that does not fail, a pipe, or the background.
_IGNORED = re.compile(
    r"\|\|\s*(?![({]?\s*(?:[^\n|&]{0,200}[;&]\s*)?(?:exit(?![ \t]*0)|return [1-9]|false\b))"
    r"|(?<!\|)\|(?!\|)|(?<![>&])&(?![&>])|;\s*(?:true\b|:|echo\b|exit 0)"
)
_LAST = re.compile(r"[\s\"')}\]]*(?:&&[^\n;|]{0,300})?[\s;]*(?:(?:fi|done|esac)[\s;]*){0,9}")
_NAMED = re.compile(r"(?<![\w./-])[\w.-]{0,99}/[\w./-]{1,300}|(?<![\w.-])[\w-]{1,99}\.\w{1,9}")
_NO_RUN = re.compile(
    r"-[a-zA-Z]*[intq][a-zA-Z]*|--(?:ignore-errors|dry-run|just-print|question|touch)"
)
_PASSED_ON = re.compile(r"(?<![\w-])exit[ \t]+[\"']?\$")
_PROGRAM = re.compile(r"(?i)(?:mlcharter|charter\.py)\b")
_WITH_VALUE = ("-C", "--approvals", "--branch", "--format", "--level", "--output", "--standard")
_REPLACED = re.compile(r"(?m)(?:^|;)[ \t]*(?:function[ \t]+)?mlcharter[ \t]*\(\)[^\n]{0,300}")
_NEAR, _FAR = 300, 3000  # characters around a command
_MOST_NAMES = 2000  # of files in one text


class Command(Struct, frozen=True):
    """A command that counts: the folder that it runs in, its name and its words.

    The name is that of a command of mlcharter, with the program as the first word; or it is `make`,
    or `file` with the path of a file that the text names.
    """

    name: str
    folder: Folder
    words: tuple[str, ...]


def find(text: str, folder: Folder, *, stops: bool) -> Iterator[Command]:
    """Yield the commands in a text that begins in a folder.

    `stops` says whether the shell stops at the first command that fails; else the last one decides.
    """
    state: bool | None = stops
    ends = (m for pattern in (_REPLACED, _EXIT) for m in pattern.finditer(text))
    alive = min((m.start() for m in ends if _stops_all(m[0])), default=len(text))
    changes = deque((m.start(), (m[1] or m[2]) == "-") for m in _SET.finditer(text))
    folders = deque(_list_folders(text, folder))
    found = [(m, m[2].lower()) for m in _COMMAND.finditer(text, 0, alive)]
    found += [(m, "make") for m in MAKE.finditer(text, 0, alive)]
    found += [(m, "file") for m in islice(_NAMED.finditer(text, 0, alive), _MOST_NAMES)]
    for match, name in sorted(found, key=lambda pair: pair[0].start()):
        while changes and changes[0][0] < match.start():
            state = changes.popleft()[1] or None
        while len(folders) > 1 and folders[1][0] <= match.start():
            folders.popleft()
        if _decides(text, match.start(), match.end(), state):
            yield Command(name, folders[0][1], _split(match, name))


def _stops_all(text: str) -> bool:
    """Return whether no command of mlcharter runs after `exit`, or a function in its place."""
    return text == "exit" or not _PROGRAM.search(text.partition("(")[2])


def _split(match: re.Match[str], name: str) -> tuple[str, ...]:
    if name == "file":
        return (match[0],)
    return tuple(match[1].split()) if name == "make" else (match[1], *match[3].split())


def _list_folders(text: str, folder: Folder) -> Iterator[tuple[int, Folder]]:
    """Yield the places in a text from which on the shell is in a folder."""
    yield -1, folder
    outer: list[tuple[int, Folder]] = []  # where subshells end, and the folder that they leave
    for match in _CD.finditer(text):
        while outer and outer[-1][0] < match.start():
            end, folder = outer.pop()
            yield end, folder
        if text[max(match.start() - 9, 0) : match.start()].rstrip(" \t").endswith("("):
            end = text.find(")", match.end(), match.end() + _FAR)
            outer.append((end if end >= 0 else match.end() + _FAR, folder))
        folder = ci_steps.join(folder, match[1])
        yield match.end(), folder
    while outer:
        yield outer.pop()


def _decides(text: str, start: int, end: int, stops: bool | None) -> bool:
    """Return whether the shell fails if the command between two places does.

    `stops` is None where the text itself says that the shell goes on after a failure.
    """
    before = _END.split(text[max(start - _NEAR, 0) : start])[-1]
    operators = _PARTS.findall(before)
    parts = _PARTS.split(before)
    if operators[-1:] == ["||"] or _SWALLOWS.match(parts[-1]):
        return False
    if any(map(_CONDITION.match, parts[:-1])):
        return False
    line = text.find("\n", end, end + _NEAR)
    line = min(end + _NEAR, len(text)) if line < 0 else line
    if _IGNORED.search(text, end, line):
        return False
    if stops is None:
        return _PASSED_ON.search(text, end, end + _FAR) is not None
    return stops or text[end:line].lstrip().startswith("||") or bool(_LAST.fullmatch(text, end))


def leads_into(command: Command, own: str) -> bool:
    """Return whether a command of mlcharter concerns the charter in a folder `own`.

    It does if it runs in that folder, or names a path in it; one that is unknown here may do so.
    """
    if not own or command.folder is None or _inside(command.folder, own):
        return True
    program, *words = (word.rpartition("=")[2] for word in command.words)
    if any("$" in word for word in words):
        return True
    return any(_inside(ci_steps.join(command.folder, word), own) for word in (program, *words))


def _inside(folder: Folder, own: str) -> bool:
    return folder is not None and (folder == own or folder.startswith(f"{own}/"))


def list_names(text: str) -> list[str]:
    """Return the paths that a text may name."""
    return list(islice(dict.fromkeys(_NAMED.findall(text)), _MOST_NAMES))


def ignores_failures(flags: Iterable[str]) -> bool:
    """Return whether flags of `make` let it go on after a failure, or run nothing."""
    return any(map(_NO_RUN.fullmatch, flags))


def list_positional(words: Iterable[str]) -> Iterator[str]:
    """Yield the arguments of a command of mlcharter that are no options and no values of one."""
    waiting = deque(words)
    while waiting:
        word = waiting.popleft().strip("\"'")
        if word in _WITH_VALUE and waiting:
            waiting.popleft()
        elif word and word[0] not in "-<>0123456789)}],":
            yield word


def read_make(command: Command) -> tuple[Folder, list[str]]:
    """Return the folder of a call of `make`, its targets, and the variables that it sets."""
    folder, targets = command.folder, []
    words = list(command.words)
    while words:
        word = words.pop(0)
        if word in ("-C", "--directory", "-f", "--file"):
            value = words.pop(0) if words else ""
            folder = ci_steps.join(folder, value) if word in ("-C", "--directory") else folder
        elif word.startswith(("-C", "--directory=")):
            folder = ci_steps.join(folder, word.removeprefix("-C").partition("=")[2] or word[2:])
        elif not word.startswith("-"):
            targets.append(word)
    return folder, targets

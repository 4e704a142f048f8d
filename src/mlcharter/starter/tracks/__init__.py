"""The tracks whose starter a team's own data can replace; each module is one of them.

A module `<track>.py` has

- a docstring, which `starter replace --help` shows: what the data are, and what is written;
- `EXAMPLE`, the command as `starter list` offers it;
- `OPTIONS`, the options of `starter replace` that no other track has, as click options;
- `read(data, options)`, which returns the team's data as `Own`, or raises a UserError that lists
  what is wrong with them. `options` has all options of the command by name, `licence` too.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from types import ModuleType
from typing import Any, ClassVar

from mlcharter.formats.report import Report
from mlcharter.support import plugins
from mlcharter.support.errors import UserError

Ask = Callable[[str], float]  # asks what something costs; 0 if nobody knows yet
Edit = Callable[[str], str]


class Own(ABC):
    """A team's own data, read and found to be sound."""

    track: ClassVar[str]
    programs: ClassVar[Sequence[str]] = ()
    """Modules of the repository's package that run before the eval."""
    keeps: ClassVar[Sequence[str]] = ()
    """Patterns of the starter's files that serve the team's own system too."""
    served: ClassVar[str] = "src/*/serving/backends has no module for your system yet; write one"
    """What is left to do where there is a service."""

    @abstractmethod
    def render(self) -> list[str]:
        """Return lines for a terminal: what was found in the data."""

    def list_notes(self) -> list[str]:
        """Return what to note about the data, such as what was left out and why."""
        return []

    @abstractmethod
    def list_data(self) -> dict[str, bytes]:
        """Return the data as files of the repository, by path."""

    @abstractmethod
    def write_pages(self, answers: Mapping[str, object]) -> dict[str, bytes]:
        """Return new files of code and documents, by path, which the team goes on with."""

    @abstractmethod
    def list_edits(self, answers: Mapping[str, object]) -> dict[str, Sequence[Edit]]:
        """Return edits of files that are there, by path; to do one again changes nothing."""

    @abstractmethod
    def propose(self, report: Report) -> dict[str, str]:
        """Return the YAML of config blocks of the eval pack, by kind, from the first report.

        Thresholds come from baseline models and from costs that the team states, never from the
        system's own result. Gates only warn, and `decided_on` is empty until a person has decided.
        """

    def comment(self, report: Report) -> list[str]:
        """Return what a person must know about the proposals, such as gates that are left out."""
        return []

    def find_dropped(self, texts: Mapping[str, str]) -> list[str]:
        """Return what the options ask for that files of an earlier call, by path, do not have."""
        return []

    def ask_costs(self, ask: Ask) -> "Own":
        """Return the data with the costs that the options leave out; without a terminal, unused."""
        return self


def find(answers: Mapping[str, Any]) -> dict[str, ModuleType]:
    """Return the modules of the tracks of a repository, by name; none for documents alone."""
    own = answers["tracks"] if answers.get("layout") == "full" else ()
    return {name: module for name, module in plugins.load(__name__).items() if name in own}


def choose(answers: Mapping[str, Any], given: Collection[str]) -> ModuleType:
    """Return the track whose options are `given`, or else the only one of the repository.

    Raises UserError if it is none or several, or if the repository has no code of that track.
    """
    here = find(answers)
    named = {
        track: option.opts[0]
        for track, module in plugins.load(__name__).items()
        for option in reversed(module.OPTIONS)
        if option.name in given
    }
    if len(named) > 1:
        options = ", ".join(f"{option} is for {track}" for track, option in named.items())
        raise UserError(f"these options are of several tracks: {options}", hint=_list(here))
    [track] = named or (here if len(here) == 1 else [None])
    if track in here:
        return here[track]
    if track:
        message = f"{named[track]} is for the track {track}, which has no code in this repository"
    elif here:
        message = f"this repository has several tracks: {', '.join(here)}"
    else:
        message = "this repository has no starter that data of your own can replace"
    raise UserError(message, hint=_list(here))


def _list(modules: Mapping[str, ModuleType]) -> str:
    if not modules:
        return "`mlcharter starter remove` starts empty; the README says what to write then"
    return "run " + ", or ".join(f"`{module.EXAMPLE}`" for module in modules.values())

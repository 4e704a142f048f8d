"""Suggest the nearest valid name for a mistyped one."""

from collections import Counter
from collections.abc import Iterable
from heapq import nlargest
from itertools import islice

_LONG, _MANY = 100, 200  # characters of a name, and names
_COMPARED, _PAIRS = 8, 1500  # names, and pairs of equal letters of two names


def nearest(typed: str, names: Iterable[str], n: int = 1, many: int = _MANY) -> list[str]:
    """Return up to `n` of the names that are nearest to a typed one, the nearest first.

    Only the first `many` names are compared, ignoring case. If exactly one name starts with the
    typed one, it comes first.
    """
    known = [name for name in dict.fromkeys(islice(names, many)) if len(name) <= _LONG]
    typed = typed[:_LONG].strip().lower()
    starting = [name for name in known if typed and name.lower().startswith(typed)]
    close = _close_matches(typed, known, n)
    return list(dict.fromkeys([*(starting if len(starting) == 1 else []), *close]))[:n]


def _close_matches(typed: str, names: list[str], n: int) -> list[str]:
    """Return what `difflib.get_close_matches` returns for the names that share the most letters.

    It compares every pair of equal letters: 200 names of 100 characters take it 0.2 s, and a check
    may call it thousands of times. So it gets a few names only, and none with very many pairs.
    """
    import difflib  # slow, and needed only after a mistake

    letters = Counter(typed)

    def likeness(name: str) -> tuple[float, str]:
        return (letters & Counter(name)).total() / (len(typed) + len(name) or 1), name

    likely = nlargest(max(n, _COMPARED), names, key=likeness)
    few = [name for name in likely if sum(map(letters.__getitem__, name)) <= _PAIRS]
    return difflib.get_close_matches(typed, few, n)


def remedy(typed: str, names: Iterable[str], most: int | None = None) -> str:
    """Return a hint for a name that is not in `names`; at most `most` of them are listed."""
    known = list(names if most is None else islice(names, max(most + 1, _MANY)))
    if close := nearest(typed, known):
        return f"did you mean `{close[0]}`?"
    shown = ", ".join(f"`{name}`" for name in known[:most])
    more = ", …" if most is not None and len(known) > most else ""
    return f"there are {shown}{more}" if known else "there is none"

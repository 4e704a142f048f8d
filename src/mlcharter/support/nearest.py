"""The name that somebody meant who typed another one."""

from collections import Counter
from collections.abc import Iterable
from heapq import nlargest
from itertools import islice

_LONG, _MANY = 100, 200  # characters of a name, and names
_COMPARED, _PAIRS = 8, 1500  # names, and pairs of equal letters of two names


def nearest(given: str, names: Iterable[str], n: int = 1, many: int = _MANY) -> list[str]:
    """Up to `n` of the first `many` names, the nearest first.

    The one name that begins with `given` is the nearest. Capitals are taken as small letters.
    """
    known = [name for name in dict.fromkeys(islice(names, many)) if len(name) <= _LONG]
    word = given[:_LONG].strip().lower()
    begun = [name for name in known if word and name.lower().startswith(word)]
    close = _close(word, known, n)
    return list(dict.fromkeys([*(begun if len(begun) == 1 else []), *close]))[:n]


def _close(word: str, names: list[str], n: int) -> list[str]:
    """Return what `difflib.get_close_matches` finds among the names that share the most letters.

    It compares every pair of equal letters: 200 names of 100 characters take it 0.2 s, and a check
    may ask for thousands. So it gets a few names only, and none with very many such pairs.
    """
    import difflib  # only a mistake needs it, and it is slow

    letters = Counter(word)

    def likeness(name: str) -> tuple[float, str]:
        return (letters & Counter(name)).total() / (len(word) + len(name) or 1), name

    likely = nlargest(max(n, _COMPARED), names, key=likeness)
    few = [name for name in likely if sum(map(letters.__getitem__, name)) <= _PAIRS]
    return difflib.get_close_matches(word, few, n)


def remedy(given: str, names: Iterable[str], most: int | None = None) -> str:
    """What to do about a name that is not among `names`, of which `most` are listed."""
    known = list(names if most is None else islice(names, max(most + 1, _MANY)))
    if close := nearest(given, known):
        return f"did you mean `{close[0]}`?"
    shown = ", ".join(f"`{name}`" for name in known[:most])
    more = ", …" if most is not None and len(known) > most else ""
    return f"there are {shown}{more}" if known else "there is none"

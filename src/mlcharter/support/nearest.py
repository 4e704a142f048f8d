"""The name that somebody meant who typed another one."""

from collections import Counter
from collections.abc import Iterable
from heapq import nlargest
from itertools import islice

_LONG, _MANY = 100, 200  # characters of a name, and names
_ALIKE = 0.6  # of 1; as difflib's own cutoff
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
    """What `difflib.get_close_matches` finds, in a time that no choice of names makes long.

    Comparing takes as long as there are pairs of equal letters; only the likeliest are compared.
    """
    import difflib  # only a mistake needs it, and it is slow

    matcher = difflib.SequenceMatcher()
    matcher.set_seq2(word)
    letters = Counter(word)
    likely = []
    for name in names:
        matcher.set_seq1(name)
        if matcher.real_quick_ratio() >= _ALIKE and (most := matcher.quick_ratio()) >= _ALIKE:
            likely.append((most, name))
    close = []
    for _, name in nlargest(max(n, _COMPARED), likely):
        if sum(letters[letter] for letter in name) <= _PAIRS:
            matcher.set_seq1(name)
            close.append((matcher.ratio(), name))
    return [name for ratio, name in nlargest(n, close) if ratio >= _ALIKE]


def remedy(given: str, names: Iterable[str], most: int | None = None) -> str:
    """What to do about a name that is not among `names`, of which `most` are listed."""
    known = list(names if most is None else islice(names, max(most + 1, _MANY)))
    if close := nearest(given, known):
        return f"did you mean `{close[0]}`?"
    shown = ", ".join(f"`{name}`" for name in known[:most])
    more = ", …" if most is not None and len(known) > most else ""
    return f"there are {shown}{more}" if known else "there is none"

"""The name that somebody meant who typed another one."""

from collections.abc import Iterable
from itertools import islice

_LONG, _MANY = 100, 200  # comparing names costs the product of their lengths


def nearest(given: str, names: Iterable[str], n: int = 1, many: int = _MANY) -> list[str]:
    """Up to `n` of the first `many` names, the nearest first.

    The one name that begins with `given` is the nearest. Capitals are taken as small letters.
    """
    import difflib  # only a mistake needs it, and it is slow

    known = [name for name in islice(dict.fromkeys(names), many) if len(name) <= _LONG]
    word = given[:_LONG].strip().lower()
    begun = [name for name in known if word and name.lower().startswith(word)]
    close = difflib.get_close_matches(word, known, n=n)
    return list(dict.fromkeys([*(begun if len(begun) == 1 else []), *close]))[:n]


def remedy(given: str, names: Iterable[str], most: int | None = None) -> str:
    """What to do about a name that is not among `names`, of which `most` are listed."""
    known = list(names)
    if close := nearest(given, known):
        return f"did you mean `{close[0]}`?"
    shown = ", ".join(f"`{name}`" for name in known[:most])
    more = ", …" if most is not None and len(known) > most else ""
    return f"there are {shown}{more}" if known else "there is none"

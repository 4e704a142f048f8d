"""Find and import plug-ins: each module in a package, or in a folder below it, is one."""

import importlib
import os
from functools import cache
from types import ModuleType


@cache
def _modules(package: str) -> dict[str, str]:
    """Return the full module name of each entry of a package, without importing any.

    The entry of `no_owner.py` is `no-owner`. Names that begin with `_` are helpers, not entries.
    """
    entries = {}
    for top in importlib.import_module(package).__path__:
        for folder, below, files in os.walk(top):
            below[:] = [name for name in below if not name.startswith(("_", "."))]
            inside = folder[len(top) :].replace(os.sep, ".")
            for file in files:
                name, ending = os.path.splitext(file)  # noqa: PTH122 (start-up time)
                if ending == ".py" and not name.startswith("_"):
                    entries[name.replace("_", "-")] = f"{package}{inside}.{name}"
    return dict(sorted(entries.items()))


def names(package: str) -> list[str]:
    """Return the entries of a package, sorted, without importing them."""
    return list(_modules(package))


def load_one(package: str, name: str) -> ModuleType:
    """Import and return the module of one entry; an error in importing it is passed on."""
    return importlib.import_module(_modules(package)[name.replace("_", "-")])


def load(package: str) -> dict[str, ModuleType]:
    """Import and return every entry of a package, sorted by name."""
    return {name: load_one(package, name) for name in names(package)}

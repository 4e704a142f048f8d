"""A folder of modules is a registry: its files are its entries."""

import importlib
import os
from types import ModuleType


def names(package: str) -> list[str]:
    """The entries of a package, sorted, without importing them: `no_owner.py` is `no-owner`.

    Modules whose name begins with `_` are helpers, not entries.
    """
    path = importlib.import_module(package).__path__
    files = {name for folder in path for name in os.listdir(folder)}  # noqa: PTH208
    found = (name.removesuffix(".py") for name in files if name.endswith(".py"))
    return sorted(name.replace("_", "-") for name in found if not name.startswith("_"))


def load_one(package: str, name: str) -> ModuleType:
    """The module of one entry; what goes wrong in importing it is raised as it is."""
    return importlib.import_module(f"{package}.{name.replace('-', '_')}")


def load(package: str) -> dict[str, ModuleType]:
    """Every entry of a package, imported, in the order of its names."""
    return {name: load_one(package, name) for name in names(package)}

"""Where the template lies that this program carries. Imports nothing, since `check` is short."""

from pathlib import Path


def embedded_root() -> Path:
    """The folder with the `copier.yml` that belongs to this program."""
    here = Path(__file__).resolve()
    packed = here.parent / "_template"
    return packed if packed.is_dir() else here.parents[2]

"""Find the template that is installed with this program, and recognise its addresses.

Imports are few, since every `check` imports this module.
"""

import re
from functools import cache
from pathlib import Path

from mlcharter.support.addresses import comparable


@cache
def embedded_root() -> Path:
    """Return the folder with the `copier.yml` of this program."""
    here = Path(__file__).resolve()
    packed = here.parents[1] / "_template"
    return packed if packed.is_dir() else here.parents[3]


def read_build_version(package: Path | None = None) -> str | None:
    """Return the tag or commit that this program was built from; None in a checkout.

    It is also None if the template had uncommitted changes. `package` is this program's folder.
    """
    file = (package or Path(__file__).resolve().parents[1]) / "_template" / "COMMIT"
    return file.read_text(encoding="utf-8").strip() or None if file.is_file() else None


def is_own(source: str, package: Path | None = None) -> bool:
    """Return whether `source`, from an answers file, is where this program came from.

    That is the address or folder from which it was installed, the project's own address, or the
    checkout that it runs from. `package` is this program's folder.
    """
    package = package or Path(__file__).resolve().parents[1]
    ours = list_addresses(package)
    if not (package / "_template").is_dir():
        ours.append(str(package.parents[1]))
    for direct in package.parent.glob("mlcharter-*.dist-info/direct_url.json"):
        ours += re.findall(r'"url": *"([^"]+)"', direct.read_text(encoding="utf-8"))
    return comparable(source) in map(comparable, ours)


def list_addresses(package: Path) -> list[str]:
    """Return the published addresses of the template that is installed with this program."""
    files, pattern = [package.parents[1] / "pyproject.toml"], r'^Template = "(.+)"$'
    if (package / "_template").is_dir():
        files = [*package.parent.glob("mlcharter-*.dist-info/METADATA")]
        pattern = r"^Project-URL: Template, (.+)$"
    texts = (file.read_text(encoding="utf-8") for file in files)
    return [address for text in texts for address in re.findall(pattern, text, re.M)]

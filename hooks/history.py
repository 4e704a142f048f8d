"""Called by `make history`: writes history.json in template/ of the package, from the Git tags.

What stands in the working tree and in no tag belongs to the version that is being made.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from mlcharter import __version__  # noqa: E402
from mlcharter.support.versions import numbers as version  # noqa: E402
from mlcharter.template import composing, history, specification  # noqa: E402


def ids(root: Path) -> set[str]:
    """Everything that any repository is given by the template at `root`."""
    found: set[str] = set()
    for layout in ("full", "documents"):
        answers = {"tracks": list(composing.list_tracks(root)), "layout": layout}
        answers["rl_setting"] = (
            "several-agents"  # which gets what every other setting does, and more
        )
        found |= specification.read(root, answers).ids
    return found


def at_tag(tag: str) -> set[str]:
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["git", "archive", tag, "copier.yml", "template"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        subprocess.run(["tar", "-x"], cwd=folder, input=packed.stdout, check=True)
        return ids(Path(folder))


def listed() -> dict[str, list[str]]:
    """The new ids of each version, oldest first."""
    printed = subprocess.run(
        ["git", "tag", "--list", "v*"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    releases = sorted((number, tag) for tag in printed.stdout.split() if (number := version(tag)))
    found: dict[str, list[str]] = {}
    known: set[str] = set()
    for _, tag in releases:
        found[tag] = sorted(at_tag(tag) - known)
        known |= set(found[tag])
    now = sorted(ids(ROOT) - known)
    if now:
        found[f"v{__version__}"] = sorted({*found.get(f"v{__version__}", ()), *now})
    return found


if __name__ == "__main__":
    history.FILE.write_text(json.dumps(listed(), indent=0) + "\n", encoding="utf-8")

"""Write history.json in template/ of the package from the Git tags; `make history` calls this.

Parts in the working tree that are in no tag belong to the present version.
"""

import itertools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from mlcharter import __version__  # noqa: E402
from mlcharter.support.versions import numbers as version  # noqa: E402
from mlcharter.template import composing, history, questionnaire, specification  # noqa: E402


def list_ids(root: Path) -> set[str]:
    """Return the ids of everything that the template at `root` can emit."""
    ids: set[str] = set()
    tracks = list(composing.list_tracks(root))
    questions = questionnaire.load(root)
    names = ("layout", "applied_kind", "rl_setting")
    choices = (questions[name].choices if name in questions else (None,) for name in names)
    for chosen in itertools.product(*choices):
        answers = {
            "tracks": tracks,
            "rl_learned_reward": True,
            **dict(zip(names, chosen, strict=True)),
        }
        ids |= specification.read(root, answers).ids
    return ids


def list_ids_at(tag: str) -> set[str]:
    """Return the ids of the template at a tag."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["git", "archive", tag, "copier.yml", "template"],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        subprocess.run(["tar", "-x"], cwd=folder, input=packed.stdout, check=True)
        return list_ids(Path(folder))


def list_new_ids() -> dict[str, list[str]]:
    """Return the new ids of each version, oldest first."""
    printed = subprocess.run(
        ["git", "tag", "--list", "v*"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    releases = sorted((number, tag) for tag in printed.stdout.split() if (number := version(tag)))
    versions: dict[str, list[str]] = {}
    known: set[str] = set()
    for _, tag in releases:
        versions[tag] = sorted(list_ids_at(tag) - known)
        known |= set(versions[tag])
    new = sorted(list_ids(ROOT) - known)
    if new:
        versions[f"v{__version__}"] = sorted({*versions.get(f"v{__version__}", ()), *new})
    return versions


if __name__ == "__main__":
    history.FILE.write_text(json.dumps(list_new_ids(), indent=0) + "\n", encoding="utf-8")

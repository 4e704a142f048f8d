"""Make a release of what was measured: `python -m <package>.serving.release build/release`.

Takes the members from the working tree, the verdicts from `mlcharter gate`, and refuses to write a
release that an instance would refuse to serve. Prints the id that a deployment must name.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

from ..digests import canonical
from ..parsing import parsed
from . import releases
from .backends import Kind, kinds
from .releases import REFERENCE, Member, RefusedError, Release, Verdict
from .store import Store

ROOT = Path()


def assembled(
    folder: Path,
    parts: list[tuple[Member, bytes | None]],
    reports: list[bytes],
    verdicts: list[dict[str, Any]],
    *,
    sequence: int = 1,
    previous: str | None = None,
) -> Release:
    """Write the release of these parts into `folder`; every dataset of the reports is pinned too.

    A RefusedError says why it may not go live; then no manifest is written.
    """
    store = Store(folder / "objects")
    members = [member for member, _ in parts]
    for _, data in parts:
        if data is not None:
            store.put(data)
    gates = tuple(sorted(verdict["gate"] for verdict in verdicts))
    decided = canonical({"gates": list(gates)})
    members.append(Member("eval", "gates", store.put(decided), "json"))
    refs = {member.ref for member in members}
    for entry in (entry for report in reports for entry in parsed(report)["datasets"]):
        if f"dataset/{entry['id']}" not in refs:
            members.append(Member("dataset", entry["id"], entry["sha256"], REFERENCE))
    release = Release(
        sequence=sequence,
        previous=previous,
        required=tuple(sorted({member.kind for member in members})),
        members=tuple(members),
        reports=tuple(store.put(report) for report in reports),
        gates=gates,
        verdicts=tuple(
            Verdict(**{key: verdict[key] for key in Verdict.__dataclass_fields__})
            for verdict in verdicts
        ),
    )
    releases.checked(release, store)
    releases.written(release, folder)
    store.keep({*(member.sha256 for member in members), *release.reports})
    return release


def decided(root: Path, reports: list[Path]) -> list[dict[str, Any]]:
    """The verdicts of `mlcharter gate` over these reports; a RefusedError where it cannot run."""
    command = [str(Path(sys.executable).with_name("mlcharter")), "gate", "--format", "json"]
    done = subprocess.run(
        [*command, *map(str, reports)], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1):
        raise RefusedError(f"no verdicts: {done.stderr.strip()}")
    found: list[dict[str, Any]] = parsed(done.stdout)["verdicts"]
    return found


def parts_of(root: Path, served: list[Kind]) -> list[tuple[Member, bytes | None]]:
    """Everything that a release of these backends pins."""
    return [part for kind in served for part in kind.members(root)]


def main() -> int:
    """Write the release and print its id."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    words.add_argument("folder", type=Path)
    words.add_argument("--sequence", type=int, default=1)
    words.add_argument("--previous", help="the id of the release that a rollback goes to")
    given = words.parse_args()
    reports = sorted((ROOT / "reports").glob("*.json"))
    try:
        release = assembled(
            given.folder,
            parts_of(ROOT, kinds()),
            [path.read_bytes() for path in reports],
            decided(ROOT, reports),
            sequence=given.sequence,
            previous=given.previous,
        )
    except (ValueError, FileNotFoundError, NotImplementedError) as error:
        print(f"no release: {error}; run `make eval gate` and look at what fails", file=sys.stderr)
        return 1
    print(release.id)
    return 0


if __name__ == "__main__":
    sys.exit(main())

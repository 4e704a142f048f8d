"""Compare two folders of reports; `make reproduce` runs it.

    python -m mlcharter.evals.reports.compare reports build/reproduced

Of a report, `run` may differ (when, where and how long); everything else may not, and pictures
are compared byte for byte. Exit code 1 where something differs or is missing.
"""

import json
import sys
from pathlib import Path


def differences(kept: Path, made: Path) -> list[str]:
    """Return what differs, a line each; only files that `made` has are compared."""
    found = []
    for new in sorted(path for path in made.rglob("*") if path.is_file()):
        name = new.relative_to(made)
        old = kept / name
        if not old.is_file():
            found.append(f"{name}: is not in {kept}")
        elif name.suffix == ".json":
            found += [f"{name}: {key} differs" for key in _keys_that_differ(old, new)]
        elif old.read_bytes() != new.read_bytes():
            found.append(f"{name}: differs")
    return found


def _keys_that_differ(old: Path, new: Path) -> list[str]:
    try:
        before, after = (json.loads(path.read_bytes()) for path in (old, new))
    except (ValueError, RecursionError):
        return ["what is no JSON"]
    keys = sorted({*before, *after} - {"run"})
    missing = object()
    return [key for key in keys if before.get(key, missing) != after.get(key, missing)]


def main() -> int:
    """Print the differences; return the exit code."""
    kept, made = (Path(word) for word in sys.argv[1:3])
    found = differences(kept, made)
    print("\n".join(found) or f"{made} is the same as {kept}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

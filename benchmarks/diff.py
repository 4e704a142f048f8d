"""Measure what `diff` costs beside a plain check of the same repository, in CPU seconds.

Run by hand: `python benchmarks/diff.py`. The best of ten runs each, for changes of the filled-in
examples. Ends with 1 if the comparison of one of them takes more than twice a check.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from hook import best

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PACK = "docs/eval_pack.md"
LIMIT = 2
ALLOW = "allow:\n  - {rule: proof-missing, until: 2027-01-01, by: '@bo', reason: later}\n"
WAIVED = "  waived: {until: 2027-01-01, by: '@bo', reason: later}\n"
# A file, a text in it that the change replaces everywhere, and the text in its place; "" adds a file.
CHANGES = {
    "nothing": (PACK, "\n", "\n"),
    "a threshold": (PACK, "  threshold: 0.9", "  threshold: 0.8"),
    "an allow entry": (".mlcharter.yml", "", ALLOW),
    "waived gates": (PACK, "  on_fail: block\n", f"  on_fail: block\n{WAIVED}"),
}


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


def main() -> int:
    program = ("-m", "mlcharter")
    too_slow = False
    print("example  change           check s  diff s  ratio")
    for name in ("applied", "rag"):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / name
            shutil.copytree(EXAMPLES / name, root)
            git(root, "init", "--quiet")
            git(root, "add", "--all")
            git(root, "commit", "--quiet", "--message", "Base")
            plain = best(root, *program, "check", "--no-cache")
            for change, (path, old, new) in CHANGES.items():
                text = (root / path).read_text(encoding="utf-8") if old else ""
                assert old in text, f"{path} of {name} has no {old!r}"
                edited = text.replace(old, new) if old else new
                (root / path).write_text(edited, encoding="utf-8")
                took = best(root, *program, "diff", "HEAD", "--no-cache")
                git(root, "checkout", "--quiet", ".")
                git(root, "clean", "--quiet", "--force", "-d")
                ratio = took / plain
                too_slow |= ratio > LIMIT
                print(f"{name:8} {change:16} {plain:7.2f} {took:7.2f} {ratio:6.2f}")
    return int(too_slow)


if __name__ == "__main__":
    raise SystemExit(main())

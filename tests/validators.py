"""Programs of the test environment that judge files of CI, without a network."""

import subprocess
import sys
from pathlib import Path


def run(*words: str) -> None:
    """Run a program that is installed beside this Python; it must find nothing."""
    program = Path(sys.executable).parent / words[0]
    done = subprocess.run([program, *words[1:]], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def validate(schema: str, *paths: Path) -> None:
    """Compare files with a schema that check-jsonschema brings."""
    run("check-jsonschema", "--builtin-schema", schema, *map(str, paths))


def validate_workflows(root: Path) -> None:
    """Check the workflows of a repository: GitHub's schema, time limits, zizmor's audits."""
    workflows = sorted((root / ".github/workflows").glob("*.yml"))
    validate("vendor.github-workflows", *workflows)
    validate("custom.github-workflows-require-timeout", *workflows)
    run("zizmor", "--offline", "--quiet", str(root / ".github"))

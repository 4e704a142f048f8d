"""Runs the mlcharter that this repository was made with: `python tools/charter.py gate …`.

The pin is in the answers file; no package name is used that someone else could register.
`MLCHARTER="…"` in the environment names another command. Exit code 2: it could not be run.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
TYPED = "python3 tools/charter.py"  # in what it tells people to type
# Where another Copier template has the second one, ours is the first.
ANSWERS = (".copier-answers.mlcharter.yml", ".copier-answers.yml")
HOSTS = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}


def main() -> int:
    """Run it with this program's own arguments."""
    given = os.environ.get("MLCHARTER")
    command = [*(shlex.split(given) if given else pinned()), *sys.argv[1:]]
    return subprocess.call(command, env=os.environ | {"MLCHARTER_COMMAND": TYPED})


def pinned() -> list[str]:
    """The command of the pinned version, from uv's cache where it is there, else fetched."""
    uvx = shutil.which("uvx", path=ROOT / ".venv/bin") or shutil.which("uvx")
    if uvx is None:
        sys.exit(stop("`uvx` is not here; install uv"))
    source = requirement(answer("_src_path"), answer("_commit"))
    if sys.argv[1:2] == ["gate"]:  # the intervals of scores need NumPy and SciPy
        source = f"mlcharter[scores] @ {source}"
    for mode in (["--offline"], []):
        command = [uvx, *mode, "--python", sys.executable, "--from", source, "mlcharter"]
        tried = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
        if tried.returncode == 0:
            return command
    print(shown(tried.stderr.strip()), file=sys.stderr)
    sys.exit(stop(f"could not get {shown(source)}; is its host reachable from here?"))


def answer(key: str) -> str:
    """A plain or quoted one-line value of the answers file, without a YAML parser."""
    text = (ROOT / answers_file()).read_text(encoding="utf-8")
    found = re.search(rf"^{key}:[ ]*(.*(?:\n[ ]+.*)*)$", text, re.MULTILINE)
    if found is None:
        sys.exit(stop(f"{answers_file()} has no `{key}`; make it from a Git repository"))
    value = " ".join(found[1].split())
    if value.startswith("'"):
        value = value[1:-1].replace("''", "'")
    elif value.startswith('"'):
        try:
            value = str(json.loads(value))
        except ValueError:
            value = ""
    if not value or not value.isprintable():
        sys.exit(stop(f"`{key}` in {answers_file()} cannot be read; write it in one plain line"))
    return value


def answers_file() -> str:
    """The name of the file with the answers that mlcharter reads."""
    return next((name for name in ANSWERS if (ROOT / name).is_file()), ANSWERS[-1])


def requirement(source: str, commit: str) -> str:
    """What `uvx --from` takes for a source and a commit, as copier writes them."""
    described = re.search(r"-g([0-9a-f]{7,40})$", commit)
    commit = described[1] if described else commit
    for short, host in HOSTS.items():
        if source.startswith(short):
            source = f"{host}{source.removeprefix(short).removesuffix('.git')}.git"
    source = source.removeprefix("git+")
    if re.match(r"[\w.-]+@[\w.-]+:", source):
        source = "ssh://" + source.replace(":", "/", 1)
    path = Path(source.removeprefix("file://"))
    if not path.is_absolute():
        return f"git+{source}@{commit}"
    if not path.is_dir():
        sys.exit(
            stop(
                f"this repository was made from {path}, which is not on this machine; record an "
                "address that others reach in place of URL, and commit that: "
                f"sed -i.bak 's|^_src_path:.*|_src_path: URL|' {answers_file()}\n"
                'Or set MLCHARTER="…" to a command that runs mlcharter here'
            )
        )
    return f"git+file://{quote(str(path))}@{commit}"


def shown(text: str) -> str:
    """`text` without user names and passwords in addresses."""
    return re.sub(r"://[^/\s@]+@", "://", text)


def stop(why: str) -> int:
    """Say why it could not be run; the exit code for that."""
    print(f"tools/charter.py: {why}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())

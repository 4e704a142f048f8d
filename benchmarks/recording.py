"""Record `examples/change_a_number.sh` as a terminal session: a cast, and a picture of it.

`--write` rewrites docs/recording.cast and, with svg-term-cli from npm, docs/recording.svg.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "examples/change_a_number.sh"
CAST = ROOT / "docs/recording.cast"
PICTURE = ROOT / "docs/recording.svg"
COLUMNS = 100
COLOURS = {"  pass  ": "32", "  fail  ": "31", " weakens:": "31"}


def run() -> str:
    """Return what the script prints, with mlcharter of this environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [str(SCRIPT)]
    env = {**os.environ, "PATH": path}
    done = subprocess.run(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{SCRIPT.name} failed:\n{done.stdout}")
    return re.sub(r"\([0-9a-f]{12}\)", "(2f8e61c09d4b)", done.stdout)  # differs in each run


def make_cast(text: str) -> str:
    """Return an asciicast (version 2) that types the commands, and shows each output at once."""
    lines = [line for long in text.splitlines() for line in _wrap(long)]
    header = {"version": 2, "width": COLUMNS, "height": len(lines) + 1}
    events, time = [], 0.5
    for line in lines:
        if line.startswith("$ "):
            for character in line:
                time += 0.04
                events.append([round(time, 2), "o", character])
            time += 0.6
            events.append([round(time, 2), "o", "\r\n"])
        else:
            events.append([round(time, 2), "o", f"{_colour(line)}\r\n"])
            time += 0.0 if line else 1.2
    events.append([round(time + 3, 2), "o", ""])
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in [header, *events])


def _wrap(line: str) -> list[str]:
    return [line[start : start + COLUMNS] for start in range(0, len(line), COLUMNS)] or [""]


def _colour(line: str) -> str:
    for word, code in COLOURS.items():
        line = line.replace(word, f"\x1b[1;{code}m{word}\x1b[0m")
    return line


def main() -> None:
    cast = make_cast(run())
    if "--write" not in sys.argv:
        print(cast, end="")
        return
    CAST.write_text(cast, encoding="utf-8")
    command = ["npx", "--yes", "svg-term-cli@2.1.1", "--in", str(CAST), "--out", str(PICTURE)]
    subprocess.run([*command, "--window", "--no-cursor"], check=True)


if __name__ == "__main__":
    main()

"""Invalid values fail at draft; empty values fail at complete."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import Render
from mlcharter.cli import cli

PACK = "docs/eval_pack.md"


@pytest.fixture
def system(render: Render, tmp_path: Path) -> Path:
    """Provide a new repository of the track `applied`."""
    shutil.copytree(render(tracks=["applied"]), tmp_path / "system")
    return tmp_path / "system"


def edit(system: Path, old: str, new: str) -> None:
    text = (system / PACK).read_text(encoding="utf-8")
    assert old in text
    (system / PACK).write_text(text.replace(old, new, 1), encoding="utf-8")


def findings_at(level: str, system: Path) -> list[str]:
    """Return the findings in the eval pack at a level, without their positions."""
    done = CliRunner().invoke(cli, ["check", "--level", level, str(system)])
    lines = (line for line in done.output.splitlines() if f"/{PACK}:" in line)
    return [line.partition(": ")[2] for line in lines]


WRONG = {
    "a misspelt key": (
        "- id: auc-overall",
        "- idd: auc-overall",
        "`gates`: entry 1 has no key `idd`; did you mean `id`? [config-invalid]",
    ),
    "a metric that nobody defines": (
        "metric: auc\n",
        "metric: acu\n",
        '`gates` "auc-overall" names `acu`, which is not in `metrics`; did you mean `auc`? '
        "[reference-unknown]",
    ),
    "a word for a number": (
        "threshold: 0.95",
        "threshold: high",
        '`gates` "auc-overall" has `high` as `threshold`; give a number [config-invalid]',
    ),
    "no YAML": (
        "- id: auc-overall",
        "- id: [auc-overall",
        "[config-unreadable]",
    ),
}


@pytest.mark.field(3, "a config block that is filled in wrongly")
@pytest.mark.parametrize(("old", "new", "message"), WRONG.values(), ids=WRONG.keys())
def test_invalid_values_fail_at_draft(system: Path, old: str, new: str, message: str) -> None:
    assert findings_at("draft", system) == []
    edit(system, old, new)
    assert [line for line in findings_at("draft", system) if line.endswith(message)]


@pytest.mark.field(3, "a config block that is not filled in yet")
@pytest.mark.parametrize("empty", ["null", "''", ""])
def test_empty_values_fail_at_complete(system: Path, empty: str) -> None:
    edit(system, "threshold: 0.95", f"threshold: {empty}")
    assert findings_at("draft", system) == []
    message = '`gates` "auc-overall" has an empty `threshold`; give a number [config-unfilled]'
    assert message in findings_at("complete", system)


@pytest.mark.field(3, "an entry without any value")
def test_an_entry_without_any_value_fails_at_complete(system: Path) -> None:
    edit(system, "- id: auc-overall", "- id: null\n  metric: null\n- id: auc-overall")
    assert findings_at("draft", system) == []
    message = "`gates` has an entry that is not filled in; fill it in or remove it"
    assert f"{message} [config-unfilled]" in findings_at("complete", system)


@pytest.mark.field(2, "conflict markers left by `update`")
def test_a_conflict_marker_fails_at_draft(system: Path) -> None:
    text = (system / PACK).read_text(encoding="utf-8")
    conflict = "\n<<<<<<< yours\nOne day.\n=======\nTwo days.\n>>>>>>> template\n"
    (system / PACK).write_text(text + conflict, encoding="utf-8")
    [line] = findings_at("draft", system)
    assert line == (
        "a merge conflict is not resolved; keep what holds, and remove the lines that begin with "
        "`<<<<<<<`, `=======`, `>>>>>>>` [conflict-marker]"
    )


@pytest.mark.field(2, "conflict markers in a commit, through the emitted hook")
@pytest.mark.parametrize(
    ("path", "text", "refused"),
    [
        ("src/a.py", "<<<<<<< HEAD\n", True),
        ("data/a.csv", "1\r\n>>>>>>> topic\r\n", True),
        ("ops/a.yml", "|||||||\n", True),
        ("docs/a.rst", "Seven letters\n=======\n", False),
        ("docs/a.md", "```diff\n<<<<<<< HEAD\n```\n", False),
    ],
)
def test_the_emitted_hook_finds_conflict_markers(
    system: Path, path: str, text: str, refused: bool
) -> None:
    (system / path).parent.mkdir(parents=True, exist_ok=True)
    (system / path).write_bytes(text.encode())
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=system, check=True)
    run = [sys.executable, "-m", "pre_commit", "run", "conflict-markers", "--files", path]
    done = subprocess.run(run, cwd=system, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (int(refused), "")

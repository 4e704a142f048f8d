"""A wrong value in a config block fails at level draft, an empty one at level complete only."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import examples
from conftest import Render
from mlcharter.check import engine, rule
from mlcharter.cli import cli

PACK = "docs/eval_pack.md"


@pytest.fixture
def system(render: Render, tmp_path: Path) -> Path:
    """A new repository of the track `applied`."""
    shutil.copytree(render(tracks=["applied"]), tmp_path / "system")
    return tmp_path / "system"


def edit_pack(system: Path, old: str, new: str) -> None:
    text = (system / PACK).read_text(encoding="utf-8")
    assert old in text
    (system / PACK).write_text(text.replace(old, new, 1), encoding="utf-8")


def find_at(level: str, system: Path) -> list[str]:
    """Return the findings in the eval pack at a level, without their places."""
    result = CliRunner().invoke(cli, ["check", "--level", level, str(system)])
    lines = (line for line in result.output.splitlines() if f"/{PACK}:" in line)
    return [line.partition(": ")[2] for line in lines]


PERSONAL = """\
--- safety/safety_checklist.md
# Safety

<!-- config: pii_map -->
```yaml
- {dataset: calls, field: number, category: quasi, purpose: null, basis: null, retention_days: null,
    redaction: hash, region: null}
```
"""


def test_what_is_to_decide_about_a_field_with_personal_data_is_one_finding(tmp_path: Path) -> None:
    charter = examples.charter(tmp_path, PERSONAL)

    [finding] = engine.findings(charter, engine.load(["pii-rules-missing"]))

    assert finding.message == (
        "`pii_map`: `number` of `calls` is personal (`quasi`) but lacks `purpose`, `basis`, "
        "`retention_days`, `region`; add what is decided"
    )


WRONG_VALUES = {
    "a misspelt key": (
        "- id: auc-overall",
        "- idd: auc-overall",
        "`gates`: entry 1 has no key `idd`; did you mean `id`? [config-invalid]",
    ),
    "an undefined metric": (
        "metric: auc\n",
        "metric: acu\n",
        '`gates` "auc-overall" names `acu`, which is not defined in `metrics`; did you mean `auc`? '
        "[reference-unknown]",
    ),
    "text instead of a number": (
        "threshold: 0.95",
        "threshold: high",
        '`gates` "auc-overall" has `high` as `threshold`; give a number [config-invalid]',
    ),
    "invalid YAML": (
        "- id: auc-overall",
        "- id: [auc-overall",
        "[config-unreadable]",
    ),
}


@pytest.mark.field(3, "a config block that is filled in wrongly")
@pytest.mark.parametrize(("old", "new", "message"), WRONG_VALUES.values(), ids=WRONG_VALUES.keys())
def test_a_wrong_value_fails_at_draft(system: Path, old: str, new: str, message: str) -> None:
    assert find_at("draft", system) == []
    edit_pack(system, old, new)
    assert [line for line in find_at("draft", system) if line.endswith(message)]


@pytest.mark.field(3, "a config block that is not filled in yet")
@pytest.mark.parametrize("empty", ["null", "''", ""])
def test_an_empty_value_fails_at_complete_only(system: Path, empty: str) -> None:
    edit_pack(system, "threshold: 0.95", f"threshold: {empty}")
    assert find_at("draft", system) == []
    message = '`gates` "auc-overall" has an empty `threshold`; give a number [config-unfilled]'
    assert message in find_at("complete", system)


@pytest.mark.field(3, "an entry without any value")
def test_an_entry_without_values_fails_at_complete_only(system: Path) -> None:
    edit_pack(system, "- id: auc-overall", "- id: null\n  metric: null\n- id: auc-overall")
    assert find_at("draft", system) == []
    message = "`gates` has an entry that is not filled in; fill it in or remove it"
    assert f"{message} [config-unfilled]" in find_at("complete", system)


@pytest.mark.field(2, "conflict markers left by `update`")
def test_a_merge_conflict_fails_at_draft(system: Path) -> None:
    text = (system / PACK).read_text(encoding="utf-8")
    conflict = "\n<<<<<<< yours\nOne day.\n=======\nTwo days.\n>>>>>>> template\n"
    (system / PACK).write_text(text + conflict, encoding="utf-8")
    [line] = find_at("draft", system)
    assert line == (
        "a merge conflict is not resolved; keep one side, and remove the lines that begin with "
        "`<<<<<<<`, `=======`, `>>>>>>>` [conflict-marker]"
    )


@pytest.mark.field(2, "conflict markers in a commit, through the emitted hook")
@pytest.mark.parametrize(
    ("path", "text", "fails"),
    [
        ("src/a.py", "<<<<<<< HEAD\n", True),
        ("data/a.csv", "1\r\n>>>>>>> topic\r\n", True),
        ("ops/a.yml", "|||||||\n", True),
        ("docs/a.rst", "Seven letters\n=======\n", False),
        ("docs/a.md", "```diff\n<<<<<<< HEAD\n```\n", False),
    ],
)
def test_the_emitted_hook_finds_conflict_markers(
    system: Path, path: str, text: str, fails: bool
) -> None:
    (system / path).parent.mkdir(parents=True, exist_ok=True)
    (system / path).write_bytes(text.encode())
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=system, check=True)
    run = [sys.executable, "-m", "pre_commit", "run", "conflict-markers", "--files", path]
    result = subprocess.run(run, cwd=system, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (int(fails), "")


def test_a_code_owners_file_that_names_nobody_needs_a_line(tmp_path: Path) -> None:
    text = "--- CODEOWNERS\n# later\n--- docs/design_doc.md\n# Fraud watch\n\nOwner: @acme/fraud\n"
    charter = examples.charter(tmp_path, text)

    assert examples.lines(engine.findings(charter, engine.load(["owner-unknown"]))) == (
        "docs/design_doc.md:3:8: the owner `@acme/fraud` is not in CODEOWNERS, which names nobody; "
        "add a line for the charter [owner-unknown]"
    )


CANNOT_PASS = [
    '4:28: `gates` "recall-cats" allows too few cases: with n 40, lower95 is 0.9124 even without a '
    "single miss; set `min_n` to 52 or more",
    '4:28: `gates` "recall-cats" cannot pass: with n 200, lower95 is 0.9812 even without a single '
    "miss; evaluate on at least 381 cases, or merge slices",
    '3:86: `gates` "recall-cats" cannot pass: lower95 of a ratio is always below 1; choose another '
    "threshold, or count with `method: exact` and `bound: point`",
    '3:82: `gates` "refused" cannot pass: upper95 of a ratio is always above 0; choose another '
    "threshold, or count with `method: exact` and `bound: point`",
]


@pytest.mark.parametrize(("number", "message"), list(enumerate(CANNOT_PASS)))
def test_a_gate_that_no_system_passes_says_how_many_cases_it_needs(
    tmp_path: Path, number: int, message: str
) -> None:
    text = rule.describe("gate-cannot-pass").examples[number].text
    found = engine.findings(examples.charter(tmp_path, text), engine.load(["gate-cannot-pass"]))

    assert examples.lines(found) == f"docs/design_doc.md:{message} [gate-cannot-pass]"

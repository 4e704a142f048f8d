"""`mlcharter gate --pin`: the eval pack takes over the data that a report ran on."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mlcharter.cli import cli

OLD, NEW, SPLIT = "ab" * 32, "cd" * 32, "ef" * 32
PACK = f"""# Eval pack

<!-- config: datasets -->
```yaml
# how it was made: see the card
- id: wdbc
  uri: pkg:pypi/scikit-learn
  sha256: {OLD}  # canonical
  rows: 569
  licence: CC-BY-4.0
  card: docs/cards/data.md
  split: {{kind: group, key: content, sha256: null}}
  synthetic: 0.0
- id: fresh
  sha256:
  rows: null
```
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/eval_pack.md").write_text(PACK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pin(
    root: Path,
    *datasets: dict[str, Any],
    split: str | None = None,
    results: tuple[dict[str, Any], ...] = (),
) -> Result:
    run = {
        "command": "python -m evals",
        "commit": None,
        "dirty": None,
        "seed": 1,
        "started_at": "2026-11-29T20:00:00Z",
        "cpu_seconds": 1.0,
        "python": "3.11",
        "packages": {},
    }
    report = {
        "version": 1,
        "track": "applied",
        "run": run,
        "datasets": datasets,
        "artifacts": [{"kind": "split", "name": split, "sha256": SPLIT, "path": None}]
        if split
        else [],
        "results": results,
    }
    (root / "applied.json").write_text(json.dumps(report), encoding="utf-8")
    return CliRunner().invoke(cli, ["gate", "--pin", "applied.json"])


def text(root: Path) -> str:
    return (root / "docs/eval_pack.md").read_text(encoding="utf-8")


def test_digest_rows_and_split_are_written_and_all_else_stays(root: Path) -> None:
    done = pin(root, {"id": "wdbc", "sha256": NEW, "rows": 570}, split="wdbc")

    assert (done.exit_code, done.output) == (
        0,
        "docs/eval_pack.md:8: wdbc: sha256 abababababababab… → cdcdcdcdcdcdcdcd…\n"
        "docs/eval_pack.md:9: wdbc: rows 569 → 570\n"
        "docs/eval_pack.md:12: wdbc: split.sha256 null → efefefefefefefef…\n",
    )
    wanted = (
        PACK.replace(OLD, NEW).replace("569", "570").replace("sha256: null}", f"sha256: {SPLIT}}}")
    )
    assert text(root) == wanted


def test_an_entry_that_nobody_has_filled_in_is_filled(root: Path) -> None:
    done = pin(root, {"id": "fresh", "sha256": NEW, "rows": 12})

    assert done.exit_code == 0
    assert text(root).endswith(f"- id: fresh\n  sha256: {NEW}\n  rows: 12\n```\n")


def test_what_is_pinned_already_changes_nothing(root: Path) -> None:
    done = pin(root, {"id": "wdbc", "sha256": OLD, "rows": 569})

    assert (done.exit_code, done.output) == (0, "the eval pack has these data already\n")
    assert text(root) == PACK


def test_digests_and_counts_of_the_golden_questions_are_written_too(root: Path) -> None:
    golden = f"""
<!-- config: golden -->
```yaml
file: pkg:pypi/scikit-learn
sha256: {OLD}
corpus: data/corpus
corpus_sha256: {OLD}
answerable: 146
near: null  # inside the subject
```
"""
    (root / "docs/eval_pack.md").write_text(PACK + golden, encoding="utf-8")
    counts = tuple(
        {"metric": "questions", "dataset": "wdbc", "slice": name, "value": n, "n": n}
        | {"interval": None, "against": None}
        for name, n in (("answerable", 12), ("near", 3))
    )
    pin(root, {"id": "wdbc", "sha256": NEW, "rows": 569}, results=counts)

    wanted = golden.replace(f"sha256: {OLD}\ncorpus:", f"sha256: {NEW}\ncorpus:")
    wanted = wanted.replace("146", "12").replace("near: null", "near: 3")
    assert text(root) == PACK.replace(OLD, NEW) + wanted


NEW_ENTRY = f"""\
- id: other
  uri: null
  sha256: {NEW}
  rows: 1
  licence: null
  card: null
  split: {{kind: null, key: null, sha256: null}}
  synthetic: null
"""
UNFILLED = """# Eval pack

<!-- config: datasets -->
```yaml
- id: null
  uri: null        # where it comes from
  sha256: null     # of its canonical values
  rows: null
  split: null
```
"""


def test_a_dataset_without_an_entry_gets_one_below_the_others(root: Path) -> None:
    done = pin(
        root, {"id": "other", "sha256": NEW, "rows": 1}, {"id": "third", "sha256": NEW, "rows": 1}
    )

    entries = NEW_ENTRY + NEW_ENTRY.replace("other", "third")
    assert text(root) == PACK.removesuffix("```\n") + entries + "```\n"
    assert done.output.splitlines() == [
        f"docs/eval_pack.md:17: {name}: new; fill in what is null" for name in ("other", "third")
    ]
    again = CliRunner().invoke(cli, ["gate", "--pin", "applied.json"])
    assert again.output == "the eval pack has these data already\n"


def test_the_first_dataset_takes_the_entry_that_is_not_filled_in(root: Path) -> None:
    (root / "docs/eval_pack.md").write_text(UNFILLED, encoding="utf-8")
    pin(root, {"id": "wdbc", "sha256": NEW, "rows": 570}, split="wdbc")

    wanted = UNFILLED.replace("id: null", "id: wdbc").replace("rows: null", "rows: 570")
    assert text(root) == wanted.replace("sha256: null", f"sha256: {NEW}")


@pytest.mark.parametrize(
    ("name", "table", "named"),
    [
        ("Ferry_Times.csv", "id,ok\na,1\nb,0\n", ["ferry-times 2"]),
        ("all.csv", "id,dataset,ok\na,north,1\nb,south,0\nc,north,1\n", ["north 2", "south 1"]),
    ],
)
def test_scores_name_their_datasets_until_the_eval_pack_does(
    root: Path, name: str, table: str, named: list[str]
) -> None:
    (root / "docs/eval_pack.md").write_text(UNFILLED, encoding="utf-8")
    (root / name).write_text(table, encoding="utf-8")
    done = CliRunner().invoke(cli, ["gate", "--pin", name])

    assert done.exit_code == 0, done.output
    found = re.findall(r"- id: (\S+)(?:\n  .*)*?\n  rows: (\d+)", text(root))
    assert [" ".join(each) for each in found] == named


def test_a_file_whose_name_is_no_id_is_refused(root: Path) -> None:
    (root / "docs/eval_pack.md").write_text(UNFILLED, encoding="utf-8")
    (root / "2026.csv").write_text("id,ok\na,1\n", encoding="utf-8")
    done = CliRunner().invoke(cli, ["gate", "--pin", "2026.csv"])

    assert (done.exit_code, text(root)) == (2, UNFILLED)
    assert "error: 2026.csv: a dataset can't have the id `2026`" in done.output


def test_what_has_no_place_is_named_with_what_to_add(root: Path) -> None:
    flow = PACK[: PACK.index("# how")] + "[{id: wdbc}]\n```\n"
    (root / "docs/eval_pack.md").write_text(flow, encoding="utf-8")
    done = pin(root, {"id": "other", "sha256": NEW, "rows": 1})
    assert text(root) == flow
    assert done.output == "docs/eval_pack.md has no dataset `other`; add an entry to `datasets`\n"

    (root / "docs/eval_pack.md").write_text(PACK, encoding="utf-8")
    done = pin(root, {"id": "fresh", "sha256": NEW, "rows": 12}, split="fresh")
    assert done.output.splitlines() == [
        "docs/eval_pack.md:15: fresh: sha256 null → cdcdcdcdcdcdcdcd…",
        "docs/eval_pack.md:16: fresh: rows null → 12",
        "docs/eval_pack.md:14: fresh: there is no `split.sha256`; add it",
    ]


def test_a_digest_over_several_lines_is_left_alone(root: Path) -> None:
    folded = PACK.replace(f"sha256: {OLD}  # canonical", f"sha256: >-\n    {OLD}")
    (root / "docs/eval_pack.md").write_text(folded, encoding="utf-8")
    done = pin(root, {"id": "wdbc", "sha256": NEW, "rows": 569})

    assert done.output == (
        "docs/eval_pack.md:8: wdbc: `sha256` has several lines; write it in one\n"
    )
    assert text(root) == folded


def test_without_a_report_or_an_eval_pack_nothing_is_written(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CliRunner().invoke(cli, ["gate", "--pin"]).exit_code == 2
    missing = CliRunner().invoke(cli, ["gate", "--pin", "reports/rag.json"])
    assert missing.exit_code == 2
    assert "error: reports/rag.json can't be read: no such file or directory" in missing.output
    (root / "docs/eval_pack.md").unlink()
    done = pin(root, {"id": "wdbc", "sha256": NEW, "rows": 570})

    assert done.exit_code == 2 and "name the eval pack with `--pack FILE`" in done.output

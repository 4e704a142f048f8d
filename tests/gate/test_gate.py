"""`mlcharter gate` compares reports with the gates of the eval pack."""

import copy
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt

from mlcharter.cli import cli
from mlcharter.gate.outputs import markdown, text
from mlcharter.gate.verdict import Decision, Verdict

DIGEST = "ab" * 32

EVAL_PACK = f"""# Eval pack

## CI gates
<!-- section: ci-gates -->

Two numbers stop a merge.

<!-- config: gates -->
```yaml
- id: auc-overall
  metric: auc
  dataset: wdbc
  slice: all
  op: ">="
  threshold: 0.95
  bound: lower95
  min_n: 100
  on_fail: block
  decided_on: 2026-11-01
  rationale: below this the review queue doubles
- id: no-twins
  metric: twins
  dataset: wdbc
  slice: all
  op: "<="
  threshold: 0
  bound: point
  min_n: 1
  on_fail: block
  decided_on: 2026-11-01
  rationale: a twin across the split flatters the score
```

## Metrics
<!-- section: metrics -->

<!-- config: metrics -->
```yaml
- id: auc
  unit: ratio
  direction: up
  method: bootstrap
  resample: row
  produced_by: evals/applied.py
- id: twins
  unit: rows
  direction: down
  method: exact
  resample: row
  produced_by: evals/applied.py
```

<!-- config: slices -->
```yaml
- id: all
  dataset: wdbc
  where: every row
  min_n: 100
  protected: false
  alert: null
```

<!-- config: datasets -->
```yaml
- id: wdbc
  uri: pkg:pypi/scikit-learn#load_breast_cancer
  sha256: {DIGEST}
  rows: 569
  licence: CC-BY-4.0
  card: cards/data_wdbc.md
  split: {{kind: stratified, key: null, sha256: null}}
  synthetic: 0.0
```
"""

CODE = "SEED = 7\n"

REPORT: dict[str, Any] = {
    "version": 1,
    "track": "applied",
    "run": {
        "command": "python -m evals.applied",
        "commit": None,
        "dirty": None,
        "seed": 7,
        "started_at": "2026-11-22T23:00:00+00:00",
        "cpu_seconds": 6.4,
        "python": "3.11.7",
        "packages": {},
    },
    "datasets": [{"id": "wdbc", "sha256": DIGEST, "rows": 569}],
    "artifacts": [],
    "results": [
        {
            "metric": "auc",
            "dataset": "wdbc",
            "slice": "all",
            "against": None,
            "value": 0.99,
            "n": 171,
            "interval": {
                "lower": 0.967158,
                "upper": 0.999,
                "level": 0.95,
                "method": "bootstrap",
                "unit": "row",
            },
        },
        {
            "metric": "twins",
            "dataset": "wdbc",
            "slice": "all",
            "against": None,
            "value": 0.0,
            "n": 569,
            "interval": None,
        },
    ],
    "inputs": {
        "patterns": ["evals/*.py"],
        "files": {"evals/applied.py": hashlib.sha256(CODE.encode()).hexdigest()},
        "blocks": [],
    },
}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose two gates pass; the working directory."""
    root = tmp_path / "repository"
    (root / "docs").mkdir(parents=True)
    (root / "docs/eval_pack.md").write_text(EVAL_PACK)
    (root / "evals").mkdir()
    (root / "evals/applied.py").write_text(CODE)
    (root / "reports/released").mkdir(parents=True)
    write(root / "reports/applied.json", REPORT)
    monkeypatch.chdir(root)
    return root


def write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content))


def edit(path: Path, old: str, new: str) -> None:
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))


def gate(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["gate", *arguments])


def test_the_table_has_a_row_for_each_gate(repository: Path) -> None:
    result = gate("reports/applied.json")

    assert result.output == (
        "gate         bound             threshold  margin     verdict  why\n"
        "auc-overall  lower95 0.967158  >= 0.95    +0.017158  pass     "
        "auc on wdbc, slice all, n 171\n"
        "no-twins     point 0           <= 0       +0         pass     "
        "twins on wdbc, slice all, n 569\n"
        "\n"
        "2 gates: 2 pass\n"
    )
    assert result.exit_code == 0


def test_a_threshold_changed_in_the_markdown_changes_the_decision(repository: Path) -> None:
    assert gate("reports/applied.json").exit_code == 0

    edit(repository / "docs/eval_pack.md", "threshold: 0.95", "threshold: 0.97")
    result = gate("reports/applied.json")

    assert result.output == (
        "gate         bound             threshold  margin     verdict  why\n"
        "auc-overall  lower95 0.967158  >= 0.97    -0.002842  fail     "
        "auc on wdbc, slice all, n 171; below this the review queue doubles [missed]\n"
        "no-twins     point 0           <= 0       +0         pass     "
        "twins on wdbc, slice all, n 569\n"
        "\n"
        "2 gates: 1 pass, 1 fail\n"
    )
    assert result.exit_code == 1


def test_short_has_the_gates_that_miss_their_threshold_and_counts_the_others(
    repository: Path,
) -> None:
    whole = gate("reports/applied.json", "--format", "short")
    edit(repository / "docs/eval_pack.md", "threshold: 0.95", "threshold: 0.97")
    missed = gate("reports/applied.json", "--format", "short")

    assert (whole.exit_code, whole.output) == (0, "2 gates: 2 pass\n")
    header, row, *rest = missed.output.splitlines()
    assert (header.split()[0], row.split()[0]) == ("gate", "auc-overall")
    assert rest == ["", "2 gates: 1 pass, 1 fail"]
    assert missed.exit_code == 1


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_json_has_every_verdict_and_the_digests_of_the_reports(repository: Path) -> None:
    result = gate("reports/applied.json", "--format", "json", "--only", "auc-overall")

    assert json.loads(result.output) == {
        "version": 1,
        "ok": True,
        "verdicts": [
            {
                "config": "gates",
                "gate": "auc-overall",
                "metric": "auc",
                "dataset": "wdbc",
                "slice": "all",
                "against": None,
                "bound": "lower95",
                "observed": 0.967158,
                "op": ">=",
                "threshold": 0.95,
                "margin": 0.017158,
                "verdict": "pass",
                "reason": "holds",
                "why": "auc on wdbc, slice all, n 171",
                "min_n": 100,
                "on_fail": "block",
            }
        ],
        "notes": [],
        "reports": [{"track": "applied", "sha256": sha256(repository / "reports/applied.json")}],
    }


def test_markdown_is_a_table_for_a_job_summary(repository: Path) -> None:
    edit(repository / "docs/eval_pack.md", "threshold: 0.95", "threshold: 0.97")
    result = gate("reports/applied.json", "--format", "markdown")

    assert result.output == (
        "**2 gates: 1 pass, 1 fail**\n"
        "\n"
        "| gate | bound | threshold | margin | verdict | why |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| auc-overall | lower95 0.967158 | \\>= 0.97 | -0.002842 | fail | "
        "auc on wdbc, slice all, n 171; below this the review queue doubles \\[missed\\] |\n"
        "| no-twins | point 0 | \\<= 0 | +0 | pass | twins on wdbc, slice all, n 569 |\n"
    )
    assert result.exit_code == 1


HOSTILE = (
    "a | pass | ![x](https://evil.example/x) <img src=x onerror=1> `| @lead \\| www.evil.example"
    "\n::error::b\n# c \x1b[2J\x9b31m\u202e $x$ **d** &lt;"
)


def hostile() -> Decision:
    verdict = Verdict(
        config="gates",
        gate="a",
        metric="m",
        dataset="d",
        slice="s",
        against=None,
        bound="point",
        observed=1.0,
        op=">=",
        threshold=2.0,
        margin=-1.0,
        verdict="fail",
        reason="missed",
        why=HOSTILE,
    )
    return Decision([verdict], [HOSTILE])


def test_text_from_a_repository_stays_text_in_markdown() -> None:
    rendered = markdown.render(hostile())
    tokens = MarkdownIt("gfm-like").parse(rendered)
    inline = [t for token in tokens for t in token.children or ()]

    assert [t.type for t in tokens].count("td_open") == 6
    assert {t.type for t in inline} == {"text", "strong_open", "strong_close", "text_special"} or {
        t.type for t in inline
    } == {"text", "strong_open", "strong_close"}
    assert [t.type for t in inline].count("strong_open") == 1
    shown = "".join(t.content for t in inline).replace("\u200b", "")
    assert "![x](https://evil.example/x) <img src=x onerror=1> `| @lead \\| www.evil" in shown


def test_text_from_a_repository_cannot_control_a_terminal_or_a_ci_log() -> None:
    rendered = text.render(hostile())

    assert not any(line.lstrip().startswith(("::", "#")) for line in rendered.splitlines())
    assert "\x1b[2J" not in rendered and "\x9b" not in rendered and "\u202e" not in rendered
    assert len(rendered.splitlines()) == 5


def test_verdicts_are_coloured_in_a_terminal(repository: Path) -> None:
    command = ["gate", "reports/applied.json"]

    assert "\x1b[32mpass" in CliRunner().invoke(cli, command, color=True).output
    plain = CliRunner(env={"NO_COLOR": "1"}).invoke(cli, command, color=True).output
    assert "\x1b" not in plain


def test_a_report_from_uncommitted_changes_is_noted(repository: Path) -> None:
    write(repository / "reports/applied.json", {**REPORT, "run": {**REPORT["run"], "dirty": True}})
    result = gate("reports/applied.json")

    assert result.output.endswith(
        "\nreports/applied.json is from a tree with uncommitted changes\n2 gates: 2 pass\n"
    )
    assert result.exit_code == 0


def test_a_warning_and_a_waiver_do_not_block_a_merge(repository: Path) -> None:
    pack = repository / "docs/eval_pack.md"
    edit(
        pack,
        "threshold: 0.95",
        "threshold: 0.97\n  waived: {until: 9999-12-31, by: '@lead', reason: r}",
    )
    write(repository / "reports/applied.json", with_twin(REPORT))
    pack.write_text(warns_last(pack.read_text()))
    result = gate("reports/applied.json")

    assert result.output == (
        "gate         bound             threshold  margin     verdict  why\n"
        "auc-overall  lower95 0.967158  >= 0.97    -0.002842  waived   "
        "until 9999-12-31 by @lead: r\n"
        "no-twins     point 1           <= 0       -1         warn     "
        "twins on wdbc, slice all, n 569; a twin across the split flatters the score [missed]\n"
        "\n"
        "2 gates: 1 warn, 1 waived\n"
    )
    assert result.exit_code == 0


def with_twin(content: dict[str, Any]) -> dict[str, Any]:
    content = copy.deepcopy(content)
    content["results"][1]["value"] = 1.0
    return content


def warns_last(pack: str) -> str:
    head, _, tail = pack.rpartition("on_fail: block")
    return f"{head}on_fail: warn{tail}"


def test_a_gate_that_nobody_decided_on_passes_nothing(repository: Path) -> None:
    pack = Path("docs/eval_pack.md")
    pack.write_text(pack.read_text().replace("decided_on: 2026-11-01", "decided_on: null", 1))

    result = CliRunner().invoke(cli, ["gate", "reports/applied.json"])

    assert result.exit_code == 0
    assert "  undecided  " in result.output
    assert "; not configured yet: `decided_on` is null\n" in result.output
    assert result.output.endswith("2 gates: 1 pass, 1 undecided\n")


def test_a_gate_that_was_decided_in_the_future_is_not_decided_yet(repository: Path) -> None:
    pack = Path("docs/eval_pack.md")
    pack.write_text(pack.read_text().replace("decided_on: 2026-11-01", "decided_on: 2099-11-01", 1))

    result = CliRunner().invoke(cli, ["gate", "reports/applied.json"])

    why = "`decided_on` is in the future, 2099-11-01; give the date of the decision"
    assert f"; {why}\n" in result.output
    assert result.output.endswith("2 gates: 1 pass, 1 undecided\n")


def test_last_release_compares_with_the_newest_released_report(repository: Path) -> None:
    edit(
        repository / "docs/eval_pack.md",
        '  op: ">="\n  threshold: 0.95',
        '  against: last-release\n  op: ">="\n  threshold: -0.02',
    )
    assert (
        "no file matches reports/released/*-applied.json [no-release]"
        in gate("reports/applied.json").output
    )

    older, newest = copy.deepcopy(REPORT), copy.deepcopy(REPORT)
    older["results"][0]["value"] = 0.97
    write(repository / "reports/released/2026-10-applied.json", older)
    assert "lower95 -0.002842  >= -0.02" in gate("reports/applied.json").output

    write(repository / "reports/released/2026-11-applied.json", newest)
    write(repository / "reports/released/2026-12-rag.json", {**older, "track": "rag"})
    result = gate("reports/applied.json")
    assert "lower95 -0.022842  >= -0.02" in result.output
    assert result.exit_code == 1


def test_a_released_report_is_not_compared_with_itself(repository: Path) -> None:
    edit(
        repository / "docs/eval_pack.md",
        '  op: ">="\n  threshold: 0.95',
        '  against: last-release\n  op: ">="\n  threshold: -0.1',
    )
    write(repository / "reports/released/2026-11-applied.json", REPORT)

    assert gate("reports/applied.json").exit_code == 0
    assert "[no-release]" in gate("reports/released/2026-11-applied.json").output


def test_reports_of_several_tracks_are_decided_together(repository: Path) -> None:
    first, second = copy.deepcopy(REPORT), copy.deepcopy(REPORT)
    del first["results"][1], second["results"][0]
    write(repository / "reports/applied.json", first)
    write(repository / "reports/rag.json", {**second, "track": "rag"})

    assert "no report has twins on wdbc" in gate("reports/applied.json").output
    assert gate("reports/applied.json", "reports/rag.json").exit_code == 0


def test_the_eval_pack_is_found_above_the_report_or_the_working_directory(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert gate("repository/reports/applied.json").exit_code == 0

    monkeypatch.chdir(repository / "reports/released")
    write(tmp_path / "elsewhere.json", REPORT)
    assert gate(str(tmp_path / "elsewhere.json")).exit_code == 0


def test_pack_names_the_eval_pack(repository: Path, tmp_path: Path) -> None:
    (repository / "docs/eval_pack.md").rename(tmp_path / "pack.md")

    assert gate("reports/applied.json", "--pack", str(tmp_path / "pack.md")).exit_code == 0


REFUSED = {
    "no report": (
        "",
        "",
        ["reports/rl.json"],
        "error: reports/rl.json can't be read: no such file or directory\n"
        "  hint: run the eval that writes it again\n",
    ),
    "an unknown gate": (
        "",
        "",
        ["reports/applied.json", "--only", "auc-overal"],
        "error: unknown gate `auc-overal`\n  hint: did you mean `auc-overall`?\n",
    ),
    "a wrong word": (
        "bound: lower95",
        "bound: lower",
        ["reports/applied.json"],
        'error: docs/eval_pack.md:16: `gates` "auc-overall" has `lower` as `bound`; '
        "give one of lower95, point, upper95\n"
        "  hint: see `mlcharter explain gates`\n",
    ),
    "an unfilled threshold": (
        "threshold: 0.95",
        "threshold: null",
        ["reports/applied.json"],
        'error: docs/eval_pack.md:15: `gates` "auc-overall" has an empty `threshold`; '
        "give a number\n"
        "  hint: see `mlcharter explain gates`\n",
    ),
    "two mistakes": (
        "bound: lower95\n  min_n: 100",
        "bound: lower\n  min_n: 0",
        ["reports/applied.json"],
        'error: docs/eval_pack.md:16: `gates` "auc-overall" has `lower` as `bound`; '
        "give one of lower95, point, upper95 (1 more)\n"
        "  hint: see `mlcharter explain gates`\n",
    ),
    "a gate in place of a file": (
        "",
        "",
        ["auc-overall"],
        "error: there is no file auc-overall\n"
        "  hint: `mlcharter gate --only auc-overall` decides one gate\n",
    ),
    "a folder": (
        "",
        "",
        ["reports"],
        "error: reports is a folder\n  hint: `mlcharter gate reports/applied.json`\n",
    ),
    "a pattern without a file": (
        "",
        "",
        ["reports/*.jsn"],
        "error: no file matches reports/*.jsn\n  hint: `mlcharter gate reports/applied.json`\n",
    ),
    "one id twice": (
        "id: no-twins",
        "id: auc-overall",
        ["reports/applied.json"],
        "error: `gates` has two entries `auc-overall`\n  hint: rename one of them\n",
    ),
    "no gates": (
        "<!-- config: gates -->",
        "<!-- config: gate -->",
        ["reports/applied.json"],
        "error: the eval pack has no gates\n"
        "  hint: add a `gates` config block; see `mlcharter explain gates`\n",
    ),
}


@pytest.mark.parametrize(
    ("old", "new", "arguments", "output"), REFUSED.values(), ids=REFUSED.keys()
)
def test_what_cannot_be_decided_exits_2_with_a_hint(
    repository: Path, old: str, new: str, arguments: list[str], output: str
) -> None:
    if old:
        edit(repository / "docs/eval_pack.md", old, new)
    result = gate(*arguments)

    assert result.output == output
    assert result.exit_code == 2


def test_hints_name_reports_relative_to_the_working_directory(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository / "docs")

    assert gate("../reports").output == (
        "error: ../reports is a folder\n  hint: `mlcharter gate ../reports/applied.json`\n"
    )


def test_without_a_file_the_reports_of_the_repository_are_read(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = gate("reports/applied.json").output
    assert gate().output == named

    monkeypatch.chdir(repository / "docs")
    assert gate().output == named.replace(" reports/", " ../reports/")


def test_without_reports_the_hint_is_to_run_the_evals(repository: Path) -> None:
    (repository / "reports/applied.json").unlink()
    (repository / ".copier-answers.yml").write_text("layout: full\n")

    assert gate().output == (
        "error: there is no report\n  hint: run `make eval`; then `mlcharter gate reports/*.json`\n"
    )


@pytest.mark.parametrize("own", ["layout: documents\n", "layout: full\nkept: Makefile\n"])
def test_a_makefile_of_the_team_has_no_target_to_run_the_evals(repository: Path, own: str) -> None:
    (repository / "reports/applied.json").unlink()
    (repository / "Makefile").write_text("test:\n\ttrue\n")
    (repository / ".copier-answers.yml").write_text(own)

    assert gate().output == (
        "error: there is no report\n"
        "  hint: let your eval write scores/DATASET.csv; see `mlcharter explain scores`\n"
    )


def test_without_an_eval_pack_gate_exits_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "applied.json", REPORT)
    monkeypatch.chdir(tmp_path)
    result = gate("applied.json")

    assert result.output == (
        "error: no docs/eval_pack.md above applied.json or here\n"
        "  hint: name the eval pack with `--pack FILE`\n"
    )
    assert result.exit_code == 2


def test_an_empty_config_block_is_skipped_with_a_note(repository: Path) -> None:
    pack = repository / "docs/eval_pack.md"
    pack.write_text(
        f"{pack.read_text()}\n<!-- config: golden -->\n```yaml\nfile: null\nsha256: null\n```\n"
    )
    result = gate("reports/applied.json")

    assert result.output.endswith(
        "\ndocs/eval_pack.md:75: `golden` is not filled in, so it is skipped\n2 gates: 2 pass\n"
    )
    assert result.exit_code == 0

    edit(pack, "file: null", "file: data/golden.jsonl")
    assert gate("reports/applied.json").exit_code == 2


def measure_less(repository: Path) -> None:
    """Let the report have so many errors that its spread is known."""
    path = repository / "reports/applied.json"
    report = json.loads(path.read_text())
    (result,) = (each for each in report["results"] if each["metric"] == "auc")
    result["value"], result["interval"]["lower"], result["interval"]["upper"] = 0.95, 0.913, 0.978
    path.write_text(json.dumps(report))


def test_explain_says_which_true_value_passes_and_how_many_cases_it_takes(
    repository: Path,
) -> None:
    measure_less(repository)
    edit(repository / "docs/eval_pack.md", "threshold: 0.95", "threshold: 0.93")

    result = gate("reports/applied.json", "--explain")

    assert result.output.endswith(
        "\n\nauc-overall: with n 171 and the measured spread, a true auc of at least about 0.9763 "
        "passes with 80 % probability; "
        "a true 0.95, as measured, passes with 23 %, and needs about 1332 cases for 80 %\n"
        "\n2 gates: 1 pass, 1 fail\n"
    )
    assert result.exit_code == 1


EXPLAINED = {
    "impossible": (
        ("method: bootstrap", "method: wilson", "threshold: 0.95", "threshold: 0.97"),
        "no system passes: with n 100, lower95 is 0.963 even without a single miss; "
        "it takes at least 125 cases",
    ),
    "never": (
        ("method: bootstrap", "method: wilson", "threshold: 0.95", "threshold: 1.0"),
        "no system passes: lower95 of a ratio is always below 1",
    ),
    "a share": (
        ("method: bootstrap", "method: wilson", "threshold: 0.95", "threshold: 0.9"),
        "with n 100, a true auc of at least 0.969 passes with 80 % probability; "
        "a true 0.95, half of the errors that are allowed, needs about 242 cases",
    ),
    "a bootstrap": ((), "it depends on the spread of the numbers; name a report that has them"),
}


@pytest.mark.parametrize(("edits", "text"), EXPLAINED.values(), ids=EXPLAINED)
def test_explain_needs_no_report_when_a_threshold_is_written(
    repository: Path, edits: tuple[str, ...], text: str
) -> None:
    (repository / "reports/applied.json").unlink()
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        edit(repository / "docs/eval_pack.md", old, new)

    result = gate("--explain", "--format", "json")

    (explanation,) = json.loads(result.output)["explanations"]
    assert (explanation["gate"], explanation["text"]) == ("auc-overall", text)
    assert result.exit_code == 1  # no report: no gate passes


def test_explain_takes_the_spread_of_the_last_release_while_there_is_no_report(
    repository: Path,
) -> None:
    measure_less(repository)
    released = repository / "reports/released/2026-11-applied.json"
    released.parent.mkdir(exist_ok=True)
    shutil.move(repository / "reports/applied.json", released)
    edit(repository / "docs/eval_pack.md", "threshold: 0.95", "threshold: 0.6")

    result = gate("--explain")

    assert (
        "\nauc-overall: with n 171, which true auc passes with 80 % probability is unknown: it is "
        "far from the released 0.95, and the spread there may be another; "
        "a true 0.95, as released, passes with over 99 %\n" in result.output
    )


def test_explain_states_no_value_if_the_result_has_too_few_errors(repository: Path) -> None:
    result = gate("reports/applied.json", "--explain")

    assert (
        "\nauc-overall: with n 171, the spread is that of fewer than 3 errors, which is too few to "
        "say which true value passes; evaluate on more cases\n" in result.output
    )


def test_explain_as_markdown_is_a_list_below_the_table(repository: Path) -> None:
    measure_less(repository)
    edit(repository / "docs/eval_pack.md", "threshold: 0.95", "threshold: 0.9")
    result = gate("reports/applied.json", "--explain", "--format", "markdown")

    assert result.output.endswith(
        "| no-twins | point 0 | \\<= 0 | +0 | pass | twins on wdbc, slice all, n 569 |\n"
        "\n"
        "- auc-overall: with n 171 and the measured spread, a true auc of at least about 0.9576 "
        "passes with 80 % probability; a true 0.95, as measured, passes with 68 %, and needs about "
        "246 cases for 80 %\n"
    )

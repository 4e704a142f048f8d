"""`mlcharter gate scores.csv`: gates are decided on a table with one row a case."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from mlcharter.cli import cli
from mlcharter.evals import intervals
from mlcharter.formats.report import Interval
from mlcharter.gate import scoring, tables
from mlcharter.gate.importers import csv as csv_format
from mlcharter.gate.scoring import Pack
from mlcharter.gate.tables import Source

PACK = """# Eval pack

<!-- config: datasets -->
```yaml
- id: support
  uri: data/support.jsonl
  sha256: null
  rows: null
  licence: CC-BY-4.0
  card: docs/cards/data.md
  split: {kind: none, key: null, sha256: null}
  synthetic: 0.0
```

<!-- config: slices -->
```yaml
- {id: all, dataset: support, where: every case, min_n: 4, protected: false, alert: null}
- {id: german, dataset: support, where: language = de, min_n: 2, protected: false, alert: null}
- {id: long, dataset: support, where: long ones, min_n: 2, protected: false, alert: null}
```

<!-- config: metrics -->
```yaml
- {id: correct, unit: share, direction: up, method: METHOD, resample: UNIT, produced_by: eval.py}
- {id: crashes, unit: cases, direction: down, method: exact, resample: row, produced_by: eval.py}
```

<!-- config: gates -->
```yaml
- id: answers
  metric: correct
  dataset: support
  slice: all
  against: null
  op: ">="
  threshold: 0.1
  bound: lower95
  min_n: 4
  on_fail: block
  decided_on: 2026-11-01
  rationale: half of the answers must be right
```
"""
SMALL_PACK = PACK.replace("METHOD", "wilson").replace("UNIT", "row").replace("min_n: 4", "min_n: 1")
"""For a few cases, one row each."""
CSV = "id,language,user,long,correct,correct.old,crashes\n" + "".join(
    f"q-{n},{'de' if n % 2 else 'en'},u{n // 2},{n % 3 == 0},{n % 4 != 3},{n % 2},0\n"
    for n in range(8)
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)
    write_pack()
    Path("scores.csv").write_text(CSV, encoding="utf-8")
    return tmp_path


def write_pack(method: str = "wilson", unit: str = "row", **gate: str) -> None:
    text = PACK.replace("METHOD", method).replace("UNIT", unit)
    for key, value in gate.items():
        before, _, after = text.partition(f"\n  {key}: ")
        text = f"{before}\n  {key}: {value}\n{after.partition(chr(10))[2]}"
    Path("docs/eval_pack.md").write_text(text, encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["gate", *arguments])


def decide(*arguments: str) -> str:
    """Pin the data, decide, and return reason and explanation of the gate."""
    pinned = run("--pin", *arguments)
    assert pinned.exit_code == 0, pinned.output
    result = run("--format", "json", *arguments)
    assert result.exit_code in (0, 1), result.output
    (verdict,) = json.loads(result.output)["verdicts"]
    return f"{verdict['reason']}: {verdict['why']}"


def test_gate_says_when_committed_scores_were_committed(root: Path) -> None:
    note = "; whether it measured today's code is unknown: let CI write it\n"
    run("--pin", "scores.csv")
    assert note not in run("scores.csv").output, "there is no Git"

    for words in ("init -q", "add docs", "commit -qm one", "add scores.csv"):
        git(*words.split())
    assert note not in run("scores.csv").output, "this run may have written it"

    git("commit", "-qm", "two", "--date=2026-10-03T12:00:00Z")
    git("commit", "-qm", "three", "--allow-empty")
    today = git("log", "-1", "--format=%cs")
    assert f"scores.csv was committed on {today}, 1 commit ago{note}" in run("scores.csv").output

    Path("scores.csv").write_text(CSV.replace("q-0,en,u0,True,True", "q-0,en,u0,True,False"))
    assert note not in run("scores.csv").output


def git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_a_gate_is_decided_on_scores_after_pinning_them(root: Path) -> None:
    assert run("scores.csv").output == (
        'error: docs/eval_pack.md:7: `datasets` "support" has an empty `sha256`; '
        "give 64 lower-case hex digits (1 more)\n  hint: see `mlcharter explain datasets`\n"
    )
    assert run("--pin", "scores.csv").output == (
        "docs/eval_pack.md:7: support: sha256 null → b34252b95f05c7d7…\n"
        "docs/eval_pack.md:8: support: rows null → 8\n"
    )

    result = run("scores.csv")

    assert result.output == (
        "gate     bound             threshold  margin     verdict  why\n"
        "answers  lower95 0.409275  >= 0.1     +0.309275  pass     "
        "correct on support, slice all, n 8\n"
        "\n"
        "1 gate: 1 pass\n"
    )
    assert result.exit_code == 0


def test_the_digest_is_of_the_cases_and_not_of_their_scores(root: Path) -> None:
    run("--pin", "scores.csv")
    lines = CSV.splitlines(keepends=True)

    Path("scores.csv").write_text(CSV.replace(",True,1,0", ",False,1,0"))
    assert "sha256" not in run("--pin", "scores.csv").output
    Path("scores.csv").write_text("".join([lines[0], *reversed(lines[1:])]))
    assert "sha256" not in run("--pin", "scores.csv").output
    Path("scores.csv").write_text(CSV.replace("q-3,de", "q-3,en"))
    assert "[digest-differs]" in run("scores.csv").output
    Path("scores.csv").write_text("".join(lines[:-1]))
    assert "[digest-differs]" in run("scores.csv").output


# The numbers are those of mlcharter.evals.


def make_cases(n: int = 60) -> dict[str, list[float]]:
    chance = random.Random(5)
    return {
        "user": [float(i // 3) for i in range(n)],
        "hit": [float(chance.random() < 0.8) for _ in range(n)],
        "value": [round(chance.random(), 3) for _ in range(n)],
        "old": [round(chance.random(), 3) for _ in range(n)],
        "total": [float(chance.randint(1, 5)) for _ in range(n)],
    }


def measured(method: str, unit: str, header: str, *columns: list[float], **gate: str) -> Interval:
    """Return the interval that `gate` computes of columns; the ids sort as the rows do."""
    from mlcharter.gate.loading import read_configs
    from mlcharter.support.files import Folder

    write_pack(method, unit, **gate)
    rows = "".join(
        ",".join([f"q-{n:03}", *map(repr, row)]) + "\n"
        for n, row in enumerate(zip(*columns, strict=True))
    )
    table = csv_format.read(Source(name="s.csv", content=f"id,{header}\n{rows}".encode()))
    configs, _ = read_configs(Folder("."), None, {"metrics", "slices", "gates"})
    assert table is not None
    scored = scoring.score(table, Pack.of(configs, ["support"]))
    (result,) = scored.report.results
    assert result.interval is not None
    return result.interval


def ends(estimate: intervals.Estimate | Interval) -> tuple[float, float]:
    return round(estimate.lower, 6), round(estimate.upper, 6)


@pytest.mark.parametrize("method", ["wilson", "clopper-pearson"])
def test_shares_are_those_of_the_library(root: Path, method: str) -> None:
    cases = make_cases()
    library = intervals.wilson if method == "wilson" else intervals.clopper_pearson

    found = measured(method, "row", "correct", cases["hit"])

    assert ends(found) == ends(library(int(sum(cases["hit"])), 60, unit="row"))


@pytest.mark.parametrize("unit", ["row", "user"])
def test_means_are_those_of_the_library(root: Path, unit: str) -> None:
    cases = make_cases()
    clusters = cases["user"] if unit == "user" else None

    found = measured("bootstrap", unit, "user,correct", cases["user"], cases["value"])

    expected = intervals.mean(cases["value"], clusters, unit=unit, seed=scoring.SEED)
    assert (ends(found), found.unit) == (ends(expected), unit)


def test_paired_differences_are_those_of_the_library(root: Path) -> None:
    cases = make_cases()
    value, old = np.array(cases["value"]), np.array(cases["old"])
    columns = cases["user"], cases["value"], cases["old"]

    found = measured("bootstrap", "user", "user,correct,correct.old", *columns, against="old")

    expected = intervals.paired_difference(
        lambda rows: float(value[rows].mean()),
        lambda rows: float(old[rows].mean()),
        cases["user"],
        unit="user",
        seed=scoring.SEED,
    )
    assert ends(found) == ends(expected)


def test_hits_of_a_total_are_those_of_the_library(root: Path) -> None:
    cases = make_cases()
    hits, total = np.array(cases["hit"]), np.array(cases["total"])
    header = "correct.hits,correct.total"

    found = measured("bootstrap", "row", header, cases["hit"], cases["total"])

    expected = intervals.bootstrap(
        lambda rows: float(hits[rows].sum() / total[rows].sum()),
        range(60),
        unit="row",
        seed=scoring.SEED,
    )
    assert ends(found) == ends(expected)


# What columns mean


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("all", "holds: correct on support, slice all, n 8"),
        (
            "german",
            "missed: correct on support, slice german, n 4; a system at 0.5 needs about 17 cases",
        ),
        ("long", "holds: correct on support, slice long, n 3"),
    ],
)
def test_a_slice_is_a_condition_or_a_column_of_its_own(
    root: Path, part: str, expected: str
) -> None:
    limits = {"german": "0.2", "all": "0.1", "long": "0.1"}
    write_pack(slice=part, min_n="2", threshold=limits[part])

    assert decide("scores.csv").startswith(expected)


@pytest.mark.parametrize("where", ["crashes >= 0", "crashes != 1", "crashes <= 0"])
def test_a_condition_that_is_no_equality_selects_nothing(root: Path, where: str) -> None:
    Path("scores.csv").write_text(CSV.replace(",long,", ",short,"))
    write_pack(slice="long", min_n="2")
    pack = Path("docs/eval_pack.md")
    pack.write_text(pack.read_text().replace("where: long ones", f'where: "{where}"'))

    assert decide("scores.csv").startswith("not-produced: scores.csv has no column for slice long")


def test_a_baseline_is_a_column_and_the_difference_is_paired(root: Path) -> None:
    write_pack(against="old", threshold="-0.9")

    assert decide("scores.csv") == "holds: correct on support, slice all, against old, n 8"


def test_an_exact_metric_is_a_sum(root: Path) -> None:
    write_pack(metric="crashes", op='"<="', threshold="0", bound="point")

    assert decide("scores.csv") == "holds: crashes on support, slice all, n 8"


def test_a_last_release_is_read_from_its_scores(root: Path) -> None:
    write_pack(against="last-release", threshold="-0.9")
    missing = "no-release: no file matches reports/released/*-scores-support.*"
    Path("scores.csv").rename("support.csv")
    assert decide("support.csv") == missing

    Path("reports/released").mkdir(parents=True)
    Path("reports/released/2026-10-scores-support.csv").write_text(CSV)
    assert decide("support.csv") == "holds: correct on support, slice all, n 8"


def test_reports_and_scores_are_decided_together(root: Path) -> None:
    from test_gate import CODE, EVAL_PACK, REPORT

    Path("evals").mkdir()
    Path("evals/applied.py").write_text(CODE)
    other = EVAL_PACK.replace("id: all", "id: whole").replace("slice: all", "slice: whole")
    report = json.dumps(REPORT).replace('"slice": "all"', '"slice": "whole"')
    Path("applied.json").write_text(report)
    pack = Path("docs/eval_pack.md")
    pack.write_text(pack.read_text() + other)
    Path("scores.csv").rename("support.csv")
    run("--pin", "applied.json", "support.csv")

    result = run("applied.json", "support.csv")

    assert result.output == (
        "gate         bound             threshold  margin     verdict  why\n"
        "answers      lower95 0.409275  >= 0.1     +0.309275  pass     "
        "correct on support, slice all, n 8\n"
        "auc-overall  lower95 0.967158  >= 0.95    +0.017158  pass     "
        "auc on wdbc, slice whole, n 171\n"
        "no-twins     point 0           <= 0       +0         pass     "
        "twins on wdbc, slice whole, n 569\n"
        "\n"
        "3 gates: 3 pass\n"
    )


# What is wrong names the place and the next step.

FAILS = {
    "no column": (
        CSV.replace(",correct,", ",corect,"),
        {},
        "not-produced: scores.csv has no column `correct`; did you mean `corect`?",
    ),
    "an empty cell": (
        CSV.replace("q-2,en,u1,False,True", "q-2,en,u1,False,"),
        {},
        "invalid-score: scores.csv:4 (q-2): `correct` is empty; "
        "give each case a score, and 0 where the system failed",
    ),
    "text, NaN and a decimal comma": (
        CSV.replace("u1,False,True", 'u1,False,"0,5"').replace("u0,True,True", "u0,True,NaN"),
        {},
        "invalid-score: scores.csv:2 (q-0): `correct` is 'NaN', no finite number (1 more); "
        "give each case a score, and 0 where the system failed",
    ),
    "a share is no share": (
        CSV.replace("u1,False,True", "u1,False,0.5"),
        {},
        "method-differs: scores.csv:4 (q-2): `correct` is 0.5, but `wilson` counts 0 or 1; "
        "use `method: bootstrap`",
    ),
    "rows are not independent": (
        CSV,
        {"unit": "user"},
        "method-differs: `wilson` needs one row for each user, and u0 has several; "
        "use `method: bootstrap`",
    ),
    "no column of clusters": (
        CSV,
        {"unit": "patient"},
        "unit-differs: scores.csv has no column `patient`, by which `metrics` resamples correct; "
        "add it, or set `resample: row` if rows are independent",
    ),
    "one cluster": (
        CSV.replace("u1", "u0").replace("u2", "u0").replace("u3", "u0"),
        {"method": "bootstrap", "unit": "user"},
        "too-few: the bootstrap needs two or more of unit user, not 1",
    ),
    "no slice": (
        CSV.replace(",long,", ",short,"),
        {"slice": "long"},
        "not-produced: scores.csv has no column for slice long; "
        "write its `where` as `COLUMN = VALUE`, or add a column with 1 for its cases",
    ),
    "an empty slice": (
        CSV.replace(",de,", ",fr,"),
        {"slice": "german"},
        "not-produced: no case of scores.csv is in slice german",
    ),
    "no baseline": (
        CSV,
        {"against": "bm25"},
        "not-produced: scores.csv has no column `correct.bm25`; did you mean `correct.old`?",
    ),
    "hits without a total": (
        CSV.replace(",correct,", ",correct.hits,"),
        {},
        "not-produced: scores.csv has no column `correct.total`",
    ),
    "another method": (
        CSV,
        {"method": "delong"},
        "method-differs: `delong` cannot be computed from scores; "
        "use `method: bootstrap`, or let the eval write a report",
    ),
    "nothing varies": (
        CSV.replace(",False,0,", ",True,0,").replace(",False,1,", ",True,1,"),
        {"method": "bootstrap"},
        "zero-width: both ends of the interval are 1.0; nothing varied",
    ),
}


@pytest.mark.parametrize(("text", "changes", "expected"), FAILS.values(), ids=FAILS.keys())
def test_a_gate_without_a_number_fails_and_says_what_to_do(
    root: Path, text: str, changes: dict[str, str], expected: str
) -> None:
    Path("scores.csv").write_text(text)
    write_pack(**changes)

    assert decide("scores.csv") == expected
    assert run("scores.csv").exit_code == 1


REFUSED = {
    "no id": (
        "case,correct\na,1\n",
        "error: scores.csv has no column `id`, but `case`, `correct`\n"
        "  hint: add a column `id` that names the case in each row; "
        "see `mlcharter explain scores`\n",
    ),
    "no rows": (
        "id,correct\n",
        "error: scores.csv has no rows\n  hint: write one row for each case that was evaluated\n",
    ),
    "nothing": (
        "",
        "error: scores.csv has no column `id`, but no column\n"
        "  hint: add a column `id` that names the case in each row; "
        "see `mlcharter explain scores`\n",
    ),
    "one id twice": (
        "id,correct\na,1\nb,1\n a,0\n",
        "error: scores.csv:4 (a) has the same `id` as scores.csv:2\n"
        "  hint: write one row a case; for repeated runs, average them or number their ids\n",
    ),
    "an empty id": (
        "id,correct\na,1\n,1\n",
        "error: scores.csv:3 has no `id`\n  hint: give each case an id that stays the same\n",
    ),
    "a row too long": (
        "id,correct\na,1\nb,x,0\n",
        "error: scores.csv:3 has 3 cells, but the header has 2\n"
        "  hint: quote cells that have the separator\n",
    ),
    "one column twice": (
        "id,exact_match,Exact Match\na,1,1\n",
        "error: scores.csv has two columns of one name: `exact_match` and `Exact Match`\n"
        "  hint: rename one of them\n",
    ),
    "an open quote": (
        'id,correct\n"a,1\n',
        "error: scores.csv:2 is not CSV: unexpected end of data\n"
        "  hint: let a CSV library write it\n",
    ),
    "UTF-16": (
        "id,correct\na,1\n".encode("utf-16"),
        "error: scores.csv:1 is not UTF-8\n  hint: save the file as UTF-8\n",
    ),
    "a NUL": (
        "id,correct\na,\0\n",
        "error: scores.csv:2 has a NUL character\n  hint: save the file as UTF-8\n",
    ),
    "a long cell": (
        f"id,correct\na,{'1' * 200_000}\n",
        "error: scores.csv:2 is not CSV: field larger than field limit (131072)\n"
        "  hint: let a CSV library write it\n",
    ),
}


@pytest.mark.parametrize(("content", "output"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_is_no_table_is_refused(root: Path, content: str | bytes, output: str) -> None:
    data = content.encode() if isinstance(content, str) else content
    Path("scores.csv").write_bytes(data)

    result = run("--pin", "scores.csv")

    assert (result.output, result.exit_code) == (output, 2)


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("MAX_BYTES", 100, "is larger than 100 bytes; split it"),
        ("MAX_ROWS", 7, "has more than 7 rows"),
        ("MAX_COLUMNS", 6, "has more than 6 columns"),
        ("MAX_CELLS", 49, "has more than 7 rows"),
    ],
)
def test_a_table_beyond_a_limit_is_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, message: str
) -> None:
    monkeypatch.setattr(tables, limit, value)

    result = run("--pin", "scores.csv")

    assert result.output.startswith(f"error: scores.csv {message}\n")
    assert result.exit_code == 2


def test_many_gates_on_many_rows_are_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("--pin", "scores.csv")
    monkeypatch.setattr(scoring, "MAX_WORK", 7)

    assert run("scores.csv").output == (
        "error: scores.csv: gates ask 1 numbers of its 8 rows, which takes too long\n"
        "  hint: let the eval write a report\n"
    )


def test_a_condition_of_many_spaces_is_read_in_linear_time(root: Path) -> None:
    pack = Path("docs/eval_pack.md")
    long = f"'language ={' ' * 100_000}de{' ' * 100_000}'"
    pack.write_text(pack.read_text().replace("language = de", long))

    assert decide("scores.csv") == "holds: correct on support, slice all, n 8"


# Formats


def as_jsonl() -> bytes:
    header, *rows = (line.split(",") for line in CSV.splitlines())
    lines = []
    for row in rows:
        record = dict(zip(header, row, strict=True))
        typed = {"correct": record["correct"] == "True", "long": record["long"] == "True"}
        lines.append(json.dumps({**record, **typed}) + "\n")
    return "".join(lines).encode()


def as_parquet() -> bytes:
    records = [json.loads(line) for line in as_jsonl().splitlines()]
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_pylist(records), sink)
    return bytes(sink.getvalue())


SAME = {
    "with a byte order mark, CRLF and quotes": (
        "scores.csv",
        b"\xef\xbb\xbf" + CSV.replace("q-1", '"q-1"').replace("\n", "\r\n").encode(),
    ),
    "with semicolons": ("scores.csv", CSV.replace(",", ";").encode()),
    "with tabs": ("scores.tsv", CSV.replace(",", "\t").encode()),
    "with empty lines and a blank end": ("scores.csv", f"\n{CSV}\n\n".encode()),
    "with the names of Python": ("scores.csv", CSV.replace("correct.old", "Correct.Old").encode()),
    "as JSON Lines": ("scores.jsonl", as_jsonl()),
    "as Parquet": ("scores.parquet", as_parquet()),
}


@pytest.mark.parametrize(("name", "content"), SAME.values(), ids=SAME.keys())
def test_the_same_cases_have_the_same_digest_and_numbers_in_every_format(
    root: Path, name: str, content: bytes
) -> None:
    run("--pin", "scores.csv")
    expected = run("scores.csv").output
    Path("scores.csv").unlink()
    Path(name).write_bytes(content)

    assert run(name).output == expected


@pytest.mark.parametrize(
    ("content", "output"),
    [
        (
            '{"id": 1, "correct": 1}\n{"id": 2,\n',
            "error: scores.jsonl:2 is not JSON: Expecting property name enclosed in double quotes: "
            "line 1 column 10 (char 9)\n  hint: see `mlcharter explain scores`\n",
        ),
        (
            '{"id": 1, "correct": 1, "correct": 0}\n',
            "error: scores.jsonl:1 is not JSON: duplicate key in an object\n"
            "  hint: see `mlcharter explain scores`\n",
        ),
        (
            '{"id": 1}\n[2]\n',
            "error: scores.jsonl:2 is no object\n"
            "  hint: write one JSON object a line, for each case\n",
        ),
    ],
)
def test_json_lines_are_refused_with_their_line(root: Path, content: str, output: str) -> None:
    Path("scores.jsonl").write_text(content)

    assert run("--pin", "scores.jsonl").output == output


def test_damaged_parquet_is_refused(root: Path) -> None:
    Path("scores.parquet").write_bytes(as_parquet()[:-20])

    result = run("--pin", "scores.parquet")

    assert result.output.startswith("error: scores.parquet is no valid Parquet: ")
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("missing", "name", "method", "output"),
    [
        (
            "pyarrow",
            "scores.parquet",
            "wilson",
            "error: scores.parquet is Parquet; pyarrow reads it\n"
            "  hint: install `pyarrow` beside mlcharter, or write the scores as CSV\n",
        ),
        (
            "numpy",
            "scores.csv",
            "bootstrap",
            "error: this interval needs numpy, which is not installed\n"
            "  hint: install `numpy` and `scipy` beside mlcharter; "
            "`method: wilson` needs nothing\n",
        ),
        ("numpy", "scores.csv", "wilson", "1 gate: 1 pass\n"),
    ],
)
def test_without_an_extra_only_what_needs_it_is_refused(
    root: Path, missing: str, name: str, method: str, output: str
) -> None:
    run("--pin", "scores.csv")
    write = Path("docs/eval_pack.md").read_text().replace("method: wilson", f"method: {method}")
    Path("docs/eval_pack.md").write_text(write)
    Path("scores.parquet").write_bytes(as_parquet())
    hidden = f"import sys; sys.modules[{missing!r}] = None; from mlcharter.cli import cli; cli()"
    command = [sys.executable, "-c", hidden, "gate", name]

    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)

    assert (done.stdout + done.stderr).endswith(output)


# Without a file


def test_without_a_file_the_scores_of_the_repository_are_read(root: Path) -> None:
    Path("scores").mkdir()
    Path("scores.csv").rename("scores/support.csv")
    Path("scores/.gitkeep").touch()
    Path("scores/plots").mkdir()

    assert run("--pin").output.count("support: ") == 2
    assert run().output.endswith("1 gate: 1 pass\n")


def test_without_a_file_unfilled_gates_are_no_failure_and_filled_ones_are(root: Path) -> None:
    pack = Path("docs/eval_pack.md")
    Path("scores.csv").unlink()
    assert run().output == (
        "error: there is no report\n"
        "  hint: let your eval write scores/DATASET.csv; see `mlcharter explain scores`\n"
    )

    pack.write_text("# Eval pack\n\n<!-- config: gates -->\n```yaml\n- id: null\n```\n")
    result = run()
    assert result.output.startswith("no gates yet: fill in `gates` in docs/eval_pack.md")
    assert result.exit_code == 0

    pack.write_text("# Eval pack\n")
    assert run().output.startswith("error: there is no report\n")


def test_a_file_is_of_the_dataset_in_its_name_or_in_its_column(root: Path) -> None:
    pack = Path("docs/eval_pack.md")
    other = "- id: billing\n  sha256: null\n  rows: null\n```\n\n<!-- config: slices"
    pack.write_text(pack.read_text().replace("```\n\n<!-- config: slices", other))
    assert run("--pin", "scores.csv").output == (
        "error: scores.csv may be of any dataset of the eval pack: billing, support\n"
        "  hint: name the file after its dataset, or add a column `dataset`\n"
    )

    Path("billing.csv").write_text(CSV)
    assert run("--pin", "billing.csv").output.count("billing: ") == 2
    Path("both.csv").write_text("id,dataset,correct\n1,support,1\n1,billing,1\n2,billing,1\n")
    assert "billing: rows 8 → 2" in run("--pin", "both.csv").output
    Path("both.csv").write_text("id,dataset,correct\n1,suport,1\n")
    assert run("--pin", "both.csv").output == (
        "error: both.csv has cases of `suport`, which is no dataset of the eval pack\n"
        "  hint: did you mean `support`?\n"
    )

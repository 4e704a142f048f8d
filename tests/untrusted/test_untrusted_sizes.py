"""Whatever is long, many or no file at all: a command ends, within its memory, and says why."""

import copy
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from test_gate import EVAL_PACK, REPORT

import mlcharter
from mlcharter.charter import charter
from mlcharter.check import engine
from mlcharter.markdown import document

pytestmark = pytest.mark.hostile("time and memory")

MEBIBYTE = 1024 * 1024
SECONDS = 60  # CPU; on a slow machine the slowest of these takes ten, and a hang takes hours
PACK = "docs/eval_pack.md"
SOURCE = str(Path(mlcharter.__file__).parents[1])
ANSWERS = """\
_commit: v0.1.0
_src_path: https://git.acme.example/charter.git
layout: documents
owner: '@acme/fraud'
project_name: Fraud watch
tier: prototype
tracks: [applied]
"""


def run(root: Path, *words: str, memory: int = 1024 * MEBIBYTE) -> tuple[int, str, float]:
    """Run a command with little memory: its exit code, what it prints, and its CPU seconds."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "mlcharter", *words],
        cwd=root,
        env=os.environ | {"PYTHONPATH": SOURCE, "XDG_CACHE_HOME": str(root.parent / "cache")},
        capture_output=True,
        timeout=600,
        preexec_fn=limited,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    printed = (done.stdout + done.stderr).decode()
    assert "Traceback" not in printed, printed[-3000:]
    return done.returncode, printed, after.ru_utime - before.ru_utime


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "harbour"
    (root / "docs").mkdir(parents=True)
    (root / ".copier-answers.yml").write_text(ANSWERS)
    (root / "CODEOWNERS").write_text("* @acme/fraud\n")
    return root


def repeated(unit: str, size: int = 900_000) -> str:
    return unit * (size // len(unit))


# One document of nearly a mebibyte each; a quadratic step would take minutes to hours.
DOCUMENTS = {
    "an owner without an end": "# Pack\n\nOwner: " + "a" * 900_000,
    "owners without an end": "# Pack\n\nOwner: " + repeated("@nobody-knows-them "),
    "a link of folders": f"# Pack\n\n[x]({repeated('a/')})\n",
    "links that go back": f"# Pack\n\n[x]({repeated('../')})\n",
    "links to headings of another document": "# Pack\n\n" + repeated("[x](other.md#gone) "),
    "lists": "# Pack\n\n" + repeated("- [ ] `a` b\n\nc\n\n"),
    "headings": "# Pack\n\n" + repeated("## a\n"),
    "brackets in brackets": "[a]: b\n\n" + repeated("[ " * 400 + "] " * 400),
    "a fence without an end": "`" * 300_000 + "\n" + repeated("a\n", 500_000),
    "a fence in a list": "- " + "`" * 300_000 + "\n" + repeated("  a\n", 500_000),
    "rows of tables in a list": "- a\n" + repeated("  :-|\n"),
    "underscores": "# " + repeated("_a "),
    "tags": "# Pack\n\n" + repeated("<a b='"),
    "comments": "# Pack\n\n" + repeated("<!-- "),
    "blanks": "# Pack\n\na" + " " * 900_000 + "b\n",
    "config blocks of one kind": repeated(
        "<!-- config: kpis -->\n```yaml\n- id: a\n  role: north-star\n```\n", 300_000
    ),
    "fences below config blocks": repeated(
        "<!-- config: kpis -->\n```yaml\n```\n\n```\nx\n```\n\n"
    ),
    "names that are nearly known": "<!-- config: metrics -->\n```yaml\n"
    + "".join(f"- id: {'ab' * 29}{n:03}\n" for n in range(300))
    + "```\n\n<!-- config: gates -->\n```yaml\n"
    + "".join(f"- id: g{n}\n  metric: {'ba' * 29}{n:03}\n" for n in range(3000))
    + "```\n",
    "expressions as deep as may be": "".join(
        "<!-- config: alerts -->\n```yaml\n"
        + "".join(
            f"- {{id: a{n}, subject: slo/a, expr: 'a{block}{n}{'+a' * 149} > 1', wait: 2m, "
            "severity: page, owner: '@acme/fraud', runbook: '#a'}\n"
            for n in range(600)
        )
        + "```\n\n"
        for block in range(3)
    ),
}


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=list(DOCUMENTS))
def test_a_document_that_repeats_one_thing_is_checked_soon(repository: Path, text: str) -> None:
    (repository / PACK).write_text(f"{text}\n")
    (repository / "docs/other.md").write_text("# Other\n" + repeated("<a id='b'>\n"))
    code, printed, seconds = run(repository, "check", "--level", "release", "--no-cache")

    assert code == 1
    assert PACK in printed or "docs/" in printed
    assert seconds < SECONDS


def test_tags_in_one_long_line_are_placed_soon() -> None:
    read = document.parse("# " + repeated("<a href=b>"))
    before = time.process_time()

    assert len(read.html_links) == 90_000
    assert (read.html_links[-1].line, read.html_links[-1].column) == (1, 899_993)
    assert time.process_time() - before < 5  # counting from the start for each tag takes 10 to 20


def test_what_one_rule_finds_without_an_end_is_cut_and_said(repository: Path) -> None:
    (repository / PACK).write_text("# Pack\n\nOwner: " + repeated("@nobody "))
    _, printed, _ = run(repository, "check", "--level", "complete", "--no-cache")
    found = [line for line in printed.splitlines() if line.endswith("[owner-unknown]")]

    assert found == [  # equal findings are one
        f"{PACK}:3:8: the owner `@nobody` is not in CODEOWNERS; there are `@acme/fraud` "
        "[owner-unknown]",
        f"{PACK}:3:8: this rule has more than {engine.MOST} findings, the rest is left out; "
        "correct these first [owner-unknown]",
    ]


def test_a_message_that_quotes_much_is_cut_in_its_middle(repository: Path) -> None:
    (repository / PACK).write_text(f"# Pack\n\n[x]({'a' * 100_000}z.md)\n")
    _, printed, _ = run(repository, "check", "--no-cache")
    line = next(line for line in printed.splitlines() if "[link-broken]" in line)

    assert len(line) < 2_200
    assert line.startswith(f"{PACK}:3:1: `aaa")
    assert line.endswith("aaaz.md` does not exist; correct it [link-broken]")


def item(n: int) -> str:
    return f"- [x] `item-{n}` Done. Evidence: [log](../log.md) (sha256:0123456789abcdef)\n"


def test_documents_beyond_the_limit_are_named_and_the_check_fails(repository: Path) -> None:
    for n in range(60):
        items = "".join(item(n * 8000 + k) for k in range(8000))
        (repository / f"docs/{n:02}.md").write_text(f"# {n}\n\nOwner: @acme/fraud\n\n{items}")
    code, printed, _ = run(repository, "check", "--no-cache", memory=512 * MEBIBYTE)

    assert code == 1
    left = [line for line in printed.splitlines() if "lines and marks were read before" in line]
    assert left[0] == (
        f"docs/03.md:1:1: is not checked, since {charter.MOST_MARKS} lines and marks were read "
        "before it; check in parts or make smaller [document-unreadable]"
    )
    assert len(left) == 57


def test_reports_beyond_the_limit_are_named_and_the_check_fails(repository: Path) -> None:
    (repository / "reports/released").mkdir(parents=True)
    for n in range(12):
        path = repository / f"reports/released/2026-{n + 1:02}-applied.json"
        path.write_text(f'"{"a" * 2 * MEBIBYTE}"')
    code, printed, _ = run(repository, "check", "--level", "release", "--no-cache")

    assert code == 1
    assert (
        f"reports/released/2026-05-applied.json:1:1: is not checked, since reports of "
        f"{charter.MOST_REPORTS} bytes were read before it; check in parts or make smaller"
    ) in printed


# What is no file, where adoption and updates look


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def outside(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10 * 1024 * MEBIBYTE)


STRANGE: dict[str, Callable[[Path], None]] = {
    "a pipe": pipe,
    "a device": device,
    "a link out of the repository": outside,
    "ten sparse gigabytes": sparse,
}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A repository with code and no charter."""
    root = tmp_path / "berths"
    (root / "src/berths").mkdir(parents=True)
    (root / "src/berths/__init__.py").write_text("")
    git(root, "init", "--quiet", "--initial-branch=main")
    return root


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)


PROPOSING = ("pyproject.toml", "setup.py", "environment.yml", "package.json", "LICENSE")


@pytest.mark.parametrize("spoil", STRANGE.values(), ids=list(STRANGE))
def test_an_adoption_proposes_without_what_is_no_file(
    code: Path, spoil: Callable[[Path], None]
) -> None:
    for path in PROPOSING:
        (code / path).touch()
    git(code, "add", "-A")
    for path in PROPOSING:
        (code / path).unlink()
        spoil(code / path)
    exit_code, printed, _ = run(code, "adopt", ".", "--dry-run", "--data", "owner=@acme/berths")

    assert exit_code == 0
    assert (
        "tracks: applied  (the default, since no dependency or folder suggests a track)" in printed
    )


WRITTEN = "docs/design_doc.md"  # a file that adoption and updates write


@pytest.mark.parametrize("name", ["a pipe", "a device", "a link out of the repository"])
def test_an_adoption_leaves_alone_what_is_no_file(code: Path, name: str) -> None:
    (code / "docs").mkdir()
    STRANGE[name](code / WRITTEN)
    exit_code, printed, _ = run(code, "adopt", ".", "--dry-run", "--data", "owner=@acme/berths")

    assert exit_code == 0
    assert f"  yours, left alone: {WRITTEN}\n" in printed
    assert f"  new: {WRITTEN}\n" not in printed


def test_an_adoption_does_not_read_a_file_of_gigabytes(code: Path) -> None:
    (code / "docs").mkdir()
    sparse(code / WRITTEN)
    exit_code, printed, _ = run(code, "adopt", ".", "--dry-run", "--data", "owner=@acme/berths")

    assert exit_code == 2
    assert f"{WRITTEN} is larger than 67108864 bytes" in " ".join(printed.split())


ANSWERED = {
    "a pipe": "is not a regular file; replace it with one",
    "a device": "lies outside the repository; keep a copy inside",
    "a link out of the repository": "lies outside the repository; keep a copy inside",
    "ten sparse gigabytes": "is larger than 1048576 bytes; split it",
}


@pytest.mark.parametrize("name", ANSWERED)
def test_an_update_refuses_answers_that_are_no_file(code: Path, name: str) -> None:
    STRANGE[name](code / ".copier-answers.yml")
    exit_code, printed, _ = run(code, "update", ".")

    assert exit_code == 2
    assert f".copier-answers.yml {ANSWERED[name]}" in printed


LONG_ANSWERS = {
    "lists in lists": ("[" * 50_000, "1:1001", "the block is nested deeper than 64 levels"),
    "aliases that multiply": ("a: &a [x]\nb: [*a, *a]\n", "1:4", "anchor `&a` is not allowed"),
}


@pytest.mark.parametrize("name", LONG_ANSWERS)
def test_an_update_refuses_answers_that_grow(code: Path, name: str) -> None:
    text, place, message = LONG_ANSWERS[name]
    (code / ".copier-answers.yml").write_text(text)
    exit_code, printed, _ = run(code, "update", ".")

    assert exit_code == 2
    assert f".copier-answers.yml:{place} can't be read: {message}" in printed


# What an adoption reads and proposes from; each took minutes or more with patterns that backtrack.
PROPOSED = {
    "lines of a setup.py": ("setup.py", "\n" * 900_000),
    "blanks of a setup.py": ("setup.py", '"' + " \n" * 450_000),
    "lines of a conda environment": ("environment.yml", "\n" * 900_000),
    "blanks of a conda environment": ("environment.yml", "- a" + " " * 900_000 + "b"),
    "a key of many parts": ("pyproject.toml", "a" + ".a" * 450_000 + " = 1\n"),
    "lists of a package": ("package.json", "[" * 900_000),
    "an owner": ("CODEOWNERS", "* @" + "a-" * 450_000 + "!\n"),
}


@pytest.mark.parametrize(("path", "text"), PROPOSED.values(), ids=list(PROPOSED))
def test_an_adoption_of_files_that_repeat_one_thing_ends(code: Path, path: str, text: str) -> None:
    (code / path).write_text(text)
    exit_code, printed, seconds = run(
        code, "adopt", ".", "--dry-run", "--data", "owner=@acme/berths"
    )

    assert exit_code == 0
    assert "tracks: applied" in printed
    assert seconds < SECONDS


DATASET = (
    "- {{id: d-{n}, uri: {path}, rows: 1, licence: MIT, card: log.md, synthetic: 0.0,\n"
    "   sha256: {digest}, split: {{kind: none, key: null, sha256: null}}}}\n"
)
ARTIFACT = (
    "- {{ref: model/m-{n}@sha256:{digest}, kind: model, path: {path}, format: json, licence: MIT,\n"
    "   card: null, datasets: [], embedder: null, stage: released, owner: '@acme/ml'}}\n"
)
COLUMN = (
    "- {{dataset: d-{n}, field: x, category: none, purpose: null, basis: null,\n"
    "   retention_days: null, redaction: none, region: null}}\n"
)
SBOM = (
    "{sbom: sbom.json, slsa_build_level: 1, secrets_max_age_days: 90,"
    " secrets_rotated_on: 2026-10-12}\n"
)


def blocks(kind: str, contents: list[str]) -> str:
    """A document with config blocks of a kind."""
    each = (f"<!-- config: {kind} -->\n```yaml\n{content}```\n\n" for content in contents)
    return f"# Notes\n\nOwner: @acme/fraud\n\n{''.join(each)}"


def entries(entry: str, path: str) -> list[str]:
    """As many entries as a document may hold, in blocks of fifty, about one file."""
    digest = "0" * 64
    lines = [entry.format(n=n, path=path, digest=digest) for n in range(3000)]
    return ["".join(lines[n : n + 50]) for n in range(0, len(lines), 50)]


def components(count: int, name: str, version: str) -> str:
    """An SBOM with as many libraries."""
    licence = [{"expression": "MIT"}]
    one = {"type": "library", "name": name, "version": version, "licenses": licence}
    return json.dumps({"bomFormat": "CycloneDX", "components": [one] * count})


NAMED = {
    "rows": (
        blocks("datasets", entries(DATASET, "data/a.jsonl")),
        {"data/a.jsonl": "{}\n" * 300_000},
    ),
    "columns": (
        blocks("datasets", entries(DATASET, "data/a.json"))
        + blocks("pii_map", entries(COLUMN, "")),
        {"data/a.json": json.dumps({"columns": list(range(130_000))})},
    ),
    "forms of JSON": (
        blocks("registry", entries(ARTIFACT, "data/a.json")),
        {"data/a.json": json.dumps(list(range(130_000)))},
    ),
    "an SBOM": (
        blocks("supply_chain", [SBOM] * 5000),
        {"sbom.json": components(9000, "a", "1"), "constraints.txt": "a==1\n" * 100_000},
    ),
    "pins": (
        blocks("supply_chain", [SBOM]),
        {
            "sbom.json": components(9000, "a", "x"),
            "constraints.txt": "".join(f"a=={n}\n" for n in range(100_000)),
        },
    ),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_file_that_many_entries_name_is_parsed_once(name: str, repository: Path) -> None:
    text, files = NAMED[name]
    for path, content in {"docs/notes.md": text, "docs/log.md": "# Log\n", **files}.items():
        (repository / path).parent.mkdir(exist_ok=True)
        (repository / path).write_text(content)
    assert max(len(content) for content in (text, *files.values())) < MEBIBYTE
    code, printed, seconds = run(repository, "check", "--no-cache", "--level", "release")
    assert code == 1, printed
    assert seconds < SECONDS / 6, printed[-1000:]


def test_many_gates_on_a_report_of_many_numbers_are_decided_soon(repository: Path) -> None:
    pack = EVAL_PACK.replace("lower95\n", "lower95\n  against: last-release\n", 1)
    first, last = pack.index("- id: auc-overall"), pack.index("- id: no-twins")
    gate = pack[first:last].replace("threshold: 0.95", "threshold: -0.5")
    gates = [gate.replace("auc-overall", f"g-{n}") for n in range(3000)]
    parts = ["".join(gates[n : n + 500]) for n in range(0, len(gates), 500)]
    text = pack[:first] + pack[last:] + blocks("gates", parts)
    assert len(text) < MEBIBYTE
    content = copy.deepcopy(REPORT)
    content["datasets"] = [
        *({"id": f"d{n}", "sha256": "0" * 64, "rows": 1} for n in range(14_000)),
        *content["datasets"],
    ]
    content["slices"] = [
        {"dataset": "wdbc", "slice": f"s{n}", "unit": "row", "n": 1} for n in range(14_000)
    ]
    other = content["results"][1]
    content["results"] = [
        *({**other, "metric": f"m{n}"} for n in range(14_000)),
        *content["results"],
    ]
    (repository / PACK).write_text(text)
    (repository / "reports/released").mkdir(parents=True)
    for path in ("reports/applied.json", "reports/released/2026-10-applied.json"):
        (repository / path).write_text(json.dumps(content))
    code, printed, seconds = run(repository, "gate", "reports/applied.json")
    assert printed.splitlines()[-1].startswith("3001 gates: "), printed[-500:]
    assert code == 1
    assert seconds < SECONDS / 6

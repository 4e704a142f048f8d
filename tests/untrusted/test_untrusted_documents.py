"""A repository under check is data: whatever lies in it, a check ends, soon and with a finding."""

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import examples
import mlcharter
from conftest import Render
from mlcharter.charter import config_entries
from mlcharter.check import engine, rule
from mlcharter.markdown import document
from mlcharter.status import progress

pytestmark = pytest.mark.hostile("content of documents and settings")

PACK = "docs/eval_pack.md"
MEMORY = 1024 * 1024 * 1024


@pytest.fixture
def repository(render: Render, tmp_path: Path) -> Path:
    root = tmp_path / "harbour"
    shutil.copytree(render(tracks=["applied"], tier="production", layout="documents"), root)
    return root


def check(root: Path, *words: str) -> tuple[int, str]:
    """Run a check as a program, with little memory and time; its exit code and what it prints."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    source = str(Path(mlcharter.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "mlcharter", "check", *words],
        cwd=root,
        env=os.environ | {"PYTHONPATH": source},
        capture_output=True,
        timeout=20,
        preexec_fn=limited,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, done.stdout.decode()


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def link_outside(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def huge(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(100 * 1024 * 1024)


def not_text(path: Path) -> None:
    path.write_bytes(b"# Pack\n\n\xff\xfe\x00")


UNREADABLE: dict[str, tuple[Callable[[Path], None], str]] = {
    "a pipe": (fifo, "is not a regular file"),
    "a device": (device, "lies outside the repository"),
    "a link out of the repository": (link_outside, "lies outside the repository"),
    "a link to itself": (loop, "can't be read"),
    "a folder": (folder, "is not a regular file"),
    "a hundred megabytes": (huge, "is larger than 1048576 bytes"),
    "no text": (not_text, "is not UTF-8"),
}


@pytest.mark.parametrize(("spoil", "message"), UNREADABLE.values(), ids=list(UNREADABLE))
@pytest.mark.parametrize("path", [PACK, ".copier-answers.yml", ".mlcharter.yml"])
def test_a_file_that_is_no_document_is_a_finding(
    repository: Path, path: str, spoil: Callable[[Path], None], message: str
) -> None:
    (repository / path).touch()
    spoil(repository / path)
    began = time.monotonic()
    code, printed = check(repository)

    assert code == 1
    assert any(line.startswith(f"{path}:") and message in line for line in printed.splitlines()), (
        printed
    )
    assert time.monotonic() - began < 10


HIDDEN = {
    "a terminal escape": ("\x1b[2J", "hidden character U+001B; remove it"),
    "a C1 control": ("\x9b2J", "hidden character U+009B; remove it"),
    "a NUL": ("\x00", "hidden character U+0000; remove it"),
    "text turned round": ("\u202egnihton", "hidden character U+202E; remove it"),
    "a list of ten thousand levels": ("- " * 10_000 + "x", "deeper than 100 levels; flatten them"),
    "quotes of a hundred thousand": (">" * 100_000 + "x", "deeper than 100 levels; flatten them"),
}


@pytest.mark.parametrize(("text", "message"), HIDDEN.values(), ids=list(HIDDEN))
def test_a_document_that_hides_something_is_a_finding(
    repository: Path, text: str, message: str
) -> None:
    line = len((repository / PACK).read_text().splitlines()) + 2
    with (repository / PACK).open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")
    code, printed = check(repository)

    assert code == 1
    assert printed.startswith(f"{PACK}:{line}:1: ")
    assert message in printed.splitlines()[0]
    assert "\x1b" not in printed


BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
)
BLOCKS = {
    "aliases that multiply": (BOMB, "anchor `&a0` is not allowed"),
    "a list as deep as the sea": ("[" * 50_000, "nested deeper than 64 levels"),
    "mappings as deep as the sea": ("{a: " * 50_000, "nested deeper than 64 levels"),
    "a tag that builds an object": ("!!python/object/apply:os.system [id]", "tag "),
    "a key twice": ("id: a\nid: b", "duplicate key `id`"),
    "very many entries": ("- a\n" * 60_000, "more than 20000 parts; "),
    "more than fits": ("#" * 300_000, "longer than 262144 characters; "),
    "a terminal escape": ("id: \x1b]0;x\x07", "U+001B is not allowed"),
    "a number without end": ("id: .inf", "is not a finite number"),
}


@pytest.mark.parametrize(("block", "message"), BLOCKS.values(), ids=list(BLOCKS))
def test_a_hostile_config_block_is_a_finding(repository: Path, block: str, message: str) -> None:
    text = f"\n<!-- config: gates -->\n```yaml\n{block}\n```\n"
    with (repository / PACK).open("a", encoding="utf-8") as file:
        file.write(text)
    code, printed = check(repository)

    assert code == 1
    assert message in printed
    assert f"{PACK}:" in printed


@pytest.mark.parametrize("block", [BOMB, "[" * 50_000, "tracks: [" + "a, " * 60_000 + "]"])
@pytest.mark.parametrize("path", [".copier-answers.yml", ".mlcharter.yml"])
def test_hostile_answers_and_settings_are_findings(repository: Path, path: str, block: str) -> None:
    (repository / path).write_text(block)
    code, printed = check(repository)

    assert code == 1
    assert printed.startswith(f"{path}:") or f"\n{path}:" in printed


SBOM = """\
--- sbom.json
{"bomFormat": "CycloneDX", "components": [{"type": "library", "name": "numpy",
 "version": "2.4.6", "licenses": [{"expression": "BSD-3-Clause"}], "hashes": HASHES}]}
--- reports/released/2026-11-installed.txt
\ufeffnumpy==2.4.6
--- versioning/registries.md
<!-- config: joint_release -->
```yaml
id: release-2
sequence: 2
previous: release-1
required: [model]
members: [model/m@sha256:ed6cf4c1e0a8e5678fde46bf2849f0acc622e5068f843f0aead9a2e332770f37]
gates: [auc]
approved_by: ["@acme/board"]
approved_on: 2026-11-23
```
--- safety/safety_checklist.md
<!-- config: supply_chain -->
```yaml
{sbom: sbom.json, slsa_build_level: 1, secrets_max_age_days: 90,
  secrets_rotated_on: 2026-10-12}
```
"""
WEIGHTS = '[{"content": "ED6CF4C1E0A8E5678FDE46BF2849F0ACC622E5068F843F0AEAD9A2E332770F37"}]'


@pytest.mark.parametrize("hashes", ["5", "true", '"x"', "[5]", '[{"content": []}]', "null"])
def test_an_sbom_whose_hashes_are_none_lacks_the_weights(tmp_path: Path, hashes: str) -> None:
    charter = examples.charter(tmp_path, SBOM.replace("HASHES", hashes))

    (found,) = engine.findings(charter, engine.load(["sbom-differs"]))

    assert found.message.startswith("the SBOM `sbom.json` lacks `model/m` of `joint_release`; ")


def test_a_list_of_what_is_installed_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    charter = examples.charter(tmp_path, SBOM.replace("HASHES", WEIGHTS))
    path = "reports/released/2026-11-installed.txt"
    fifo(tmp_path / path)

    (found,) = engine.findings(charter, engine.load(["sbom-differs"]))

    assert found.message == (
        f"the SBOM `sbom.json` can't be compared with the installed packages: `{path}` is not a "
        "regular file; replace it with one"
    )


@pytest.mark.parametrize("content", ["[" * 100_000, '{"version": 1e999}', "\udcff", "{}"])
def test_a_hostile_baseline_or_report_ends(repository: Path, content: str) -> None:
    data = content.encode(errors="surrogateescape")
    (repository / "reports").mkdir(exist_ok=True)
    (repository / "reports/applied.json").write_bytes(data)
    (repository / ".mlcharter-baseline.json").write_bytes(data)
    code, printed = check(repository)

    assert code == 1
    assert "[baseline-stale]" in printed


def test_names_and_text_cannot_move_the_cursor(repository: Path) -> None:
    strange = repository / "docs/\x1b[2J\u202e::error::\n.md"
    strange.write_text("Owner: @x\n\nOwner:\n\nSee [x](\x1b[2Jgone.md) and [y](<go\u202ene.md>).\n")
    (repository / PACK).unlink()
    for format_ in ("text", "github", "markdown", "gitlab", "sarif", "json"):
        _, printed = check(repository, "--format", format_)

        assert "\x1b" not in printed
        assert "\u202e" not in printed
        assert not [line for line in printed.splitlines() if line.startswith("::error::")]


def test_a_folder_of_documents_that_leads_outside_is_not_read(
    repository: Path, tmp_path: Path
) -> None:
    shutil.copytree(repository / "docs", tmp_path / "elsewhere")
    shutil.rmtree(repository / "docs")
    (repository / "docs").symlink_to(tmp_path / "elsewhere")
    code, printed = check(repository)

    assert code == 1
    assert f"{PACK}:1:1: lies outside the repository; keep a copy inside" in printed


def test_no_program_of_the_repository_runs(repository: Path) -> None:
    git = repository / ".git"
    git.mkdir()
    marker = repository / "ran"
    (git / "config").write_text(f"[core]\n fsmonitor = touch {marker}\n")
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    for name in ("yaml.py", "click.py", "sitecustomize.py"):
        (repository / name).write_text(f"open({str(marker)!r}, 'w')\n")
    source = str(Path(mlcharter.__file__).parents[1])
    program = "import sys; sys.path.pop(0); from mlcharter.cli import cli; cli(['check'])"
    subprocess.run(
        [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {source!r}); {program[44:]}"],
        cwd=repository,
        capture_output=True,
        timeout=20,
    )

    assert not marker.exists()


def test_ten_thousand_files_beside_the_documents_are_not_all_read(repository: Path) -> None:
    for n in range(4000):
        (repository / f"docs/{n}.md").write_text("# Notes\n")

    assert check(repository)[0] == 0


LINES = st.sampled_from(
    [
        "## Problem",
        "<!-- section: problem -->",
        "<!-- Which decision? -->",
        "Not written yet.",
        "<!-- config: gates -->",
        "<!-- config: kpis -->",
        "<!-- config: no-such -->",
        "```yaml",
        "```",
        "- id: a",
        "  threshold: .nan",
        "  waived: {until: 2026-01-01, by: '@x', reason: y}",
        "- [x] `a-b` Done. Evidence: [x](../%00) (sha256:zz)",
        "- [ ] `a-b` Open. Waived until 2026-01-01 by @x: because.",
        "- [x] `c` Done. Evidence: [x](/../../etc/passwd) [y](%2e%2e/%2e%2e/x) [z](//x)",
        "[a](<\x00>) [b](x" + "y" * 300 + ".md#z) ![](./)",
        "Owner:",
        "Reviewed: 0000-00-00",
        "| a | b |\n|---|---|",
        "",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(LINES, st.text(max_size=12)), max_size=25))
def test_every_rule_ends_on_every_document(lines: list[str]) -> None:
    """Found by this test: a link with a NUL, and one longer than a file name may be."""
    import tempfile

    text = "\n".join(lines).encode(errors="replace").decode()
    with tempfile.TemporaryDirectory() as folder:
        charter = examples.charter(Path(folder), f"--- docs/x.md\n{text}\n", examples.FIRST)
        found = engine.findings(charter, engine.load(rule.names()))
        stands = progress.measure(charter)

    assert found == sorted(found)
    assert all(0 <= document.all.done <= document.all.of for document in stands.documents)
    assert all(finding.line >= 1 and finding.column >= 1 for finding in found)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "metric", "waived", "steps", "é"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(config_entries.kinds()), value=VALUES)
def test_any_value_is_read_or_refused_with_a_reason(kind: str, value: object) -> None:
    import json

    block = json.dumps(value)
    text = f"<!-- config: {kind} -->\n```yaml\n{block}\n```\n"
    (config,) = document.parse(text, PACK).configs
    read = config_entries.read(config)

    if config.problem is None and not read.blank:
        assert read.entries or read.problems or config.value == []
    for finding in read.problems:
        assert "; " in finding.message
        assert 1 <= finding.line <= 5

"""A report is stale if its inputs have changed since the eval ran."""

import copy
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from test_gate import EVAL_PACK, REPORT

from conftest import ROOT, TRACKS, Render
from mlcharter.cli import cli
from mlcharter.evals import METHODS
from mlcharter.formats import report
from mlcharter.gate import inputs
from mlcharter.support.files import Folder

OPE = "<!-- config: ope -->\n```yaml\nlog: wdbc\n```\n"
PACKAGE = "src/harbour_watch"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a fresh report of two files and one config block; the working directory."""
    files = {
        "docs/eval_pack.md": EVAL_PACK,
        "ops/service.md": OPE.replace("ope", "golden_rule"),
        "evals/applied.py": "SEED = 7\n",
        f"{PACKAGE}/models.py": "C = 1.0\n",
        ".copier-answers.yml": "layout: full\n",
        "constraints.txt": "numpy==2.4.6 ; python_version < '3.12'\nnumpy==2.5.5\nruff==0.17.6\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    content = copy.deepcopy(REPORT)
    content["run"]["packages"] = {"numpy": "2.4.6"}
    block = "log: wdbc\n"
    content["inputs"] = {
        "patterns": ["evals/*.py", "src/**/*.py"],
        "files": {path: sha256(files[path]) for path in files if path.endswith(".py")},
        "blocks": [{"document": "ops/service.md", "kind": "golden_rule", "sha256": sha256(block)}],
    }
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/applied.json").write_text(json.dumps(content))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def gate(path: str = "reports/applied.json") -> tuple[int, set[tuple[str, str]]]:
    """The exit code, and each reason with its explanation."""
    done = CliRunner().invoke(cli, ["gate", "--format", "json", path])
    assert done.stdout, done.stderr or done.exception
    return done.exit_code, {(v["reason"], v["why"]) for v in json.loads(done.output)["verdicts"]}


def append(path: str, text: str) -> Callable[[], None]:
    def change() -> None:
        with Path(path).open("a") as file:
            file.write(text)

    return change


def rewrite(change: Callable[[dict[str, Any]], Any]) -> Callable[[], None]:
    def write() -> None:
        path = Path("reports/applied.json")
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return write


RUN = "; run `make eval`"
STALE: dict[str, tuple[Callable[[], object], str]] = {
    "code": (
        append(f"{PACKAGE}/models.py", "C = 2.0\n"),
        f"`{PACKAGE}/models.py` changed since the eval ran{RUN}",
    ),
    "a new file": (
        append(f"{PACKAGE}/extra.py", ""),
        f"`{PACKAGE}/extra.py` was added since the eval ran{RUN}",
    ),
    "a file that is gone": (
        lambda: Path(f"{PACKAGE}/models.py").unlink(),
        f"`{PACKAGE}/models.py` was deleted since the eval ran{RUN}",
    ),
    "a link out of the repository": (
        lambda: (Path("evals/applied.py").unlink(), Path("evals/applied.py").symlink_to(__file__)),
        f"`evals/applied.py` lies outside the repository{RUN}",
    ),
    "several": (
        lambda: [append(path, "#\n")() for path in ("evals/applied.py", f"{PACKAGE}/models.py")],
        f"`evals/applied.py` changed since the eval ran (1 more){RUN}",
    ),
    "a config block": (
        lambda: Path("ops/service.md").write_text(OPE.replace("ope", "golden_rule") * 2),
        "the config block `golden_rule` of `ops/service.md` changed since the eval ran" + RUN,
    ),
    "a config block that is gone": (
        lambda: Path("ops/service.md").write_text("# Service\n"),
        "the config block `golden_rule` of `ops/service.md` was deleted since the eval ran" + RUN,
    ),
    "a document that is gone": (
        lambda: Path("ops/service.md").unlink(),
        "the config block `golden_rule` of `ops/service.md` is missing: the document can't be "
        f"read: no such file or directory{RUN}",
    ),
    "another version of a package": (
        lambda: Path("constraints.txt").write_text("NumPy==2.5.5\n"),
        "the eval ran with numpy 2.4.6, but `constraints.txt` pins 2.5.5; run `make setup eval`",
    ),
    "no inputs at all": (
        rewrite(lambda content: content.pop("inputs")),
        f"it has no `inputs`, so it cannot be checked{RUN}",
    ),
}


@pytest.mark.field(1, "a report whose inputs have changed")
@pytest.mark.parametrize(("change", "why"), STALE.values(), ids=STALE.keys())
def test_a_stale_report_fails_every_gate(
    repository: Path, change: Callable[[], object], why: str
) -> None:
    assert gate() == (
        0,
        {
            ("holds", "auc on wdbc, slice all, n 171"),
            ("holds", "twins on wdbc, slice all, n 569"),
        },
    )
    change()
    assert gate() == (1, {("stale", f"reports/applied.json is stale: {why}")})


FRESH: dict[str, Callable[[], object]] = {
    "another threshold": lambda: Path("docs/eval_pack.md").write_text(
        EVAL_PACK.replace("threshold: 0.95", "threshold: 0.94")
    ),
    "line ends as Windows has them": lambda: [
        Path(path).write_bytes(Path(path).read_bytes().replace(b"\n", b"\r\n"))
        for path in ("evals/applied.py", f"{PACKAGE}/models.py", "ops/service.md")
    ],
    "a package that the eval does not name": append("constraints.txt", "scipy==1.0\n"),
    "files that no pattern means": append(f"{PACKAGE}/notes.txt", "later\n"),
    "hidden files and caches": lambda: [
        (Path(folder).mkdir(), append(f"{folder}/x.py", "")())
        for folder in (f"{PACKAGE}/.cache", f"{PACKAGE}/__pycache__")
    ],
    "no pins to compare with": lambda: Path("constraints.txt").unlink(),
    "another commit": rewrite(lambda content: content["run"].update(commit="1" * 40)),
}


@pytest.mark.field(1, "a change that is no input: thresholds, commits")
@pytest.mark.parametrize("change", FRESH.values(), ids=FRESH.keys())
def test_a_change_that_is_no_input_does_not_make_a_report_stale(
    repository: Path, change: Callable[[], object]
) -> None:
    change()
    assert gate()[0] == 0


@pytest.mark.field(1, "released reports are exempt")
def test_a_report_of_other_instruments_than_this_mlcharter_has_is_stale(repository: Path) -> None:
    rewrite(lambda content: content.update(methods=METHODS | {"gone": "3"}))()
    assert gate()[0] == 0

    rewrite(lambda content: content.update(methods=METHODS | {"bca": "0"}))()

    why = "it was measured with `bca` 0, and this mlcharter has 1; run `make eval`"
    assert gate() == (1, {("stale", f"reports/applied.json is stale: {why}")})


def test_a_released_report_is_never_stale(repository: Path) -> None:
    place = "reports/released/2026-11-applied.json"
    append("evals/applied.py", "#\n")()
    Path(place).parent.mkdir(parents=True)
    Path("reports/applied.json").rename(place)
    assert gate(place)[0] == 0


@pytest.mark.parametrize("place", ["applied.json", "tests/applied.json", "reports/x/applied.json"])
def test_a_report_in_any_other_folder_can_be_stale(repository: Path, place: str) -> None:
    append("evals/applied.py", "#\n")()
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    Path("reports/applied.json").rename(place)
    assert gate(place)[0] == 1


@pytest.mark.parametrize(
    "pattern", ["../x", "/etc/*", "a/../b", "src/**", "**/a/**/b", "a//b", "", ".", "a\\b", "a b"]
)
def test_a_pattern_that_leads_out_or_matches_everything_is_refused(
    repository: Path, pattern: str
) -> None:
    rewrite(lambda content: content["inputs"]["patterns"].append(pattern))()
    done = CliRunner().invoke(cli, ["gate", "reports/applied.json"])
    assert done.exit_code == 2
    assert "`inputs.patterns[3]`; give a pattern from the top of the repository" in done.output


def test_inputs_without_a_file_are_refused(repository: Path) -> None:
    rewrite(lambda content: content["inputs"].update(files={}))()
    assert CliRunner().invoke(cli, ["gate", "reports/applied.json"]).exit_code == 2


def test_too_many_files_to_search_make_a_report_stale(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "MAX_ENTRIES", 3)
    reason = (
        "reports/applied.json is stale: its patterns search more than 3 files; "
        f"use a manifest of the data instead{RUN}"
    )
    assert gate() == (1, {("stale", reason)})


# The library that writes the digests


@pytest.fixture
def emitted(repository: Path) -> Path:
    """The same repository with another module, which the eval imports."""
    (repository / "src/other.py").touch()
    return repository


READ = """
import json
from pathlib import Path
from mlcharter.evals.inputs import Inputs
import other
read = Inputs.read({patterns}, [("ops/service.md", "golden_rule")])
{between}
print(json.dumps(read.content()))
"""


def run_python(root: Path, code: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)


@pytest.mark.field(1, "the digest that an eval writes and the one that `gate` computes")
def test_an_eval_and_gate_compute_the_same_digests(emitted: Path) -> None:
    for path in ("data/a.csv", "data/deep/er/b.csv", "data/.hidden.csv", "data/deep/c d.csv"):
        (emitted / path).parent.mkdir(parents=True, exist_ok=True)
        (emitted / path).write_bytes(b"1\r\n2\n")
    (emitted / "data/binary.csv").write_bytes(b"\0\r\n")
    patterns = ["data/**/*.csv", "evals/*.py", "src/**/*.py", "data/[ab].csv", "constraints.txt"]
    done = run_python(emitted, READ.format(patterns=patterns, between=""))

    assert done.returncode == 0, done.stderr
    content = json.loads(done.stdout)
    assert [path for path in content["files"] if path.startswith("data/")] == [
        "data/a.csv",
        "data/binary.csv",
        "data/deep/c d.csv",
        "data/deep/er/b.csv",
    ]
    rewrite(lambda old: old.update(inputs=content))()
    read = report.read("reports/applied.json", Folder(emitted))
    assert read.inputs is not None
    assert list(inputs.find_changes(read.inputs, Folder(emitted))) == []


@pytest.mark.parametrize(
    ("patterns", "between", "error"),
    [
        (["src/harbour_watch/*.py"], "", "name src/other.py among the inputs of the eval"),
        (
            ["src/**/*.py"],
            "Path('src/other.py').write_text('#')",
            "an input of the eval changed while it ran; run it again",
        ),
        (
            ["src/**/*.py"],
            "Path('ops/service.md').write_text('#')",
            "ops/service.md has no config block of kind golden_rule",
        ),
    ],
)
def test_an_eval_with_other_inputs_than_it_lists_writes_no_report(
    emitted: Path, patterns: list[str], between: str, error: str
) -> None:
    done = run_python(emitted, READ.format(patterns=patterns, between=between))
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, f"ValueError: {error}")


# A repository before its first run


def make_gate(root: Path, *arguments: str) -> tuple[int, str]:
    command = ["make", "--silent", "gate", "RUN=true", "MLCHARTER=echo", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    return done.returncode, done.stdout


@pytest.mark.field(1, "`make gate` before the first eval")
def test_without_a_report_mlcharter_decides_and_the_commit_hook_passes(
    tmp_path: Path,
) -> None:
    (tmp_path / "Makefile").write_bytes((ROOT / "template/project/Makefile").read_bytes())
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals/applied.py").touch()
    output = "No report yet; run `make eval`.\n"

    assert make_gate(tmp_path) == (0, "gate --\n")  # "run `make eval`", or "no gates yet"
    assert make_gate(tmp_path, "HOOK=1") == (0, output)
    hooks = (ROOT / "template/project/.pre-commit-config.yaml.jinja").read_text(encoding="utf-8")
    assert "entry: make gate HOOK=1\n" in hooks

    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/applied.json").touch()
    assert make_gate(tmp_path) == (0, "gate -- reports/applied.json\n")
    assert make_gate(tmp_path, "HOOK=1") == (0, "gate --format short -- reports/applied.json\n")


@pytest.mark.field(1, "no report in a new repository")
def test_a_new_repository_has_no_report(render: Render) -> None:
    root = render(tracks=list(TRACKS), rl_setting="several-agents")
    assert not (root / "reports").exists()
    assert sorted(path.name for path in (root / "evals").glob("[!_]*.py")) == [
        "agents.py",
        *(f"{track}.py" for track in sorted(TRACKS)),
    ]

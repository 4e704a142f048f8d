"""`make examples` renders, evaluates and proves the examples, and writes back what they keep."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from checkout import in_git
from conftest import ROOT, Render
from mlcharter.update.merging import trees

sys.path.insert(0, str(ROOT / "hooks"))

import run_examples as making

NAMES = making.list_names()
# What a team wrote in the folders of which an example keeps every file of the template.
WRITTEN = {
    "applied": {"data/northbank_2026.manifest.json", "src/biopsy_triage/worklist.py"},
    "platform": {"src/slip_reader/capacity.py"},
    "rag": {"data/agents_2026.manifest.json", "src/harbour_answers/desk.py"},
    "rl": {
        "data/quay_3_2026.manifest.json",
        "src/quay_dispatch/rl/cell-encoder.json",
        *(f"src/quay_dispatch/{name}.py" for name in ("digests", "dispatcher", "rewards")),
    },
}


def rendered(render: Render, name: str) -> dict[str, trees.File]:
    answers = (making.EXAMPLES / name / making.ANSWERS).read_text(encoding="utf-8")
    return trees.read_tree(render(**yaml.safe_load(answers)))


@pytest.mark.parametrize("name", NAMES)
def test_what_an_example_keeps_of_the_template_is_as_rendered(render: Render, name: str) -> None:
    """If it fails, run `make examples`: the template has changed."""
    differing = [
        path
        for path, file in rendered(render, name).items()
        if making.is_kept(name, path) and not making.is_document(path)
        if trees.read_file(making.EXAMPLES / name / path) != file
    ]
    assert differing == []


@pytest.mark.parametrize("name", NAMES)
def test_a_team_has_written_only_what_is_listed(render: Render, name: str) -> None:
    emitted = rendered(render, name).keys()
    kept = {path.removeprefix(f"examples/{name}/") for path in in_git(f"examples/{name}")}

    assert {p for p in kept - emitted if p.startswith(making.CODE)} == WRITTEN[name]


@pytest.mark.parametrize("name", NAMES)
def test_that_gates_can_fail_is_proven_and_not_waived(name: str) -> None:
    pack = (making.EXAMPLES / name / "docs/eval_pack.md").read_text(encoding="utf-8")
    [line] = [line for line in pack.splitlines() if "`gates-can-fail`" in line]
    digest = hashlib.sha256((making.EXAMPLES / name / "proofs.json").read_bytes()).hexdigest()

    assert line.startswith("- [x] ")
    assert f"Evidence: [proofs](../proofs.json) (sha256:{digest[:16]})." in line


def test_a_change_of_the_template_reaches_a_filled_document(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(making, "EXAMPLES", tmp_path)
    pack = tmp_path / "applied/docs/eval_pack.md"
    pack.parent.mkdir(parents=True)
    asks = "# Pack\n\n## Datasets\n<!-- section: datasets -->\n\n> {}? <!-- guidance -->\n\n"
    pack.write_text(asks.format("Which rows") + "Ours.\n")
    base, theirs = (
        {"docs/eval_pack.md": trees.File(f"{asks.format(text)}Not written yet.\n".encode())}
        for text in ("Which rows", "Which rows decide")
    )

    assert making.merge("applied", base, theirs) == []
    assert pack.read_text() == asks.format("Which rows decide") + "Ours.\n"


def test_digests_and_the_log_follow_a_changed_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(making, "sign", lambda root: None)
    releases = tmp_path / "versioning/releases"
    releases.mkdir(parents=True)
    old, new = (hashlib.sha256(content).hexdigest() for content in (b"1", b"2"))
    (tmp_path / "model.json").write_bytes(b"1")
    (releases / "r1.json").write_text(f'{{"members": ["model/m@sha256:{old}"]}}')
    (releases / "log.jsonl").write_text('{"before": "", "manifest": "", "release": "r1"}\n')
    (tmp_path / "card.md").write_text(f"See [it](model.json) (sha256:{old[:16]}).\n")
    before = making.read_texts(tmp_path)
    (tmp_path / "model.json").write_bytes(b"2")

    making.follow(tmp_path, before, {})

    manifest = (releases / "r1.json").read_text()
    assert manifest == f'{{"members": ["model/m@sha256:{new}"]}}'
    assert (tmp_path / "card.md").read_text() == f"See [it](model.json) (sha256:{new[:16]}).\n"
    assert json.loads((releases / "log.jsonl").read_text()) == {
        "before": "0" * 64,
        "manifest": hashlib.sha256(manifest.encode()).hexdigest(),
        "release": "r1",
    }


def test_figures_are_written_again_from_what_was_measured(tmp_path: Path) -> None:
    root, work = tmp_path / "examples/one", tmp_path / "work"
    for folder in (root / "evidence", root / "reports/released", root / "versioning/releases"):
        folder.mkdir(parents=True)
    (root / "versioning/releases/log.jsonl").write_text("")
    (root / "reports/released/2026-11-platform.json").write_text("41")
    (root / "evidence/figures.py").write_text(
        "from pathlib import Path\n"
        "found = Path('reports/released/2026-11-platform.json').read_text()\n"
        "Path('evidence/figures.json').write_text(found)\n"
        "Path('README.md').write_text(f'It was {found}.')\n"
    )
    (root / "evidence/figures.json").write_text("40")
    old, new = (hashlib.sha256(content).hexdigest()[:16] for content in (b"40", b"41"))
    (root / "card.md").write_text(f"[figures](evidence/figures.json) (sha256:{old})")
    (root / "README.md").write_text("It was 40.")
    shutil.copytree(root, work)
    (work / ".venv/bin").mkdir(parents=True)
    (work / ".venv/bin/python").symlink_to(sys.executable)

    making.compute_figures(work, root, making.read_texts(root))

    assert (root / "README.md").read_text() == "It was 41."
    assert (root / "evidence/figures.json").read_text() == "41"
    assert (root / "card.md").read_text() == f"[figures](evidence/figures.json) (sha256:{new})"


def test_a_report_that_differs_by_rounding_is_not_another_one() -> None:
    result = {"metric": "auc", "value": 0.987654, "n": 204, "interval": None}

    assert making.is_close([result], [result | {"value": 0.987655}])
    assert not making.is_close([result], [result | {"value": 0.98766}])
    assert not making.is_close([result], [result | {"n": 205}])
    assert not making.is_close([result], [result, result])


def test_of_a_test_run_only_what_two_runs_share_is_kept() -> None:
    junit = (
        b'<testsuites><testsuite name="pytest" time="0.2" timestamp="now" hostname="ada">'
        b'<properties><property name="took" value="1"/></properties>'
        b'<testcase classname="tests.test_a" name="test_b" time="0.1">'
        b'<skipped message="no onnx">/home/ada/test_a.py:3: no onnx</skipped></testcase>'
        b"</testsuite></testsuites>"
    )

    assert making.without_times(junit).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<testsuites>\n<testsuite name="pytest">\n'
        '<testcase classname="tests.test_a" name="test_b">\n<skipped message="no onnx" />\n'
        "</testcase>\n</testsuite>\n</testsuites>\n"
    )


@pytest.mark.journey
def test_make_examples_changes_nothing(tmp_path: Path) -> None:
    """In a clone, so that nothing is written here."""
    clone = tmp_path / "checkout"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    for path in in_git():
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, clone / path)
    for words in (("add", "--all"), ("commit", "-q", "--allow-empty", "-m", "As it is here")):
        subprocess.run(["git", *words], cwd=clone, check=True)

    done = subprocess.run(
        [sys.executable, "hooks/run_examples.py"], cwd=clone, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    changed = subprocess.run(["git", "diff"], cwd=clone, capture_output=True, text=True, check=True)
    assert changed.stdout == ""

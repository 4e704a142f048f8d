"""`mlcharter starter`: what is left of the system that ships, and how it goes."""

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlcharter.cli import cli


def mlcharter(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def system(tmp_path: Path) -> Path:
    root = tmp_path / "harbour-watch"
    return create(root, "applied")


def create(root: Path, track: str) -> Path:
    made = mlcharter("new", root, "--defaults", "--track", track)
    assert made.exit_code == 0, made.output
    return root


def test_a_new_repository_lists_what_is_the_starters(system: Path) -> None:
    listed = mlcharter("starter", "list", system)

    assert listed.exit_code == 0, listed.output
    assert "files with a part of the starter" in listed.output
    assert "  docs/eval_pack.md\n" in listed.output
    assert "  the starter system is still here\n" in listed.output
    assert git(system, "status", "--porcelain") == ""


def test_without_the_starter_nobody_has_decided_on_the_gates_of_the_service(tmp_path: Path) -> None:
    system = create(tmp_path / "harbour-watch", "platform")
    pack = system / "docs/eval_pack.md"
    decided = pack.read_text().count("decided_on: 2026-11-25\n")

    assert mlcharter("starter", "remove", system).exit_code == 0

    judged = mlcharter("diff", "HEAD", "-C", system)
    assert "\nnothing weakens the charter\n" in judged.output, judged.output
    left = pack.read_text()
    assert "decided_on: 2026" not in left
    service = decided - 1  # all but the gate on the digit reader, which is gone
    assert (service, left.count("decided_on: null\n")) == (16, 16)
    checked = mlcharter("check", system).output
    assert f" {service} gate-undecided, " in checked


def test_a_removal_takes_no_decision_of_the_team_back(tmp_path: Path) -> None:
    """The gate has another threshold than the template's, so somebody decided on it."""
    system = create(tmp_path / "harbour-watch", "platform")
    pack = system / "docs/eval_pack.md"
    shipped = pack.read_text()
    gate = shipped[shipped.index("- id: queue-cap\n") :]
    threshold = next(line for line in gate.splitlines() if "threshold: " in line)
    own = gate.replace(threshold, "  threshold: 0.5", 1)
    pack.write_text(shipped.replace(gate, own))
    git(system, "commit", "-qam", "Decide on the cap of the queue")
    pack.write_text(pack.read_text().replace(own, gate.replace("2026-11-25", "null", 1), 1))
    answers = system / ".copier-answers.yml"
    answers.write_text(answers.read_text().replace("starter: true", "starter: false"))

    judged = mlcharter("diff", "HEAD", "-C", system)

    assert judged.exit_code == 1
    assert 'weakens: gates "queue-cap" decided_on: removed: 2026-11-25' in judged.output


# A dataset that only the starter of a track has.
OWN = {"applied": "wdbc", "platform": "digits", "rag": "questions", "rl": "decision-log"}


def test_a_service_without_its_starter_has_no_empty_block_and_no_word_of_the_pictures(
    tmp_path: Path,
) -> None:
    system = create(tmp_path / "harbour-watch", "platform")

    assert mlcharter("starter", "remove", system).exit_code == 0

    pack = (system / "docs/eval_pack.md").read_text()
    for kind in ("datasets", "metrics", "gates", "slices"):
        assert pack.count(f"<!-- config: {kind} -->") == 1, kind
    assert "- id: null" not in pack
    pages = list(system.rglob("*.md"))
    about = re.compile("digit reader|pictures")
    assert [path.name for path in pages if about.search(path.read_text())] == []


@pytest.mark.parametrize("track", OWN)
def test_after_a_removal_nothing_is_left_and_no_update_brings_it_back(
    tmp_path: Path, track: str
) -> None:
    system = create(tmp_path / "harbour-watch", track)
    listed = mlcharter("starter", "list", system)
    assert f'  `datasets` "{OWN[track]}" is about the starter\n' in listed.output

    removed = mlcharter("starter", "remove", system)
    assert removed.exit_code == 0, removed.output
    assert "starter: false\n" in (system / ".copier-answers.yml").read_text()
    git(system, "commit", "-qam", "Remove the starter")

    assert f"id: {OWN[track]}\n" not in (system / "docs/eval_pack.md").read_text()
    assert mlcharter("starter", "list", system).output == "nothing is left of the starter\n"
    assert "nothing to do" in mlcharter("update", system, "--to", "current", "--defaults").output
    checked = mlcharter("check", system, "--level", "draft")
    assert checked.exit_code == 0, checked.output


def test_a_dry_run_and_a_patch_write_nothing(system: Path) -> None:
    for option in ("--dry-run", "--diff"):
        shown = mlcharter("starter", "remove", option, system)
        assert (shown.exit_code, git(system, "status", "--porcelain")) == (0, "")
    assert "-starter: true\n+starter: false\n" in shown.output


def test_a_removal_keeps_what_the_team_wrote(system: Path) -> None:
    pack = system / "docs/eval_pack.md"
    pack.write_text(pack.read_text().replace("Reviewed:", "Reviewed: 2026-11-30", 1))
    git(system, "commit", "-qam", "Review the evaluation pack")

    removed = mlcharter("starter", "remove", system)

    assert removed.exit_code == 0, removed.output
    assert "Reviewed: 2026-11-30\n" in pack.read_text()


def test_a_removal_keeps_code_and_data_of_the_team(tmp_path: Path) -> None:
    system = create(tmp_path / "harbour-watch", "rl")
    own = {"data/log.csv": "episode,action\n", "src/harbour_watch/rl/policy.py": "ACTIONS = ()\n"}
    for path, text in own.items():
        (system / path).write_text(text)
    git(system, "commit", "-qam", "Bring our own policy and its log")

    removed = mlcharter("starter", "remove", system)

    assert removed.exit_code == 0, removed.output
    assert {path: (system / path).read_text() for path in own} == own
    assert not (system / "src/harbour_watch/rl/simulator.py").exists()
    assert git(system, "diff", "--name-only", "--diff-filter=U") == ""


def test_a_removed_mark_of_the_starter_is_no_removed_guidance(system: Path) -> None:
    removed = mlcharter("starter", "remove", system)

    assert removed.exit_code == 0, removed.output
    assert "docs/eval_pack.md" in removed.output
    assert "guidance" not in removed.output


def test_a_dirty_file_refuses_a_removal(system: Path) -> None:
    pack = system / "docs/eval_pack.md"
    pack.write_text(pack.read_text() + "\nA line.\n")

    refused = mlcharter("starter", "remove", system)

    assert refused.exit_code == 2
    assert refused.output == (
        "error: there are uncommitted changes: docs/eval_pack.md\n  hint: commit or stash them\n"
    )


def test_outside_of_a_charter_the_way_in_is_named(tmp_path: Path) -> None:
    for command, way in (("list", "`mlcharter new`"), ("remove", "`git init`")):
        refused = mlcharter("starter", command, tmp_path)
        assert (refused.exit_code, way in refused.output) == (2, True)

"""Every command in a message exists, in every layout of a repository."""

import re
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import mlcharter
from conftest import TRACKS, Render
from mlcharter.cli import cli
from mlcharter.template import history

# history.py names a target of this project's own Makefile, which users do not see.
SOURCES = sorted({*Path(mlcharter.__file__).parent.rglob("*.py")} - {Path(history.__file__)})
OFFERED = re.compile(r"`((?:make|mlcharter) [\w-][^`\n\"…]*)`")
STRICT = "locked: true\nlevel: complete\nreview_days: 1\nwaiver_days: 1\ntier: critical\n"


def offered(text: str) -> set[str]:
    """Return the commands in backticks, joined if a string of the source is split."""
    return set(OFFERED.findall(re.sub(r'"\n\s*f?"', "", text)))


COMMANDS = sorted({command for path in SOURCES for command in offered(path.read_text("utf-8"))})


def missing(command: str, root: Path) -> str | None:
    """Return which part of a command does not exist in the repository at `root`; None if all do."""
    program, *words = command.split()
    if program == "make":
        targets = [word for word in words if re.fullmatch(r"[a-z-]+", word)]
        done = subprocess.run(["make", "-n", *targets], cwd=root, capture_output=True, text=True)
        return done.stderr or None
    if words[0].startswith(("-", "{")):
        return None
    known: click.Command | None = cli
    while isinstance(known, click.Group) and words and words[0][:1] != "-":
        name = words.pop(0)
        known = known.get_command(click.Context(known), name)
        if known is None:
            return f"no command {name}"
    assert known is not None
    options = {
        "--help",
        *(
            option
            for parameter in known.get_params(click.Context(known))
            for option in parameter.opts
        ),
    }
    return next((word for word in words if word[:2] == "--" and word not in options), None)


@pytest.mark.field(4, "each command that a message names")
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_in_a_message_exists(command: str, render: Render) -> None:
    assert missing(command, render(tracks=list(TRACKS))) is None


@pytest.fixture(params=["full", "documents"])
def system(request: pytest.FixtureRequest, render: Render, tmp_path: Path) -> Path:
    """Provide a new repository of each layout, with a strict standard."""
    given = render(tracks=list(TRACKS), layout=request.param)
    root = tmp_path / "system"
    subprocess.run(["cp", "-R", str(given), str(root)], check=True)
    (root / "org.yml").write_text(STRICT)
    settings = (root / ".mlcharter.yml").read_text(encoding="utf-8")
    (root / ".mlcharter.yml").write_text(f"{settings}extends: org.yml\n", encoding="utf-8")
    return root


@pytest.mark.field(4, "a new repository under a strict organisation's file")
def test_a_new_repository_has_no_findings_at_draft_under_any_standard(system: Path) -> None:
    done = CliRunner().invoke(cli, ["check", "--level", "draft", str(system)])
    assert done.exit_code == 0, done.output


@pytest.mark.field(4, "the level that an organisation locks, in a new repository")
def test_the_settings_of_the_template_do_not_weaken_a_locked_standard(
    system: Path,
) -> None:
    done = CliRunner().invoke(cli, ["check", str(system)])
    rules = set(re.findall(r"\[([a-z-]+)\]$", done.output, re.M))
    waiting = {"section-unfilled", "config-unfilled", "field-empty"}
    waiting |= {"starter-left", "proof-missing", "tier-too-low"}
    assert rules <= waiting, done.output


@pytest.mark.field(4, "the commands that a new repository is told")
def test_every_command_in_the_messages_of_a_new_repository_exists(
    system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(system)
    words = (["check", "--level", "release"], ["status"], ["gate", "reports/*.json"], ["gate"])
    told = {c for w in words for c in offered(CliRunner().invoke(cli, list(w)).output)}
    assert told
    assert {command: missing(command, system) for command in told} == dict.fromkeys(told)

"""The command line: help without heavy imports, suggestions, error messages."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

import mlcharter
from mlcharter import cli as module
from mlcharter.cli import cli
from mlcharter.support import plugins
from mlcharter.support.errors import UserError

SOURCE = Path(mlcharter.__file__).parents[1]
HEAVY = {"copier", "jinja2", "yaml", "msgspec", "ruamel", "questionary", "subprocess"}


def run(*args: str, code: str | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *(("-c", code) if code else ("-m", "mlcharter")), *args]
    environment = os.environ | {"PYTHONPATH": str(SOURCE)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import json, sys\n"
        "from mlcharter.__main__ import main\n"
        "try:\n    main()\n"
        "finally:\n    print(json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
    )
    done = run("--help", code=code)
    imported = set(json.loads(done.stderr))

    assert "Every day:" in done.stdout and "gate" in done.stdout
    assert not imported & HEAVY
    assert not [name for name in imported if name.startswith("mlcharter.commands.")]


def test_help_shows_each_command_with_the_first_line_of_its_docstring() -> None:
    shown = CliRunner().invoke(cli, ["--help"], terminal_width=300).output

    for name in plugins.names("mlcharter.commands"):
        command = plugins.load_one("mlcharter.commands", name)
        summary = (command.__doc__ or "").partition("\n")[0]
        assert summary.endswith("."), f"{name}: the first line of a docstring is a sentence"
        is_listed = re.search(rf"^  {name} +{re.escape(summary)}$", shown, re.M) is not None
        assert is_listed == (command.SECTION in module.SECTIONS), name


def test_every_command_has_its_own_help() -> None:
    for name in plugins.names("mlcharter.commands"):
        result = CliRunner().invoke(cli, [name, "-h"])
        assert (result.exit_code, result.output.startswith(f"Usage: cli {name} ")) == (0, True)


@pytest.mark.field(24, "`mlcharter help`")
def test_help_is_also_a_command() -> None:
    assert run("help").stdout == run("--help").stdout
    for name in plugins.names("mlcharter.commands"):
        assert run("help", name).stdout == run(name, "--help").stdout
    assert run("help", "gat").stderr.endswith("Error: no command `gat`; did you mean `gate`?\n")
    assert run("help", "gat").returncode == 2


@pytest.mark.field(24, "the choices in `new --help`")
@pytest.mark.parametrize("name", ["new", "adopt", "update"])
def test_help_shows_the_choices_of_tracks_and_tiers(name: str) -> None:
    shown = run(name, "--help").stdout

    assert "--track [applied|platform|rag|rl]\n" in shown
    assert "--tier [prototype|production|critical]\n" in shown


def test_the_version_is_printed() -> None:
    shown = f"mlcharter {mlcharter.__version__}\ntemplate of {SOURCE.parent}, as it is there\n"
    assert run("--version").stdout == shown


def test_a_mistyped_command_gets_the_nearest_as_a_hint() -> None:
    done = run("gat")

    assert done.stderr.endswith("Error: no command `gat`; did you mean `gate`?\n")
    assert done.returncode == 2


def test_an_unknown_command_gets_the_list_of_commands() -> None:
    done = run("xyzzy")

    assert "no command `xyzzy`; there are " in done.stderr and "gate" in done.stderr
    assert done.returncode == 2


@pytest.fixture
def raises(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Provide a function that makes the command `gate` raise an error."""

    def install(error: BaseException) -> None:
        @click.command()
        def command() -> None:
            raise error

        fake = SimpleNamespace(
            names=lambda package: ["gate"], load_one=lambda *_: SimpleNamespace(command=command)
        )
        monkeypatch.setattr(module, "plugins", fake)

    return install


def test_a_user_error_is_a_message_and_a_hint(raises) -> None:  # type: ignore[no-untyped-def]
    raises(UserError("no such\n::error::thing", "type \x1b[2J it again"))
    result = CliRunner().invoke(cli, ["gate"])

    assert result.stderr == ("error: no such\\n::error::thing\n  hint: type \\x1b[2J it again\n")
    assert result.stdout == ""
    assert result.exit_code == 2


def test_a_bug_keeps_its_traceback(raises) -> None:  # type: ignore[no-untyped-def]
    raises(KeyError("bug"))
    result = CliRunner().invoke(cli, ["gate"])

    assert isinstance(result.exception, KeyError)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_ctrl_c_exits_130(raises, error: BaseException) -> None:  # type: ignore[no-untyped-def]
    raises(error)
    result = CliRunner().invoke(cli, ["gate"])

    assert (result.stderr, result.exit_code) == ("interrupted\n", 130)


def test_a_character_that_the_terminal_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "latin-1")
    done = run("explain", "gates-can-fail")

    assert "\n    - [x] `gates-can-fail` \\u2026 Evidence: " in done.stdout
    assert (done.stderr, done.returncode) == ("", 0)


PRINTING = (
    "import click, sys\n"
    "from types import SimpleNamespace\n"
    "from mlcharter import cli\n"
    "@click.command()\n"
    "def command():\n"
    "    while True:\n"
    "        click.echo('x' * 1000)\n"
    "cli.plugins = SimpleNamespace(\n"
    "    names=lambda _: ['gate'], load_one=lambda *_: SimpleNamespace(command=command))\n"
    "cli.cli(prog_name='mlcharter')\n"
)


def test_a_closed_pipe_ends_the_program_quietly() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PRINTING, "gate"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    complaint = process.stderr.read()
    process.stderr.close()

    assert (process.wait(), complaint) == (141, b"")


def test_an_interrupt_from_outside_ends_the_program_quietly() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PRINTING, "gate"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=30)

    assert (process.returncode, complaint) == (130, b"interrupted\n")

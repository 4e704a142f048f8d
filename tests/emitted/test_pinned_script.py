"""tools/charter.py, which every repository carries, runs the version that the repository names."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from conftest import ROOT

SCRIPT = ROOT / "template/project/tools/charter.py"
SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def script(tmp_path: Path) -> ModuleType:
    """The script, in a repository of its own."""
    place = tmp_path / "tools" / "charter.py"
    place.parent.mkdir()
    place.write_bytes(SCRIPT.read_bytes())
    spec = importlib.util.spec_from_file_location("charter", place)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("source", "commit", "expected"),
    [
        ("gh:acme/charter", "v1.2.0", "git+https://github.com/acme/charter.git@v1.2.0"),
        ("gl:acme/charter.git", SHA, f"git+https://gitlab.com/acme/charter.git@{SHA}"),
        ("https://git.acme.example/c.git", "v1", "git+https://git.acme.example/c.git@v1"),
        ("git+https://git.acme.example/c.git", "v1", "git+https://git.acme.example/c.git@v1"),
        ("git@git.acme.example:ml/c.git", "v1", "git+ssh://git@git.acme.example/ml/c.git@v1"),
        ("https://a.example/c.git", "v1.0.0-3-gabc1234", "git+https://a.example/c.git@abc1234"),
    ],
)
def test_a_source_becomes_what_uvx_takes(
    script: ModuleType, source: str, commit: str, expected: str
) -> None:
    assert script.requirement(source, commit) == expected


def test_a_folder_is_read_at_its_commit(script: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "a template"
    folder.mkdir()
    expected = f"git+file://{tmp_path}/a%20template@{SHA}"
    assert script.requirement(str(folder), SHA) == expected
    assert script.requirement(f"file://{folder}", SHA) == expected


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("_src_path: https://a.example/x.git", "https://a.example/x.git"),
        ("_src_path: '/it''s here'", "/it's here"),
        (r'_src_path: "/a\u0020b"', "/a b"),
        ("_src_path: /a long\n  path", "/a long path"),
    ],
)
def test_answers_are_read_without_a_yaml_parser(
    script: ModuleType, tmp_path: Path, line: str, value: str
) -> None:
    (tmp_path / ".copier-answers.yml").write_text(f"# made\n{line}\nowner: '@a'\n")
    assert script.answer("_src_path") == value


@pytest.mark.parametrize(
    "value", ['"a', r'"a\0b"', r'"a\u0000b"', r'"a\tb"', '""', "''", "", "a\x1bb"]
)
def test_an_answer_that_cannot_be_read_is_said(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], value: str
) -> None:
    (tmp_path / ".copier-answers.yml").write_text(f"_src_path: {value}\n_commit: v1\n")

    with pytest.raises(SystemExit, match="2"):
        script.answer("_src_path")

    assert capsys.readouterr().err == (
        "tools/charter.py: `_src_path` in .copier-answers.yml cannot be read; "
        "write it in one plain line\n"
    )


def test_the_environment_names_another_command() -> None:
    named = f"{sys.executable} -c 'import sys; print(sys.argv[1:])'"
    done = run("gate", "a b.json", MLCHARTER=named)
    assert (done.returncode, done.stdout) == (0, "['gate', 'a b.json']\n")


def test_its_exit_code_is_that_of_the_command() -> None:
    assert run("gate", MLCHARTER=f"{sys.executable} -c 'raise SystemExit(7)'").returncode == 7


def test_what_it_tells_people_to_type_is_the_script() -> None:
    """The program itself is on nobody's path."""
    mlcharter = f"{sys.executable} -m mlcharter"

    assert run("explain", "xyzzy", MLCHARTER=mlcharter).stderr.endswith(
        "  hint: `python3 tools/charter.py explain` lists terms and rules\n"
    )


@pytest.mark.field(23, "`make check` in a clone on another machine")
def test_a_folder_of_another_machine_is_explained(script: ModuleType, tmp_path: Path) -> None:
    answers = f"_src_path: /home/ada/charter\n_commit: {SHA}\n"
    (tmp_path / ".copier-answers.yml").write_text(answers)
    (tmp_path / "uvx").touch(mode=0o755)

    done = run("--version", script=Path(str(script.__file__)), PATH=str(tmp_path))

    assert done.returncode == 2
    assert "made from /home/ada/charter, which is not on this machine" in done.stderr
    command = "sed -i.bak 's|^_src_path:.*|_src_path: URL|' .copier-answers.yml"
    assert f": {command}\n" in done.stderr
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    assert "_src_path: URL\n" in (tmp_path / ".copier-answers.yml").read_text()


def test_credentials_are_never_printed(script: ModuleType, tmp_path: Path) -> None:
    answers = "_src_path: https://ada:secret@127.0.0.1:9/c.git\n_commit: v1\n"
    (tmp_path / ".copier-answers.yml").write_text(answers)
    uvx = tmp_path / "uvx"
    uvx.write_text(f'#!{sys.executable}\nimport sys\nsys.exit("cannot fetch " + str(sys.argv))\n')
    uvx.chmod(0o755)

    done = run("--version", script=Path(str(script.__file__)), PATH=str(tmp_path))

    assert done.returncode == 2
    assert "could not get git+https://127.0.0.1:9/c.git@v1" in done.stderr
    assert "secret" not in done.stdout + done.stderr


def run(*words: str, script: Path = SCRIPT, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run the script with this environment added; a variable of the suite's own does not count."""
    outer = {name: value for name, value in os.environ.items() if name != "MLCHARTER"}
    return subprocess.run(
        [sys.executable, str(script), *words],
        env=outer | env,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("command", "taken"), [("gate", "mlcharter[scores] @ git+https"), ("check", "git+https")]
)
def test_only_gate_takes_what_intervals_need(
    script: ModuleType, tmp_path: Path, command: str, taken: str
) -> None:
    answers = "_src_path: https://git.acme.example/c.git\n_commit: v1\n"
    (tmp_path / ".copier-answers.yml").write_text(answers)
    uvx = tmp_path / "uvx"
    uvx.write_text(
        f"#!{sys.executable}\nimport sys\nprint(sys.argv[sys.argv.index('--from') + 1])\n"
    )
    uvx.chmod(0o755)

    done = run(command, script=Path(str(script.__file__)), PATH=str(tmp_path))

    assert done.stdout == f"{taken}://git.acme.example/c.git@v1\n"

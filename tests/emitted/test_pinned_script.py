"""tools/charter.py prints which mlcharter a repository pins; in one of documents, it runs that."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from conftest import Render, uvx

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(params=["full", "documents"])
def layout(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def script(layout: str, render: Render, tmp_path: Path) -> ModuleType:
    """The script of a layout, in a repository of its own."""
    place = tmp_path / "tools" / "charter.py"
    place.parent.mkdir()
    place.write_bytes(
        (render(tracks=["applied", "rag"], layout=layout) / "tools/charter.py").read_bytes()
    )
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
def test_a_source_becomes_what_uv_takes(
    script: ModuleType, source: str, commit: str, expected: str
) -> None:
    assert script.address(source, commit) == expected


def test_a_folder_is_read_at_its_commit(script: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "a template"
    folder.mkdir()
    expected = f"git+file://{tmp_path}/a%20template@{SHA}"
    assert script.address(str(folder), SHA) == expected
    assert script.address(f"file://{folder}", SHA) == expected


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


documents = pytest.mark.parametrize("layout", ["documents"], indirect=True)
full = pytest.mark.parametrize("layout", ["full"], indirect=True)


@full
def test_it_prints_one_requirement_with_an_extra_for_each_track(
    script: ModuleType, tmp_path: Path
) -> None:
    answers = "_src_path: gh:acme/charter\n_commit: v1.2.0\n"
    (tmp_path / ".copier-answers.yml").write_text(answers)
    done = run(script)
    assert (done.returncode, done.stdout) == (
        0,
        "mlcharter[applied,rag] @ git+https://github.com/acme/charter.git@v1.2.0\n",
    )


@full
def test_a_wheel_or_a_folder_takes_the_place_of_the_pin(script: ModuleType, tmp_path: Path) -> None:
    done = run(script, MLCHARTER_SOURCE=str(tmp_path / "a b.whl"))
    assert done.stdout == f"mlcharter[applied,rag] @ file://{tmp_path}/a%20b.whl\n"


@documents
def test_it_runs_the_program_with_its_arguments(script: ModuleType, tmp_path: Path) -> None:
    """The program itself is on nobody's path, so it tells people to type the script."""
    (tmp_path / ".copier-answers.yml").write_text("_src_path: gh:a/c\n_commit: v1\n")
    done = run(script, "explain", "xyzzy", PATH=str(uvx(tmp_path / "bin")))
    assert done.returncode == 2
    assert done.stderr.endswith(
        "  hint: `python3 tools/charter.py explain` lists terms and rules\n"
    )


@pytest.mark.field(23, "`make check` in a clone on another machine")
def test_a_folder_of_another_machine_is_explained(
    script: ModuleType, layout: str, tmp_path: Path
) -> None:
    answers = f"_src_path: /home/ada/charter\n_commit: {SHA}\n"
    (tmp_path / ".copier-answers.yml").write_text(answers)
    (tmp_path / "uvx").touch(mode=0o755)

    done = run(script, *["--version"] * (layout == "documents"), PATH=str(tmp_path))

    assert done.returncode == 2
    assert "created from /home/ada/charter, which is not on this machine" in done.stderr
    command = "sed -i.bak 's|^_src_path:.*|_src_path: URL|' .copier-answers.yml"
    assert f": {command}\n" in done.stderr
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    assert "_src_path: URL\n" in (tmp_path / ".copier-answers.yml").read_text()


@documents
def test_credentials_are_never_printed(script: ModuleType, tmp_path: Path) -> None:
    answers = "_src_path: https://ada:secret@127.0.0.1:9/c.git\n_commit: v1\n"
    (tmp_path / ".copier-answers.yml").write_text(answers)
    uvx = tmp_path / "uvx"
    uvx.write_text(f'#!{sys.executable}\nimport sys\nsys.exit("cannot fetch " + str(sys.argv))\n')
    uvx.chmod(0o755)

    done = run(script, "--version", PATH=str(tmp_path))

    assert done.returncode == 2
    assert "could not get git+https://127.0.0.1:9/c.git@v1" in done.stderr
    assert "secret" not in done.stdout + done.stderr


def run(script: ModuleType, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run the script with this environment added."""
    return subprocess.run(
        [sys.executable, str(script.__file__), *words],
        env=os.environ | env,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("command", "taken"), [("gate", "mlcharter[scores] @ git+https"), ("check", "git+https")]
)
@pytest.mark.parametrize("layout", ["documents"])
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

    done = run(script, command, PATH=str(tmp_path))

    assert done.stdout == f"{taken}://git.acme.example/c.git@v1\n"

"""What a repository that is adopted may have in its packaging files: it is read, and never run."""

import time
from pathlib import Path

import pytest

from mlcharter.template import answers
from mlcharter.update.packaging_files import read_dependencies, read_metadata
from mlcharter.update.proposals import parse_remote, propose

pytestmark = pytest.mark.hostile("adoption")

RUNS = "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\n"
SCRIPTS = {
    "runs": RUNS + "setup(name='x')",
    "runs in an argument": "setup(name=__import__('os').system('touch ran'))",
    "runs in a decorator": f"@exec({RUNS!r})\ndef f(): pass\nsetup(name='x')",
    "parentheses": "setup(" + "(" * 100_000,
    "signs": "setup(name=" + "-" * 100_000 + "1)",
    "attributes": "setup(name=a" + ".b" * 50_000 + ")",
    "sums": "setup(name=" + "1+" * 50_000 + "1)",
    "null": "setup(name='x')\0",
    "long": "setup(name='x')\n" + "x = 1\n" * 100_000,
    "names in a circle": "a = b\nb = a\nsetup(name=a, packages=b)",
}


@pytest.mark.parametrize("kind", SCRIPTS)
def test_a_setup_script_runs_nothing_and_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "setup.py").write_text(SCRIPTS[kind])
    begun = time.process_time()

    found = read_metadata(tmp_path, "setup.py")

    assert found is not None and found.name in (None, "x")
    assert not (tmp_path / "ran").exists()
    assert time.process_time() - begun < 20


@pytest.mark.parametrize(
    "name, text",
    [
        ("setup.cfg", "[metadata]\nname = %(name)s\n"),
        ("setup.cfg", "[metadata\n[metadata]\n[metadata]\n"),
        ("package.json", "[" * 100_000),
        ("package.json", '{"name": ["x"], "dependencies": [1]}'),
        ("pyproject.toml", "a = " + "[" * 10_000),
        ("pyproject.toml", "[project]\nname = 1\n[tool]\npoetry = [1]\nsetuptools = 3\n"),
        ("Pipfile", "packages = 3\n"),
    ],
)
def test_a_packaging_file_of_another_form_proposes_nothing(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)

    assert list(read_dependencies(tmp_path, [name])) == []
    assert {p.name for p in propose(tmp_path, [name], "")} <= {
        "tracks",
        "layout",
        "project_name",
    }


def test_only_the_nearest_of_many_packaging_files_are_read(tmp_path: Path) -> None:
    files = ["requirements.txt", *(f"a/b{n}/requirements.txt" for n in range(1000))]
    for path in files:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("torch\n")

    read = {dependency.path for dependency in read_dependencies(tmp_path, files)}

    assert len(read) == 200 and "requirements.txt" in read


def test_a_long_remote_and_nested_answers_end() -> None:
    assert parse_remote("h:" + "/" * 100_000 + "\n") is None
    assert answers.parse("a: " + "[" * 10_000).problem is not None
    assert answers.parse("a: &a [1]\nb: *a\n").problem is not None

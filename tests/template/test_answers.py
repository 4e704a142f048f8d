"""Answers are read by one reader: the same values, and the same refusals, in every command."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from test_adopt import adopt, code, write  # noqa: F401
from test_update import commit, edit, git, history  # noqa: F401

from conftest import Render
from mlcharter.charter import location
from mlcharter.cli import cli
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.template import answers, questionnaire, rendering
from mlcharter.template.template import Template
from mlcharter.update.merging.trees import read_tree

FOREIGN = "_commit: 2.1.0\n_src_path: gh:scientific-python/cookie\nproject_name: berths\n"
COMMANDS = (
    ["check"],
    ["status"],
    ["update"],
    ["update", "--dry-run"],
    ["adopt", "--yes"],
    ["gate"],
)


def run(root: Path, *words: str) -> Result:
    command, *rest = words
    return CliRunner().invoke(cli, [command, str(root), *rest])


@pytest.mark.field(12, "answers such as NO, 1e3 and 010")
@pytest.mark.parametrize(
    "written, value",
    [
        ("regions: NO", "NO"),
        ("regions: on", "on"),
        ("project_name: 007", "007"),
        ("year: 2026", "2026"),
        ("description: 2026-01-31", "2026-01-31"),
        ("platform_availability: 99.50", "99.50"),
        ("tracks: [applied, 1.0]", ["applied", "1.0"]),
        ("rag_tools: true", True),
    ],
)
def test_a_value_is_the_text_that_is_written(written: str, value: object) -> None:
    assert answers.parse(written).value == {written.partition(":")[0]: value}


@pytest.mark.field(12, "one reader for `new` and `update`")
def test_new_and_update_read_the_same_country_code(
    plain_template: Template, tmp_path: Path
) -> None:
    """`NO` is Norway; YAML 1.1 reads it as false."""
    given = tmp_path / "answers.yml"
    given.write_text("regions: NO\n")
    into = tmp_path / "rendered"

    read = questionnaire.read(questionnaire.load(plain_template.root), given)
    rendering.render(plain_template, into, answers=read, suggestions={"project_name": "x"})

    assert read == {"regions": "NO"}
    assert answers.load(Folder(into)).values["regions"] == "NO"


# What a person may leave in the file, by what is said about it.
DAMAGE = {
    "project_name: [a, b]": "`project_name` is not text",
    "project_name: {a: 1}": "`project_name` is nested",
    "owner: null": "`owner` is not text",
    "tracks: [[applied]]": "`tracks` is nested",
    "author: [": "not YAML",
    "kept: [README.md]": "`kept` is not text",
    "tracks: [applied]\ntracks: [rag]": "duplicate key `tracks` in a mapping",
}


@pytest.mark.field(12, "a damaged answers file, for every command")
@pytest.mark.parametrize("damage, said", DAMAGE.items())
def test_every_command_refuses_a_damaged_answer_with_the_same_message(
    render: Render, tmp_path: Path, damage: str, said: str
) -> None:
    root = tmp_path / "x"
    shutil.copytree(render(tracks=["applied"], layout="documents"), root)
    path = root / ".copier-answers.yml"
    values = yaml.safe_load(path.read_text())
    del values[damage.partition(":")[0]]
    path.write_text(yaml.safe_dump(values) + damage + "\n")
    git(tmp_path, "init", "--quiet", str(root))

    for words in COMMANDS:
        result = run(root, *words)
        assert result.exit_code in (1, 2) and "Traceback" not in result.output
        assert isinstance(result.exception, SystemExit), (words, result.exception)
        assert said in result.output or words == ["gate"], (words, result.output)


@pytest.mark.field(12, "hand-edited answers")
@pytest.mark.parametrize("value", [["a"], {"a": 1}, None, True, [["a"]]])
@pytest.mark.parametrize("name", ["project_name", "tracks", "tier", "rag_tools"])
def test_a_value_of_the_wrong_type_is_refused_without_a_traceback(
    plain_template: Template, tmp_path: Path, name: str, value: Any
) -> None:
    path = tmp_path / "answers.yml"
    path.write_text(yaml.safe_dump({name: value}))
    questions = questionnaire.load(plain_template.root)
    right = {"tracks": [["a"]], "rag_tools": [True]}

    if value in right.get(name, []):
        assert questionnaire.read(questions, path) == {name: value}
        return
    with pytest.raises(UserError) as refused:
        questionnaire.read(questions, path)
    assert f"`{name}` in {path} is " in refused.value.message


# Beside another template's answers


@pytest.fixture
def foreign(code: Path) -> Path:  # noqa: F811
    """A repository that another Copier template has made."""
    write(code, {".copier-answers.yml": FOREIGN})
    commit(code)
    return code


@pytest.mark.field(13, "`adopt` beside another template's answers")
def test_it_is_adopted_beside_another_templates_answers(foreign: Path) -> None:
    assert adopt(foreign, "--yes").exit_code == 0

    assert (foreign / ".copier-answers.yml").read_text() == FOREIGN
    recorded = answers.load(Folder(foreign))
    assert (recorded.path, recorded.values["tracks"]) == (answers.BESIDE, ["applied", "rag"])
    assert "draft: no findings" in run(foreign, "check", "--level", "draft").output
    assert run(foreign, "status").exit_code == 0
    assert "berth planner" in run(foreign, "status").output


@pytest.mark.field(13, "commands that pointed at each other")
def test_before_the_adoption_no_command_suggests_one_that_fails(foreign: Path) -> None:
    check, update = run(foreign, "check"), run(foreign, "update")

    assert "bring this repository in with `mlcharter adopt`" in check.output
    assert update.exit_code == 2 and update.output == (
        "error: .copier-answers.yml belongs to another template, gh:scientific-python/cookie; "
        "there is "
        "no charter here\n  hint: `mlcharter adopt` adds one beside it\n"
    )
    assert adopt(foreign, "--dry-run").exit_code == 0


@pytest.mark.field(13, "`update` with the answers file beside")
def test_updates_read_and_write_the_file_beside(foreign: Path, history: Path) -> None:  # noqa: F811
    adopt(foreign, "--yes", "--template", str(history), "--ref", "v1.0.0")
    commit(foreign)

    result = run(foreign, "update", "--defaults")

    assert result.exit_code == 0, result.output
    assert answers.load(Folder(foreign)).values["_commit"] == "v3.0.0"
    assert (foreign / ".copier-answers.yml").read_text() == FOREIGN
    assert "conflict" not in result.output and git(foreign, "diff", "--stat", "DESIGN.md") == ""


@pytest.mark.field(13, "plain Copier with the answers file beside")
def test_plain_copier_takes_the_file_beside(plain_template: Template, tmp_path: Path) -> None:
    """What `copier update --answers-file` renders names the same file."""
    into = tmp_path / "x"
    rendering.render(
        plain_template,
        into,
        answers={"project_name": "x"},
        suggestions={},
        answers_file=answers.BESIDE,
    )

    assert answers.BESIDE in read_tree(into) and answers.ANSWERS not in read_tree(into)


@pytest.mark.field(13, "the emitted pin with the answers file beside")
def test_the_emitted_pin_reads_the_file_beside(foreign: Path) -> None:
    adopt(foreign, "--yes")
    script = (foreign / "tools/charter.py").read_text()
    names: dict[str, Any] = {"__file__": str(foreign / "tools/charter.py"), "__name__": "pin"}
    exec(compile(script, "charter.py", "exec"), names)

    assert names["answer"]("_src_path") == answers.load(Folder(foreign)).values["_src_path"]


def test_a_folder_with_only_another_templates_answers_belongs_to_the_charter_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        tmp_path,
        {
            ".copier-answers.yml": "_src_path: x\ntracks: [rag]\ntier: critical\n",
            "docs/cookie/.copier-answers.yml": FOREIGN,
            "docs/cookie/page.md": "# Page\n",
        },
    )
    monkeypatch.chdir(tmp_path)

    (place,) = location.places([Path("docs/cookie/page.md")])
    (changed,) = location.changed([Path("docs/cookie/.copier-answers.yml")])

    assert (place.root, place.within) == (tmp_path, ("docs/cookie/page.md",))
    assert (changed.root, changed.within) == (tmp_path, ("docs/cookie/.copier-answers.yml",))


@pytest.mark.field(13, "the hook with the answers file beside")
def test_the_hook_is_run_when_the_file_beside_changes() -> None:
    import re

    hooks = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text())

    assert all(re.search(hooks[0]["files"], name) for name in answers.FILES)

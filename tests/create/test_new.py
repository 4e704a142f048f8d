"""`mlcharter new` creates a whole repository, or nothing."""

import hashlib
import os
import pty
import random
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_template import files, parses, reads_as_written_by_hand

from conftest import QUESTIONS, ROOT
from mlcharter.cli import cli
from mlcharter.support.addresses import without_secrets
from mlcharter.support.errors import UserError
from mlcharter.template import rendering
from mlcharter.template.template import Template

COMMAND = [sys.executable, "-m", "mlcharter"]


def new(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["new", *map(str, words)])


def git(root: Path, *words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()


def tree(root: Path) -> dict[str, str]:
    """Path → digest of every file outside `.git`."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files(root)
        if ".git" not in path.relative_to(root).parts
    }


def answers(root: Path) -> dict[str, object]:
    return dict(yaml.safe_load((root / ".copier-answers.yml").read_text(encoding="utf-8")))


def test_defaults_give_a_committed_repository(tmp_path: Path) -> None:
    result = new(tmp_path / "harbour-watch", "--defaults")

    assert result.exit_code == 0, result.output
    root = tmp_path / "harbour-watch"
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "log", "--format=%s") == "Create the repository with mlcharter"
    assert answers(root)["project_name"] == "harbour watch"
    assert answers(root)["tracks"] == ["applied"]
    assert answers(root)["owner"] == "ada@acme.example"
    assert [path.name for path in tmp_path.iterdir()] == ["harbour-watch"]


def test_the_summary_fits_a_screen_and_names_the_next_command(tmp_path: Path) -> None:
    result = new(tmp_path / "harbour-watch", "--defaults", "--track", "rl")

    lines = result.output.splitlines()
    assert lines[0] == "harbour watch: rl, prototype"
    assert len(lines) <= 24
    assert f"  cd {tmp_path}/harbour-watch && make setup test eval check" in lines


def test_the_shown_command_gives_the_same_tree(tmp_path: Path) -> None:
    given = ["--track", "rl", "--track", "rag", "--data", "owner=@acme/x", "--data", "ci=gitlab"]
    first = new(tmp_path / "one", "--defaults", "--no-git", *given, "--data", "rag_tools=yes")
    command = shlex.split(first.output.splitlines()[-1])

    assert command[:3] == ["mlcharter", "new", str(tmp_path / "one")]
    second = new(tmp_path / "two", "--no-git", *command[3:])

    assert second.exit_code == 0, second.output
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--data", "ownr=@x"],
            "error: there is no question `ownr`\n  hint: did you mean `owner`?",
        ),
        (
            ["--data", "x=1"],
            "error: there is no question `x`\n  hint: there are `project_name`, `tracks`, `owner`,",
        ),
        (["--data", "owner"], "error: `owner` is not an answer\n  hint: write --data KEY=VALUE"),
        (
            ["--track", "ragg"],
            "error: `ragg` is not a choice of tracks\n  hint: did you mean `rag`?",
        ),
        (
            ["--tier", "gold"],
            "error: `gold` is not a choice of tier\n"
            "  hint: there are `prototype`, `production`, `critical`",
        ),
        (["--data", "tracks="], "error: no track is chosen\n  hint: choose from applied,"),
        (
            ["--data", "rag_tools=maybe", "--track", "rag"],
            "error: `maybe` is not an answer to rag_tools\n  hint: allowed: yes, no",
        ),
        (
            ["--data", "rl_setting=bandit"],
            "error: `rl_setting` is a question of the track rl only\n  hint: add --track rl,",
        ),
        (["--data", "owner=me"], "error: owner: write a handle like @acme/team, or an"),
        (["--data", "package=json"], "error: package: json would hide another module"),
        (["--data", "project_name=../x"], "error: project_name: start with a letter or a digit"),
        (["--ref", "v1"], "error: --ref needs --template"),
    ],
)
def test_a_wrong_answer_is_refused_with_the_allowed_ones(
    tmp_path: Path, words: list[str], message: str
) -> None:
    result = new(tmp_path / "x", "--defaults", *words)

    assert result.output.startswith(message)
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "file", sorted(ROOT.glob("examples/*/.copier-answers.yml")), ids=lambda file: file.parent.name
)
def test_the_answers_of_every_example_create_a_repository(tmp_path: Path, file: Path) -> None:
    """`make demo` creates one from those of examples/applied."""
    result = new(tmp_path / "x", "--defaults", "--data-file", file)

    assert result.exit_code == 0, result.output


def test_answers_on_the_command_line_override_those_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("owner: '@acme/x'\ntier: critical\nyear: 2024\n_commit: v1\n")
    result = new(
        tmp_path / "x", "--defaults", "--data-file", tmp_path / "a.yml", "--tier", "prototype"
    )

    assert result.exit_code == 0, result.output
    recorded = answers(tmp_path / "x")
    assert (recorded["owner"], recorded["tier"], recorded["year"]) == (
        "@acme/x",
        "prototype",
        "2024",
    )


def test_a_value_that_yaml_does_not_read_as_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("description: true\n")
    result = new(tmp_path / "x", "--defaults", "--data-file", tmp_path / "a.yml")

    assert result.output == (
        f"error: `description` in {tmp_path}/a.yml is true, not text\n"
        "  hint: put the value in quotes\n"
    )


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x/main.py").write_text("print()\n")
    result = new(tmp_path / "x", "--defaults")

    assert result.output == (
        f"error: {tmp_path}/x has files in it: main.py\n"
        f"  hint: to add documents to an existing repository, run `mlcharter adopt {tmp_path}/x`\n"
    )
    assert result.exit_code == 2
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["main.py"]


def test_a_destination_that_cannot_be_created_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a file\n")
    result = new(tmp_path / "x/y", "--defaults")

    assert result.output == (
        f"error: can't create a folder in {tmp_path}/x: not a directory\n"
        "  hint: choose a DEST in a folder that you can write to\n"
    )
    assert result.exit_code == 2


def test_a_fresh_clone_of_an_empty_repository_is_filled_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "--quiet", "--bare", "gitlab-origin.git")
    git(tmp_path, "clone", "--quiet", "gitlab-origin.git", "harbour")
    monkeypatch.chdir(tmp_path / "harbour")
    before = Path().stat().st_ino
    result = new(".", "--defaults")

    assert result.exit_code == 0, result.output
    assert Path().stat().st_ino == before
    assert answers(Path())["ci"] == "gitlab"
    assert git(Path(), "log", "--format=%s") == "Create the repository with mlcharter"
    assert git(Path(), "status", "--porcelain") == ""
    assert not list(Path(".git").glob("*mlcharter*"))


def test_inside_another_repository_nothing_is_committed(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    result = new(tmp_path / "services/x", "--defaults")

    assert f"not committed: it is inside the repository at {tmp_path}" in result.output
    assert not (tmp_path / "services/x/.git").exists()


def test_no_git_creates_no_git_repository(tmp_path: Path) -> None:
    assert new(tmp_path / "x", "--defaults", "--no-git").exit_code == 0
    assert not (tmp_path / "x/.git").exists()


def test_enter_pressed_all_the_way_gives_a_repository(tmp_path: Path) -> None:
    screen, code = pressing_enter([*COMMAND, "new", str(tmp_path / "harbour")], tmp_path)

    assert code == 0, screen
    assert "What is the system called?" in screen
    assert screen.count("\x1b[6n") <= 12
    assert answers(tmp_path / "harbour")["tracks"] == ["applied"]
    assert answers(tmp_path / "harbour")["applied_kind"] == "binary"


def test_documents_without_code_do_not_mention_the_starter(tmp_path: Path) -> None:
    words = ("--defaults", "--tier", "production", "--data", "layout=documents")
    assert new(tmp_path / "x", *words).exit_code == 0

    texts = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.md"))
    assert "prediction-target" in texts
    assert "breast" not in texts and "outline" not in texts


def test_customise_asks_what_is_otherwise_derived(tmp_path: Path) -> None:
    words = [*COMMAND, "new", str(tmp_path / "harbour"), "--customise"]
    screen, code = pressing_enter(words, tmp_path)

    assert code == 0, screen
    hidden = {name: question.help for name, question in QUESTIONS.items() if not question.asked}
    only_adopt_knows = hidden.pop("kept"), hidden.pop("only")
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen)
    assert [question for question in hidden.values() if question not in plain] == []
    assert [question for question in only_adopt_knows if question in plain] == []
    assert answers(tmp_path / "harbour")["ai_act_role"] == "unassessed"


@pytest.mark.field(24, "the questions of `--customise`")
def test_customise_counts_its_questions_and_asks_what_concerns_the_tracks(tmp_path: Path) -> None:
    words = [*COMMAND, "new", str(tmp_path / "harbour"), "--customise", "--track", "rag"]
    screen, code = pressing_enter([*words, "--tier", "critical"], tmp_path)

    assert code == 0, screen
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen)
    numbers = dict.fromkeys(re.findall(r"(\d+)/(\d+) [A-Z]", plain))
    assert list(numbers) == [(str(n), "17") for n in range(1, 18)]
    assert QUESTIONS["rag_hosting"].help in plain
    assert QUESTIONS["applied_kind"].help not in plain


def test_ctrl_c_at_a_question_leaves_nothing(tmp_path: Path) -> None:
    screen, code = pressing_enter([*COMMAND, "new", str(tmp_path / "x")], tmp_path, keys=b"\x03")

    assert code == 130, screen
    assert list(tmp_path.iterdir()) == []


def pressing_enter(words: list[str], cwd: Path, keys: bytes = b"\r") -> tuple[str, int]:
    """Run `words` on a terminal and press `keys` whenever it waits; its screen and exit code."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(cwd)
        os.environ["TERM"] = "xterm"
        os.execv(words[0], words)
    screen = b""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        waiting = not select.select([terminal], [], [], 1)[0]
        try:
            if waiting:
                os.write(terminal, keys)
                continue
            chunk = os.read(terminal, 65536)
        except OSError:
            break
        if not chunk:
            break
        screen += chunk
        if b"\x1b[6n" in chunk:  # the prompt asks where the cursor is
            os.write(terminal, b"\x1b[1;1R")
    else:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return screen.decode(errors="replace"), os.waitstatus_to_exitcode(status)


@pytest.mark.parametrize("existing", [False, True], ids=["missing", "cloned"])
def test_kill_9_leaves_nothing_or_everything(tmp_path: Path, existing: bool) -> None:
    """A destination that exists is filled entry by entry; there the next call completes it."""
    words = [*COMMAND, "new", str(tmp_path / "x"), "--defaults", "--no-git"]
    first = time.monotonic()
    subprocess.run(
        [*words[:-3], str(tmp_path / "whole/x"), *words[-2:]], check=True, capture_output=True
    )
    lasts = time.monotonic() - first
    whole = set(tree(tmp_path / "whole/x"))
    moments = random.Random(7)

    for _ in range(10):
        if existing:
            (tmp_path / "x").mkdir()
            git(tmp_path / "x", "init", "--quiet")
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0, 1.1 * lasts))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if existing and (tmp_path / "x/.git/mlcharter-new.finished").exists():
            assert new(tmp_path / "x", "--defaults", "--no-git").exit_code == 0
        left = set(tree(tmp_path / "x")) if (tmp_path / "x").exists() else set()
        assert left in (set(), whole)
        shutil.rmtree(tmp_path / "x", ignore_errors=True)

    assert new(tmp_path / "x", "--defaults", "--no-git").exit_code == 0
    assert set(tree(tmp_path / "x")) == whole
    assert sorted(path.name for path in tmp_path.iterdir()) == ["whole", "x"]


def test_an_interrupted_move_is_completed_by_the_next_call(tmp_path: Path) -> None:
    new(tmp_path / "whole", "--defaults", "--no-git", "--data", "project_name=x")
    (tmp_path / "x").mkdir()
    shutil.copytree(tmp_path / "whole", tmp_path / "x/mlcharter-new.finished")
    shutil.move(tmp_path / "x/mlcharter-new.finished/docs", tmp_path / "x/docs")
    result = new(tmp_path / "x", "--defaults")

    assert result.output == f"finished what was interrupted in {tmp_path}/x\n"
    assert tree(tmp_path / "x") == tree(tmp_path / "whole")


FREE_TEXT = [
    name for name, question in QUESTIONS.items() if question.type == "str" and not question.choices
]
HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="ab '\":&%$@!?;,()=+-/.\n\t{}[]<>#|*_`\\~é🎉\u202e\u2028", max_size=30),
    st.sampled_from(
        [
            "yes",
            "1e3",
            "null",
            "0123",
            "2026-01-01",
            "~",
            "on",
            "true",
            "=1+1",
            "%s",
            "../x",
            ".git/hooks/x",
            "---",
            "{{7*7}}",
            "{%raw%}",
            "<!--x-->",
            "&amp;",
            "-----BEGIN",
            "a\\",
            "$(touch{IFS}x)",
            "'''",
            "#",
            "-x",
        ]
        + ["x" * 300, "a: b", "# x", "- x", '"""', "\0", "<!-- section: x -->"]
    ),
)


@pytest.mark.parametrize("question", FREE_TEXT)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=HOSTILE)
def test_hostile_answers_are_refused_or_carried_through(
    plain_template: Template, tmp_path_factory: pytest.TempPathFactory, question: str, value: str
) -> None:
    """All tracks, since each asks free text of its own; every file must still be what it is."""
    into = tmp_path_factory.mktemp("hostile") / "x"
    given = {"project_name": "Harbour", "tracks": ["applied", "rag"], question: value}
    try:
        rendering.render(plain_template, into, answers=given, suggestions={})
    except UserError as refusal:
        assert str(refusal).startswith(f"{question}: ")
        shutil.rmtree(into, ignore_errors=True)
        return
    assert answers(into)[question] == value
    for path in files(into):
        parses(path, path.read_text(encoding="utf-8"))
        assert path.resolve().is_relative_to(into.resolve())
        if path.suffix == ".md" and "data" not in path.parts:
            reads_as_written_by_hand(path)
    assert not (into / ".git").exists()
    shutil.rmtree(into)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout as a Git repository with the tags v1.0.0 and v1.1.0, which adds a line."""
    root = tmp_path_factory.mktemp("published") / "charter"
    root.mkdir()
    shutil.copy(ROOT / "copier.yml", root)
    shutil.copytree(ROOT / "template", root / "template")
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "one")
    git(root, "tag", "v1.0.0")
    document = root / "template/project/docs/design_doc.md.jinja"
    document.write_text(document.read_text() + "\nOne more line.\n")
    git(root, "commit", "--quiet", "-am", "two")
    git(root, "tag", "v1.1.0")
    return root


COPIER = [str(Path(sys.executable).parent / "copier")]


@pytest.mark.parametrize(
    ("tier", "tracks", "more"),
    [
        ("prototype", ["applied", "rl"], {}),
        ("prototype", ["applied", "platform", "rag", "rl"], {"starter": False}),
        ("production", ["rag"], {"layout": "documents"}),
        ("production", ["applied", "platform", "rag", "rl"], {}),
        ("critical", ["applied", "platform"], {"applied_kind": "regression"}),
    ],
    ids=["prototype", "empty", "documents", "everything", "critical"],
)
def test_plain_copier_gives_the_same_tree(
    tmp_path: Path, published: Path, tier: str, tracks: list[str], more: dict[str, object]
) -> None:
    words = [word for track in tracks for word in ("--track", track)]
    words += [word for key, value in more.items() for word in ("--data", f"{key}={value}")]
    ours = new(
        *(tmp_path / "ours", "--defaults", "--no-git", "--template", published, "--ref", "v1.0.0"),
        *("--tier", tier, *words, "--data", "owner=@acme/x"),
    )
    assert ours.exit_code == 0, ours.output
    recorded = {k: v for k, v in answers(tmp_path / "ours").items() if not k.startswith("_")}
    (tmp_path / "data.yml").write_text(yaml.safe_dump(recorded))
    words = ["copy", "--quiet", "--vcs-ref", "v1.0.0", "--data-file", str(tmp_path / "data.yml")]
    subprocess.run([*COPIER, *words, str(published), str(tmp_path / "plain")], check=True)

    assert answers(tmp_path / "ours")["_src_path"] == str(published)
    assert answers(tmp_path / "ours")["_commit"] == "v1.0.0"
    assert tree(tmp_path / "ours") == tree(tmp_path / "plain")


def test_plain_copier_raises_the_tier_of_an_untouched_repository(
    tmp_path: Path, published: Path
) -> None:
    """With plain `copier update` the files and answers are those of `mlcharter update`."""
    for name in ("ours", "plain"):
        words = ("--defaults", "--template", published, "--ref", "v1.0.0", "--track", "rl")
        new(tmp_path / name, *words, "--data", "project_name=x", "--data", "package=x")
    result = CliRunner().invoke(
        cli,
        ["update", str(tmp_path / "ours"), "--to", "v1.0.0", "--data", "tier=production"],
    )
    assert result.exit_code == 0, result.output
    words = ["update", "--quiet", "--defaults", "--vcs-ref", "v1.0.0", "--data", "tier=production"]
    subprocess.run([*COPIER, *words], cwd=tmp_path / "plain", check=True)

    assert answers(tmp_path / "ours")["tier"] == "production"
    assert tree(tmp_path / "ours") == tree(tmp_path / "plain")


def test_plain_copier_updates_from_one_tag_to_the_next(tmp_path: Path, published: Path) -> None:
    new(tmp_path / "x", "--defaults", "--template", published, "--ref", "v1.0.0")
    subprocess.run([*COPIER, "update", "--quiet", "--defaults"], cwd=tmp_path / "x", check=True)

    assert (tmp_path / "x/docs/design_doc.md").read_text().endswith("\nOne more line.\n")
    assert answers(tmp_path / "x")["_commit"] == "v1.1.0"


def test_a_missing_template_is_a_user_error(tmp_path: Path) -> None:
    result = new(tmp_path / "x", "--defaults", "--template", tmp_path / "nowhere")

    assert result.exit_code == 2
    assert "hint: give --template a repository that Git can clone" in result.output


def test_credentials_are_never_recorded() -> None:
    assert without_secrets("https://me:secret@git.acme.example/c.git") == (
        "https://git.acme.example/c.git"
    )


def test_the_recorded_source_is_no_path_inside_site_packages(tmp_path: Path) -> None:
    new(tmp_path / "x", "--defaults", "--no-git")
    source = str(answers(tmp_path / "x")["_src_path"])

    assert "site-packages" not in source
    assert source.startswith("https://") or (Path(source) / ".git").exists()


# Git's refusals


IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in {"NAME": "Grace", "EMAIL": "grace@acme.example"}.items()
}


def git_line(result: Result) -> str:
    """Return the line about Git in the summary."""
    assert result.exit_code == 0, result.output
    (line,) = [line for line in result.output.splitlines() if line.startswith("Git ")]
    return line.removeprefix("Git       ")


@pytest.mark.field(25, "no identity")
@pytest.mark.parametrize("config", ["", "[user]\n name = Ada\n"])
def test_without_an_identity_nothing_is_committed_and_the_summary_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str
) -> None:
    (tmp_path / "config").write_text(config)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))

    assert git_line(new(tmp_path / "x", "--defaults")) == (
        "not committed: Git does not know you; set user.name and user.email, then commit"
    )


@pytest.mark.field(25, "an identity in the environment")
def test_an_identity_in_the_environment_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)

    assert git_line(new(tmp_path / "x", "--defaults")) == "committed"
    assert git(tmp_path / "x", "log", "--format=%an <%ae>") == "Grace <grace@acme.example>"
    assert answers(tmp_path / "x")["owner"] == "grace@acme.example"


@pytest.mark.field(25, "a repository of another user")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_a_repository_of_another_user_is_named_with_the_command_that_trusts_it(
    tmp_path: Path,
) -> None:
    git(tmp_path, "init", "--quiet", "x")
    for path in (tmp_path / "x", *(tmp_path / "x").rglob("*")):
        os.chown(path, 1234, 1234)

    assert git_line(new(tmp_path / "x", "--defaults")) == (
        "not committed: its .git belongs to another user; if you trust it, run "
        f"`git config --global --add safe.directory {tmp_path}/x`, then commit"
    )


@pytest.mark.field(25, "GIT_COMMON_DIR and what else a hook sets")
@pytest.mark.parametrize("name", ["GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_SHALLOW_FILE"])
def test_git_variables_of_a_hook_are_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    result = new(tmp_path / "x", "--defaults")
    monkeypatch.delenv(name)

    assert git_line(result) == "committed"
    assert git(tmp_path / "x", "log", "--format=%s") == "Create the repository with mlcharter"


@pytest.mark.field(25, "HOME=/dev/null")
def test_a_home_that_is_not_a_folder_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", os.devnull)

    assert git_line(new(tmp_path / "x", "--defaults")).startswith("not committed: Git does not ")


@pytest.mark.field(25, "the umask")
@pytest.mark.parametrize(("mask", "mode"), [(0o077, 0o600), (0o027, 0o640), (0o022, 0o644)])
def test_the_umask_is_respected(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        new(tmp_path / "x", "--defaults", "--no-git")
    finally:
        os.umask(before)

    modes = {path.stat().st_mode & 0o777 for path in files(tmp_path / "x")}
    assert modes <= {mode, mode | (mode >> 2 & 0o111)}


# Messages


@pytest.mark.field(24, "`new` without a terminal")
def test_without_a_terminal_the_used_defaults_are_listed(tmp_path: Path) -> None:
    shown = new(tmp_path / "harbour-watch", "--track", "rag", "--data", "rag_tools=yes").output

    assert (
        "no terminal to ask in; these defaults were used:\n"
        "  project_name: harbour watch\n"
        "  owner: ada@acme.example\n"
        "  tier: prototype\n"
        "  starter: yes\n"
        "  rag_hosting: vendor\n"
    ) in shown
    assert "defaults were used" not in new(tmp_path / "y", "--defaults").output


@pytest.mark.parametrize("words", [["--no-starter"], ["--data", "starter=no"]])
def test_an_empty_repository_is_not_said_to_have_a_starter(
    tmp_path: Path, words: list[str]
) -> None:
    printed = new(tmp_path / "x", "--defaults", "--no-git", "--track", "applied", *words).output

    assert answers(tmp_path / "x")["starter"] is False
    assert "  src/x, evals, tests: no starter; the evals say what to write\n" in printed
    assert "A starter" not in (tmp_path / "x/README.md").read_text(encoding="utf-8")
    full = new(tmp_path / "y", "--defaults", "--no-git", "--starter")
    assert "  src/y, evals, tests: a starter that runs\n" in full.output
    readme = (tmp_path / "y/README.md").read_text(encoding="utf-8")
    assert "<!-- starter -->\nThe starter learns from" in readme


def test_the_command_at_the_end_names_standard_and_template(
    tmp_path: Path, published: Path
) -> None:
    (tmp_path / "acme.yml").write_text("review_days: 90\n")
    sources = ["--template", str(published), "--standard", str(tmp_path / "acme.yml")]
    first = new(tmp_path / "x", "--defaults", "--no-git", *sources)
    assert first.exit_code == 0, first.output
    command = shlex.split(first.output.splitlines()[-1])
    assert command[:2] == ["mlcharter", "new"]
    before = tree(tmp_path / "x")
    shutil.rmtree(tmp_path / "x")

    again = new(*command[2:], "--no-git")

    assert again.exit_code == 0, again.output
    assert tree(tmp_path / "x") == before
    assert command[4:6] == sources[:2] and command[6] == "--ref"


@pytest.mark.field(23, "the last screen of `new` names the path and the command")
def test_a_local_template_is_reported_with_the_command_that_replaces_it(
    tmp_path: Path, published: Path
) -> None:
    shown = new(tmp_path / "x", "--defaults", "--no-git", "--template", published).output
    lines = shown.splitlines()
    at = lines.index("the template is a local path, which CI and other clones can't fetch;")
    command = lines[at + 2].strip().replace("URL", "https://git.example/t.git")

    subprocess.run(command, shell=True, check=True)
    assert answers(tmp_path / "x")["_src_path"] == "https://git.example/t.git"


@pytest.mark.field(24, "errors of validation in 80 columns")
def test_messages_about_answers_fit_a_terminal(tmp_path: Path) -> None:
    """Also at a prompt, where what does not fit is cut off."""
    wrong = {
        "project_name": [
            "",
            " x ",
            "x" * 61,
            "x" * 201,
            "a\tb",
            "a<b",
            "a&lt;b",
            "&CounterClockwiseContourIntegral;",
            "www.a",
            "-",
            "12",
        ],
        "owner": ["x" * 101, "x"],
        "package": ["X", "x" * 31, "class", "json"],
        "year": ["26"],
        "regions": ["", "x" * 201, "a*b", "&CounterClockwiseContourIntegral;"],
        "personal_data": ["some"],
        "platform_serving": ["somewhere"],
        "no_such_question": ["x"],
    }
    for name, values in wrong.items():
        for value in values:
            words = ("--defaults", "--track", "rag", "--track", "platform", "--data")
            result = new(tmp_path / "x", *words, f"{name}={value}")
            assert result.exit_code == 2
            assert [line for line in result.stderr.splitlines() if len(line) > 80] == [], value

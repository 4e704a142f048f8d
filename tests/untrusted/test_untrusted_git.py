"""What a repository, its answers, or a template says to Git starts no program and fools no one."""

import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcharter.charter import standard
from mlcharter.cli import cli
from mlcharter.support import addresses, git, user_cache, versions
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.template import allowed_folders, sources
from mlcharter.template.mirror import Mirror
from mlcharter.template.sources import Source
from mlcharter.update.repository import Repository

hostile = pytest.mark.hostile
COPIER = "tracks:\n  type: str\n"


def run(root: Path, *words: str, text: str | None = None) -> str:
    """Run plain Git, as an attacker or a user does."""
    done = subprocess.run(
        ["git", *words], cwd=root, check=True, capture_output=True, text=True, input=text
    )
    return done.stdout.strip()


def repository(root: Path, files: dict[str, str], tag: str | None = None) -> str:
    """Make a repository with a commit of these files; returns the commit's id."""
    root.mkdir(parents=True, exist_ok=True)
    if not (root / ".git").exists():
        run(root, "init", "--quiet")
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    run(root, "add", "--all", "--force")
    run(root, "commit", "--quiet", "-m", "x")
    if tag:
        run(root, "tag", tag)
    return run(root, "rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def marker(tmp_path: Path) -> Iterator[Path]:
    """A file that an attack would make; it is not there when a test has ended."""
    path = tmp_path / "ran"
    yield path
    assert not path.exists(), "a program of the repository ran"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template that the user has named, with the tag v1.0.0."""
    root = tmp_path / "template"
    repository(root, {"copier.yml": COPIER, "template/a.md": "official\n"}, "v1.0.0")
    allowed_folders.record(root)
    return root


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository that someone else wrote."""
    root = tmp_path / "clone"
    repository(root, {"README.md": "hello\n"})
    return root


def answers(root: Path, source: str, commit: str) -> None:
    text = f"_src_path: {source}\n_commit: {commit}\n"
    text += "tracks: [applied]\ntier: prototype\nlayout: documents\nproject_name: X\n"
    (root / ".copier-answers.yml").write_text(text)


def mlcharter(*words: str) -> Result:
    result = CliRunner().invoke(cli, [*words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


COMMANDS: dict[str, Callable[[str], Result]] = {
    "check": lambda root: mlcharter("check", "--trust-source", root),
    "status": lambda root: mlcharter("status", "--trust-source", root),
    "update": lambda root: mlcharter("update", "--defaults", root),
    "update --dry-run": lambda root: mlcharter("update", "--dry-run", root),
}


# The attacks that succeeded


def evil_bare(place: Path, marker: Path) -> str:
    """A bare repository whose configuration runs a program when its files are checked out."""
    work = place.parent / "evil-work"
    files = {"copier.yml": COPIER, "template/a.md": "evil\n", ".gitattributes": "* filter=x\n"}
    commit = repository(work, files)
    run(work, "clone", "--quiet", "--bare", ".", str(place))
    config = f'[filter "x"]\n smudge = sh -c "touch {marker}; cat"\n'
    (place / "config").write_text((place / "config").read_text() + config)
    return commit


@hostile("Git: a repository inside the repository as template")
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("source", ["/proc/self/cwd/evil", "{clone}/evil", "file://{clone}/evil"])
def test_a_repository_inside_is_no_template(
    clone: Path, marker: Path, monkeypatch: pytest.MonkeyPatch, command: str, source: str
) -> None:
    commit = evil_bare(clone / "evil", marker)
    answers(clone, source.format(clone=clone), commit)
    monkeypatch.chdir(clone)

    result = COMMANDS[command](".")

    assert result.exit_code == 2
    assert "is a system folder" in result.stderr or "is inside the repo" in result.stderr
    assert not list(user_cache.folder().glob("templates/*/*"))


@hostile("Git: a poisoned cache")
def test_what_one_source_gave_is_never_served_for_another(
    template: Path, clone: Path, tmp_path: Path, marker: Path
) -> None:
    """The evil repository says, by a replace ref, what the official commit holds."""
    official = run(template, "rev-parse", "HEAD")
    evil = tmp_path / "evil"
    run(tmp_path, "clone", "--quiet", str(template), str(evil))
    foreign = repository(evil, {"template/a.md": "evil\n"})
    run(evil, "replace", official, foreign)
    allowed_folders.record(evil)
    poisoned, innocent = Source(str(evil)), Source(str(template))

    for source in (poisoned, innocent):
        folder = source.find_files(official)
        assert folder is not None
        assert (folder / "template/a.md").read_text() == "official\n"
    assert poisoned.find_files(official) != innocent.find_files(official)
    assert "refs/replace" not in run(poisoned.mirror.path, "for-each-ref")


# Addresses


@hostile("Git: an address that starts a program or hangs")
@pytest.mark.parametrize(
    "source",
    [
        "ext::sh -c 'touch ran'",
        "git+ext::sh -c 'touch ran'",
        "ext://x",
        "fd::17",
        "fd::0,1/x",
        "transport::https://a.example/b.git",
        "http://a.example/b.git",
        "ftp://a.example/b.git",
        "-u",
        "--upload-pack=touch ran",
        "ssh://-oProxyCommand=touch%20ran/x",
        "ssh://-l@a.example/x",
        "ssh://a.example/-x",
        "-oProxyCommand=x@a.example:b",
        "git@-oProxyCommand=x:b",
        "git@a.example:-x",
        "https://a.example/b%0agit.git",
        "https://a.example/b\nc",
        "a\0b",
        "a\x1b]0;x\x07b",
        "https://",
        "https:///b.git",
        "https://[::1",
        "file://elsewhere.example/share",
        "~nobody-of-that-name/x",
        "",
        " ",
        "x" * 3000,
        "/dev/fd/0",
        "/dev/zero",
        "/sys",
        "/proc/self/root/tmp",
    ],
)
def test_an_address_that_git_must_not_have_is_refused(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as refusal:
        Source(source, tmp_path)

    assert refusal.value.message.isprintable() and refusal.value.hint
    assert not (tmp_path / "ran").exists()


@hostile("Git: an address of the answers file")
@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.text(max_size=60),
        st.from_regex(r"(git\+)?(https|ssh|ext|fd|file|git)(::|://|:)[-!-~]{0,30}", fullmatch=True),
        st.from_regex(r"[-.~/@:a-z]{1,20}", fullmatch=True),
    )
)
def test_any_address_is_parsed_or_refused(source: str) -> None:
    try:
        address = addresses.parse(source, Path("/nowhere"))
    except UserError as refusal:
        assert refusal.message.isprintable()
        return
    assert address.protocol in (*addresses.PROTOCOLS, "file")
    # What Git takes for the name of a remote helper; `0:0::` is the path `0::` on the host `0`.
    helper = re.match(r"[A-Za-z0-9+.-]+::", address.url)
    assert helper is None or address.folder is not None
    assert not address.url.startswith("-")


@hostile("Git: a version of the answers file")
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.text(max_size=40),
        st.from_regex(r"(HEAD|main|v1\.0\.0|@)[~^@{}:/0-9a-z-]{0,12}", fullmatch=True),
        st.from_regex(r"--?[a-z-]{1,12}=?[!-~]{0,10}", fullmatch=True),
        st.from_regex(r"[0-9a-f]{1,64}", fullmatch=True),
    )
)
def test_any_version_is_found_or_not(template: Path, marker: Path, name: str) -> None:
    """An expression such as `HEAD~1` or `:/text` is a name that the source does not have."""
    source = Source(str(template))
    official = run(template, "rev-parse", "HEAD")
    found = source.find_version(name)
    known = name in ("HEAD", "main", "v1.0.0") or official.startswith(name)

    assert found is None or known or versions.described(name)


@hostile("Git: the answers file as a whole")
@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.text(max_size=30), st.from_regex(r"(ext::|/proc/|\.\./|-)[ -~]{0,20}", fullmatch=True)
    ),
    st.one_of(st.text(max_size=30), st.from_regex(r"-{0,2}[ -~]{0,20}", fullmatch=True)),
)
def test_any_answers_end_in_a_message(
    clone: Path, marker: Path, monkeypatch: pytest.MonkeyPatch, source: str, commit: str
) -> None:
    def offline(*rest: object) -> None:
        raise UserError("git fetch failed: no network in tests", hint="")

    monkeypatch.setattr(git, "fetch", offline)
    answers(clone, json.dumps(source), json.dumps(commit))
    for command in ("check", "update --dry-run"):
        assert COMMANDS[command](str(clone)).exit_code in (1, 2)


def test_what_plain_git_would_run_is_what_is_tried_here(clone: Path, tmp_path: Path) -> None:
    """The traps work: plain Git falls into one."""
    run(clone, "config", "core.fsmonitor", f"touch {tmp_path}/fell; false")
    run(clone, "status")

    assert (tmp_path / "fell").exists()


# A folder of this machine


@hostile("Git: a folder that the user never named")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_only_the_repository_names_is_refused(
    clone: Path, tmp_path: Path, marker: Path, command: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    commit = repository(elsewhere, {"copier.yml": COPIER, "template/a.md": "x\n"}, "v1.0.0")
    answers(clone, str(elsewhere), commit)

    result = COMMANDS[command](str(clone))

    assert result.exit_code == 2
    assert f"names {elsewhere} as its template; you have never used it" in result.stderr
    assert not list(user_cache.folder().glob("mirrors/*"))


@hostile("Git: a folder that the user never named")
def test_a_link_out_of_the_repository_is_what_it_leads_to(clone: Path, template: Path) -> None:
    (clone / "link").symlink_to(template)
    with pytest.raises(UserError, match="is inside the repository"):
        Source(str(clone / "link"), clone)


@hostile("Git: a folder that the user never named")
def test_a_folder_of_another_user_is_refused(
    template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    source = Source(str(template))

    assert source.find_newest() is None
    assert source.problem is not None and "belongs to another user" in source.problem.message


@hostile("Git: a folder that the user never named")
def test_a_package_of_a_repository_finds_no_template_elsewhere_in_it(
    clone: Path, marker: Path
) -> None:
    package = clone / "packages/a"
    package.mkdir(parents=True)
    evil_bare(clone / "evil", marker)
    with pytest.raises(UserError, match="is inside the repository"):
        Source("../../evil", package)


# A template's repository


def source_with(template: Path, prepare: Callable[[Path], object]) -> Source:
    prepare(template)
    return Source(str(template))


@hostile("Git: configuration of a template's repository")
@pytest.mark.parametrize(
    "setting",
    [
        "core.fsmonitor={run}",
        "core.sshCommand={run}",
        "core.gitProxy={run}",
        "core.alternateRefsCommand={run}",
        "uploadpack.packObjectsHook={run}",
        "filter.x.smudge={run}",
        "filter.x.process={run}",
        "diff.x.textconv={run}",
        "credential.helper=!{run}",
        "core.pager={run}",
        "url.ext::sh -c {run}.insteadOf=/",
        "tar.tar.command={run}",
        "core.attributesFile={run}",
        "protocol.ext.allow=always",
    ],
)
def test_a_templates_configuration_has_no_effect(
    template: Path, marker: Path, setting: str
) -> None:
    key, _, value = setting.partition("=")
    repository(template, {".gitattributes": "* filter=x diff=x export-subst\n"}, "v1.1.0")
    run(template, "config", key, value.format(run=f"touch {marker}"))
    source = Source(str(template))
    newest = source.find_newest()

    assert newest is not None and newest.name == "v1.1.0"
    folder = source.find_files(newest.commit)
    assert folder is not None and (folder / "template/a.md").read_text() == "official\n"


@hostile("Git: hooks of a template's repository")
def test_hooks_of_a_template_do_not_run(template: Path, marker: Path) -> None:
    for name in ("pre-upload", "post-checkout", "reference-transaction", "post-index-change"):
        hook = template / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
        hook.chmod(0o755)
    newest = Source(str(template)).find_newest()

    assert newest is not None and newest.name == "v1.0.0"


@hostile("Git: grafts, alternates and partial clones")
def test_grafts_of_a_template_have_no_effect(template: Path) -> None:
    first = run(template, "rev-parse", "HEAD")
    second = repository(template, {"template/a.md": "two\n"}, "v2.0.0")
    (template / ".git/info").mkdir(exist_ok=True)
    (template / ".git/info/grafts").write_text(f"{first} {second}\n")

    assert Source(str(template)).mirror.is_ancestor(first, second)


@hostile("Git: grafts, alternates and partial clones")
def test_a_mirror_that_borrows_objects_is_refused(template: Path) -> None:
    source = Source(str(template))
    mirror = source.mirror.path
    (mirror / "objects/info/alternates").write_text(f"{template}/.git/objects\n")

    with pytest.raises(UserError, match="borrows objects of another repository"):
        Source(str(template)).find_newest()


@hostile("Git: grafts, alternates and partial clones")
def test_a_partial_clone_is_refused_and_gets_nothing(template: Path, marker: Path) -> None:
    run(template, "config", "extensions.partialClone", "origin")
    run(template, "config", "remote.origin.promisor", "true")
    run(template, "config", "remote.origin.url", f"ext::sh -c 'touch {marker}'")
    run(template, "config", "remote.origin.uploadpack", f"touch {marker}")
    source = Source(str(template))

    assert source.find_newest() is None
    assert source.problem is not None and "is a partial clone" in source.problem.message


@hostile("Git: files of a template")
def test_a_submodule_in_a_template_is_refused(template: Path) -> None:
    commit = run(template, "rev-parse", "HEAD")
    run(template, "update-index", "--add", "--cacheinfo", f"160000,{commit},template/sub")
    run(template, "commit", "--quiet", "-m", "x")
    with pytest.raises(UserError, match="the template has a submodule: 'template/sub'"):
        Source(str(template)).find_files(run(template, "rev-parse", "HEAD"))


@hostile("Git: files of a template")
@pytest.mark.parametrize(
    "target", ["/etc/passwd", "../../outside", "a/../../../x", "..", "../..", "\x1b[31m"]
)
def test_a_link_that_leads_out_of_a_template_is_refused(template: Path, target: str) -> None:
    (template / "template/link").symlink_to(target)
    commit = repository(template, {})
    source = Source(str(template))
    if target == "..":  # the folder of copier.yml, which is still inside
        assert source.find_files(commit) is not None
        return
    with pytest.raises(UserError, match="leaves the template"):
        source.find_files(commit)
    assert not list(user_cache.folder().glob("templates/*/*"))


@hostile("Git: files of a template")
def test_links_that_lead_out_together_are_refused(template: Path) -> None:
    deep = template / "template/p/q"
    deep.mkdir(parents=True)
    (deep / "up").symlink_to("..")
    (template / "template/out").symlink_to("p/q/up/../../..")
    with pytest.raises(UserError, match="leaves the template"):
        Source(str(template)).find_files(repository(template, {}))


@hostile("Git: files of a template")
@pytest.mark.parametrize("name", [".git", ".GIT", "git~1", "..", ".", ".git ", "a\\b", "a\nb"])
def test_a_file_with_an_unsafe_name_is_refused(template: Path, name: str) -> None:
    """Where Git's own check of fetched objects lets a name through, ours does not."""
    blob = run(template, "hash-object", "-w", "--stdin", text="x\n")
    inner = run(template, "mktree", "-z", text=f"100644 blob {blob}\t{name}\0")
    copier = run(template, "hash-object", "-w", "--stdin", text=COPIER)
    tree = run(
        template,
        *("mktree", "-z"),
        text=f"100644 blob {copier}\tcopier.yml\0040000 tree {inner}\ttemplate\0",
    )
    commit = run(template, "commit-tree", tree, "-m", "x")
    run(template, "update-ref", "refs/heads/evil", commit)
    source = Source(str(template))
    refused = None
    try:
        folder = source.find_files(commit)
    except UserError as error:
        folder, refused = None, error

    assert folder is None
    assert refused is not None or source.problem is not None


# Work in a repository


@hostile("Git: configuration of the user's working repository")
@pytest.mark.parametrize(
    "config",
    [
        "[core]\n fsmonitor = touch {marker}\n",
        "[core]\n hooksPath = hooks\n",
        "[core]\n pager = touch {marker}\n",
        "[pager]\n status = touch {marker}\n",
        "[core]\n sshCommand = touch {marker}\n",
        '[filter "x"]\n clean = touch {marker}\n required = true\n',
        '[filter "x"]\n smudge = touch {marker}\n',
        '[filter "x"]\n process = touch {marker}\n',
        '[filter "a=b"]\n clean = touch {marker}\n',
        '[diff "x"]\n textconv = touch {marker}\n',
        '[diff "x"]\n command = touch {marker}\n',
        "[diff]\n external = touch {marker}\n",
        "[alias]\n status = !touch {marker}\n",
        "[gpg]\n program = touch {marker}\n[commit]\n gpgSign = true\n",
        "[credential]\n helper = !touch {marker}\n",
        "[include]\n path = ../included\n",
        '[includeIf "gitdir:/"]\n path = ../included\n',
    ],
)
def test_a_repositorys_configuration_starts_nothing(clone: Path, marker: Path, config: str) -> None:
    attributes = "* filter=x diff=x\n*.md filter=a=b\n"
    (clone / ".gitattributes").write_text(attributes)
    hook = clone / "hooks/post-index-change"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    (clone / "included").write_text(f'[filter "x"]\n clean = touch {marker}\n')
    with (clone / ".git/config").open("a") as file:
        file.write(config.format(marker=marker))
    (clone / "README.md").write_text("hellO\n")
    os.utime(clone / "README.md", (1, 1))
    place = Repository(clone)

    assert "README.md" in place.find_dirty()
    reviewed = ("README.md", hashlib.sha256(b"hello\n").hexdigest())
    assert Folder(clone).find_versions([reviewed]) == ({reviewed: b"hello\n"}, True)
    place.reset_conflicts()
    git.required_output("add", "--all", cwd=clone, hint="")
    git.required_output("-c", "commit.gpgSign=false", "commit", "-qm", "x", cwd=clone, hint="")
    assert place.find_dirty() == set()


@hostile("Git: configuration of the user's working repository")
def test_a_submodules_configuration_starts_nothing(clone: Path, marker: Path) -> None:
    inner = clone / "sub"
    repository(inner, {"a": "x\n"})
    run(clone, "add", "sub")
    run(clone, "commit", "--quiet", "-m", "x")
    run(inner, "config", "core.fsmonitor", f"touch {marker}")
    (inner / "a").write_text("y\n")

    assert Repository(clone).find_dirty() == set()


@hostile("Git: configuration of the user's working repository")
def test_a_work_tree_elsewhere_is_refused(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    run(clone, "config", "core.worktree", str(tmp_path / "home"))
    with pytest.raises(UserError, match="whose work tree is elsewhere"):
        Repository(clone)


def test_the_users_own_filter_still_works(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git LFS stands in the user's own configuration; a repository's line does not replace it."""
    own = tmp_path / "gitconfig"
    own.write_text('[user]\n name=A\n email=a@b.example\n[filter "x"]\n clean = tr a-z A-Z\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(own))
    run(clone, "config", "filter.x.clean", "tr a-z 0-9")
    (clone / ".gitattributes").write_text("*.md filter=x\n")
    (clone / "README.md").write_text("other\n")
    git.required_output("add", "README.md", cwd=clone, hint="")

    assert run(clone, "cat-file", "blob", ":README.md") == "OTHER"


# Limits


@hostile("Git: a call that never ends")
def test_a_call_that_never_ends_is_stopped_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin/git"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\nsleep 600 & echo $! > {tmp_path}/child; wait\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(git, "READ_SECONDS", 1)
    with pytest.raises(UserError, match="git init was stopped after 1 seconds"):
        git.init(tmp_path / "x.git")

    child = Path("/proc", (tmp_path / "child").read_text().strip(), "stat")
    last = time.monotonic() + 30  # on a busy machine, a killed process ends a little later
    while (state := _state(child)) not in ("", "Z") and time.monotonic() < last:
        time.sleep(0.1)
    assert state in ("", "Z")


def _state(stat: Path) -> str:
    """Return the state of a process by its file in /proc, or nothing if it is gone."""
    try:
        return stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return ""


@hostile("Git: a template without end")
@pytest.mark.parametrize("limit", ["MOST_FILES", "MOST_BYTES"])
def test_a_template_that_is_too_large_is_refused(
    template: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(f"mlcharter.template.mirror.{limit}", 1)
    source = Source(str(template))
    with pytest.raises(UserError, match="has more than"):
        source.find_files(run(template, "rev-parse", "HEAD"))


@hostile("Git: a template without end")
def test_folders_in_folders_without_end_are_refused(template: Path) -> None:
    """Twelve trees, each with ten times the one below it: a million million files."""
    blob = run(template, "hash-object", "-w", "--stdin", text="x\n")
    tree = run(template, "mktree", text="".join(f"100644 blob {blob}\t{n}\n" for n in range(10)))
    for _ in range(11):
        rows = "".join(f"040000 tree {tree}\t{n}\n" for n in range(10))
        tree = run(template, "mktree", text=rows)
    copier = run(template, "hash-object", "-w", "--stdin", text=COPIER)
    rows = f"100644 blob {copier}\tcopier.yml\n040000 tree {tree}\ttemplate\n"
    commit = run(template, "commit-tree", run(template, "mktree", text=rows), "-m", "x")
    run(template, "update-ref", "refs/heads/evil", commit)
    source = Source(str(template))
    with pytest.raises(UserError, match="git ls-tree was stopped: it printed more than"):
        source.find_files(commit)


@hostile("Git: the address of a settings file")
@pytest.mark.parametrize("place", ["{clone}/evil", "{tmp}/elsewhere", "/proc/self/cwd/evil"])
def test_a_settings_in_a_folder_that_was_never_named_is_refused(
    clone: Path, tmp_path: Path, marker: Path, place: str
) -> None:
    commit = evil_bare(clone / "evil", marker)
    repository(tmp_path / "elsewhere", {".mlcharter.yml": "level: draft\n"})
    where = place.format(clone=clone, tmp=tmp_path)
    (clone / ".mlcharter.yml").write_text(f"extends: git+file://{where}@{commit}\n")
    with pytest.raises(UserError, match="the standard can't be fetched"):
        standard.fetch(clone)


# The user's own configuration


def test_a_fetch_keeps_the_users_configuration_and_no_repositorys(
    template: Path, clone: Path, tmp_path: Path, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their ssh command is used, here one that answers from this machine."""
    fake = tmp_path / "fake-ssh"
    fake.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\nexec git-upload-pack {template}\n')
    fake.chmod(0o755)
    own = tmp_path / "gitconfig"
    own.write_text(f"[core]\n sshCommand = {fake}\n[ssh]\n variant = ssh\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(own))
    exec_path = run(tmp_path, "--exec-path")
    monkeypatch.setenv("PATH", f"{exec_path}:{os.environ['PATH']}")
    run(clone, "config", "core.sshCommand", f"touch {marker}")
    monkeypatch.chdir(clone)
    source = Source("ssh://me:t0ken@git.acme.example/charter.git", clone)
    newest = source.find_newest()

    assert source.problem is None and newest is not None and newest.name == "v1.0.0"
    asked = (tmp_path / "asked").read_text()
    assert "git-upload-pack '/charter.git'" in asked and "t0ken" not in asked
    assert source.name == "ssh://me@git.acme.example/charter.git"
    for file in user_cache.folder().rglob("*"):
        assert not file.is_file() or b"t0ken" not in file.read_bytes()


def test_what_an_interrupted_fetch_left_does_not_stop_the_next(template: Path) -> None:
    mirror = Source(str(template)).mirror.path
    (mirror / "packed-refs.lock").touch()
    (mirror / "refs/heads/main.lock").touch()
    repository(template, {"template/a.md": "two\n"}, "v2.0.0")
    newest = Source(str(template)).find_newest()

    assert newest is not None and newest.name == "v2.0.0"
    assert Mirror(mirror).branches and sources.create_cached(mirror, lambda into: None) == mirror


# A `.git` that is there before `mlcharter new`


def secret(root: Path) -> None:
    root.mkdir()
    (root / "id_rsa").write_text("top secret\n")


@hostile("Git: a work tree elsewhere")
def test_new_commits_no_files_of_another_folder(tmp_path: Path) -> None:
    secret(tmp_path / "home")
    repository_without_commit = tmp_path / "here"
    repository_without_commit.mkdir()
    run(repository_without_commit, "init", "--quiet")
    run(repository_without_commit, "config", "core.worktree", str(tmp_path / "home"))

    result = mlcharter("new", "--defaults", str(repository_without_commit))

    assert result.exit_code == 0
    assert f"not committed: its Git work tree is {tmp_path / 'home'}" in result.stdout
    assert not run(repository_without_commit, "ls-files")


@hostile("Git: a work tree elsewhere")
def test_new_commits_nothing_to_a_repository_with_other_files(tmp_path: Path) -> None:
    valuable = tmp_path / "valuable"
    commit = repository(valuable, {"a.txt": "a\n"})
    (tmp_path / "here").mkdir()
    (tmp_path / "here/.git").write_text(f"gitdir: {valuable / '.git'}\n")

    result = mlcharter("new", "--defaults", str(tmp_path / "here"))

    assert result.exit_code == 0
    assert "not committed: its Git repository has other files; look at `git st" in result.stdout
    assert run(valuable, "rev-parse", "HEAD") == commit
    assert not run(valuable, "status", "--porcelain")


def test_new_takes_a_git_folder_that_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "git").mkdir()
    run(tmp_path / "git", "init", "--quiet")
    (tmp_path / "here").mkdir()
    (tmp_path / "here/.git").symlink_to("../git/.git")

    result = mlcharter("new", "--defaults", str(tmp_path / "here"))

    assert result.exit_code == 0 and "Git       committed" in result.stdout
    assert not run(tmp_path / "here", "status", "--porcelain", "--ignored")


# What Git can't say


@pytest.mark.parametrize("command", ["adopt", "update"])
def test_a_repository_of_another_user_is_refused_with_the_command_that_trusts_it(
    clone: Path, template: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    answers(clone, str(template), "v1.0.0")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    result = mlcharter(command, "--defaults", str(clone))

    assert result.exit_code == 2
    assert f"{clone} is in a Git repository of another user" in result.stderr
    assert f"run `git config --global --add safe.directory {clone}`, then" in result.stderr


@hostile("Git: a configuration that stops it")
@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("extensions.refStorage", "reftable", "unknown repository extension found: refstorage"),
        ("core.repositoryFormatVersion", "9", "Expected git repo version <= 1, found 9"),
        ("core.bare", "true", "this operation must be run in a work tree"),
    ],
)
def test_a_repository_that_git_refuses_is_not_called_none(
    clone: Path, key: str, value: str, reason: str
) -> None:
    run(clone, "config", "core.repositoryFormatVersion", "1")
    run(clone, "config", key, value)

    result = mlcharter("adopt", "--defaults", str(clone))

    assert result.exit_code == 2
    assert f"Git can't use {clone}: " in result.stderr and reason in result.stderr


@hostile("Git: an index that can't be read")
def test_edits_are_not_taken_for_committed_where_git_can_not_tell(clone: Path) -> None:
    (clone / "README.md").write_text("edited\n")
    (clone / ".git/index").write_bytes(b"DIRC" + bytes(40))
    here = Repository(clone)

    for look in (
        here.find_dirty,
        here.refuse_unmerged,
        here.list_files,
        lambda: here.find_ignored(["README.md"]),
    ):
        with pytest.raises(UserError, match=r"^git [a-z-]+ failed: "):
            look()


@hostile("Git: memory")
@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="this system limits no memory")
@pytest.mark.parametrize("place", ["core.attributesFile", ".git/info/attributes"])
def test_a_file_without_an_end_takes_no_memory_without_an_end(
    clone: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if place.startswith("core"):
        run(clone, "config", place, "/dev/zero")
    else:
        (clone / ".git/info").mkdir(exist_ok=True)
        (clone / place).symlink_to("/dev/zero")
    monkeypatch.setattr(git, "WORK_MEMORY", 64 * 1024**2)
    os.utime(clone / "README.md", (0, 0))  # Git looks into it again, and at its attributes

    with pytest.raises(UserError, match="git status failed: fatal: Out of memory"):
        Repository(clone).find_dirty()


@hostile("Git: too old")
def test_a_git_that_does_not_obey_is_refused(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("git")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/git").write_text(f'#!/bin/sh\nunset GIT_CONFIG_COUNT\nexec {real} "$@"\n')
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    result = mlcharter("adopt", "--defaults", str(clone))

    assert result.exit_code == 2
    assert "this Git does not read its configuration from the environment" in result.stderr
    assert "hint: install Git 2.31 or newer" in result.stderr


# The user's own `url.*.insteadOf`


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own configuration, which is empty."""
    path = tmp_path / "gitconfig"
    path.write_text("[user]\n name = a\n email = a@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(path))
    return path


def test_a_companys_mirror_takes_the_place_of_an_address(
    template: Path, users: Path, tmp_path: Path
) -> None:
    with users.open("a") as file:
        file.write(f'[url "{template}"]\n insteadOf = https://example.org/template\n')

    source = Source("https://example.org/template", named=True)

    assert source.mirror.tags == ["v1.0.0"], source.problem
    assert source.name == "https://example.org/template"


@pytest.mark.parametrize(
    ("target", "protocol"),
    [
        ("ssh://git@mirror.example/", "ssh"),
        ("git@mirror.example:", "ssh"),
        ("http://mirror.example/", "http"),
        ("https://job:s3cr3t-token@mirror.example/", "https"),
    ],
)
def test_the_users_own_rewriting_chooses_the_protocol(
    users: Path, tmp_path: Path, target: str, protocol: str
) -> None:
    with users.open("a") as file:
        file.write(f'[url "{target}"]\n insteadOf = https://example.org/\n')
    git.init(tmp_path / "m.git")
    address = addresses.parse("https://example.org/template")
    rewritten = git._rewritten(tmp_path / "m.git", address.url)

    assert rewritten == f"{target}template"
    assert git._protocol(address, address.url, rewritten) == protocol


@hostile("Git: a remote helper")
def test_rewriting_to_a_program_is_refused(users: Path, marker: Path) -> None:
    with users.open("a") as file:
        file.write(f'[url "ext::touch {marker} #"]\n insteadOf = https://example.org/\n')

    source = Source("https://example.org/template", named=True)

    assert source.mirror.tags == []
    assert source.problem is not None and "your Git configuration rewrites" in str(source.problem)
    assert source.problem.hint == "look at `git config --global --get-regexp insteadof`"


# What a fetch that was killed leaves


def test_the_files_of_a_fetch_that_was_killed_are_removed(template: Path) -> None:
    mirror = Source(str(template), named=True).mirror
    left = [mirror.path / "objects" / name for name in ("pack/tmp_pack_x", "aa/tmp_obj_y")]
    for place in left:
        place.parent.mkdir(exist_ok=True)
        place.write_text("half")

    mirror.fetch(addresses.parse(str(template)))

    assert not any(place.exists() for place in left)


@pytest.mark.parametrize("damage", ["refs/tags/v1.0.0", "refs/mlcharter/head", "objects/??/*"])
def test_a_mirror_that_a_power_failure_damaged_is_fetched_again(
    template: Path, damage: str
) -> None:
    mirror = Source(str(template), named=True).mirror
    for file in mirror.path.glob(damage):
        file.unlink()
        file.write_bytes(b"")

    source = Source(str(template), named=True)

    assert source.find_commit("v1.0.0") == run(template, "rev-parse", "HEAD"), source.problem
    assert source.find_files(source.find_commit("v1.0.0") or "") is not None
    assert source.problem is None
    assert not list(mirror.path.parent.glob("*.new"))


def test_a_damaged_mirror_stays_where_its_source_is_gone(template: Path) -> None:
    mirror = Source(str(template), named=True).mirror
    (mirror.path / "refs/heads/broken").write_bytes(b"")
    template.rename(template.with_name("moved"))

    with pytest.raises(UserError, match="git fetch failed"):
        mirror.fetch(addresses.parse(str(template)))

    assert mirror.find_commit("v1.0.0") is not None


@pytest.mark.parametrize("content", ["[1]", "3", "{", "null", ""])
def test_names_that_a_power_failure_damaged_are_none(template: Path, content: str) -> None:
    source = Source(str(template), named=True)
    source.find_commit("v1.0.0")
    source._names.write_text(content)

    assert Source(str(template), named=True).find_commit("v1.0.0") is not None

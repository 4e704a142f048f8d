"""A cached result is used only if no file that the check read has changed."""

import datetime
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec import Struct

from conftest import EXAMPLES
from mlcharter.check import engine, result_cache
from mlcharter.check.result import Judged, Result
from mlcharter.cli import cli
from mlcharter.support.files import Entry, Folder, Tree
from mlcharter.support.finding import Finding
from mlcharter.template import fingerprint
from mlcharter.template.template import embedded_root

TODAY = datetime.date(2026, 11, 25)
ALWAYS = -(10**18)


Check = Callable[[Tree], Result]


class CheckRequest(Struct, frozen=True):
    level: str = "release"


@pytest.fixture
def example(tmp_path: Path) -> Callable[[str], Path]:
    def copied(name: str) -> Path:
        return Path(shutil.copytree(embedded_root() / "examples" / name, tmp_path / name))

    return copied


def fresh(tree: Tree) -> Result:
    return engine.check(engine.open_charter(tree, TODAY), level="release")


def watched(root: Path) -> tuple[dict[str, Entry | None], Result]:
    """Return the paths that a check reads, and its result."""
    seen: dict[str, Entry | None] = {}
    return seen, fresh(result_cache.RecordingFolder(root, seen))


# Every access is recorded

OPENED: list[str] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("open", "os.listdir", "os.scandir") and isinstance(arguments[0], str | Path):
        OPENED.append(str(arguments[0]))


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Provide every path that Python opens, lists or gets the status of."""
    for name in ("stat", "lstat", "readlink"):
        real = getattr(os, name)

        def asked(path: object, real: Any = real, **more: object) -> object:
            OPENED.append(str(path))
            return real(path, **more)

        monkeypatch.setattr(os, name, asked)
    sys.addaudithook(_hook)
    yield OPENED
    OPENED.clear()


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("strict", [False, True], ids=["", "with a settings file"])
def test_every_access_to_a_repository_is_recorded(
    name: str, strict: bool, example: Callable[[str], Path], looks: list[str]
) -> None:
    root = example(name)
    (root / "ops/runbook.md").unlink()
    (root / "docs/notes.md").write_text("<!-- section: notes -->\n\n[up](../gone.md)\n")
    if strict:
        (root / ".mlcharter.yml").write_text("extends: standards/organisation.yml\n")
        (root / "standards").mkdir()
        (root / "standards/organisation.yml").write_text("level: complete\n")
        (root / ".mlcharter-baseline.json").write_text("{}\n")
    looks.clear()
    seen, _ = watched(root)

    below = {look for look in looks if look.startswith(f"{root}/")}
    assert len(below) > 50
    assert below <= seen.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_file_that_was_not_read_does_not_invalidate_the_cache(
    name: str, example: Callable[[str], Path]
) -> None:
    root = example(name)
    seen, before = watched(root)
    for path in root.rglob("*"):
        if path.is_file() and str(path) not in seen:
            path.write_bytes(b"changed\n")

    assert fresh(Folder(root)) == before


@pytest.fixture
def remember(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Provide a function that checks again and returns whether the result came from the cache."""
    monkeypatch.setattr(result_cache, "_RACY", ALWAYS)

    def ask(root: Path, check: Check, question: CheckRequest = CheckRequest()) -> bool:  # noqa: B008
        asked = []

        def counted(tree: Tree) -> Result:
            asked.append(1)
            return check(tree)

        given = result_cache.load_or_check(root, question, tmp_path / "kept", counted, Result)
        assert given == check(Folder(root))
        return not asked

    return ask


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_change_to_any_file_that_was_read_invalidates_the_cache(
    name: str, example: Callable[[str], Path], remember: Callable[..., bool]
) -> None:
    root = example(name)
    seen, result = watched(root)

    def look(tree: Tree) -> Result:  # at the same places, without the work
        for place in seen:
            tree.look(place.removeprefix(f"{root}/"))
        return result

    for place in map(Path, seen):
        assert not remember(root, look) or remember(root, look)
        assert remember(root, look), f"{place} is not remembered"
        if place.is_dir():
            (place / "new.md").write_text("new\n")
            os.utime(place, ns=(0, 0))  # the clock may not have gone on since it was copied
        elif place.parent.is_dir():
            place.write_bytes(place.read_bytes() + b"\n" if place.is_file() else b"new\n")
        else:
            continue
        assert not remember(root, look), f"a change to {place} is not noticed"


def test_a_new_repository_in_a_folder_invalidates_the_cache(
    tmp_path: Path, remember: Callable[..., bool]
) -> None:
    folder = tmp_path / "several"
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        os.utime(folder, ns=(0, 0))  # the clock may not have gone on
        assert not remember(folder, fresh)
        assert remember(folder, fresh)
        (folder / name / ".copier-answers.yml").touch()
        assert not remember(folder, fresh)
        assert (
            f"but in `a`{', `b`' * (name == 'b')};"
            in fresh(Folder(folder)).judged[0].finding.message
        )


# When a cached result is used, and when not


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Provide a repository of two files."""
    root = tmp_path / "repository"
    (root / "docs").mkdir(parents=True)
    (root / "docs/a.md").write_text("a\n")
    return root


@pytest.fixture
def check() -> Check:
    """Provide a check whose result is the content of one file, and whether another exists."""

    def found(tree: Tree) -> Result:
        data = tree.read("docs/a.md")
        there = tree.lexists("docs/b.md")
        finding = Finding("docs/a.md", 1, 1, "some-rule", f"{data!r} {there}")
        return Result("", "draft", 1, (Judged(finding, "fails", "draft"),))

    return found


def test_a_result_is_reused_only_for_the_same_request(
    root: Path, check: Check, remember: Callable[..., bool]
) -> None:
    assert not remember(root, check)
    assert remember(root, check)
    assert not remember(root, check, CheckRequest("draft"))


def test_a_new_file_in_place_of_a_missing_one_invalidates_the_cache(
    root: Path, check: Check, remember: Callable[..., bool]
) -> None:
    remember(root, check)
    (root / "docs/b.md").touch()

    assert not remember(root, check)


def test_another_version_of_the_program_checks_again(
    root: Path,
    check: Check,
    remember: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remember(root, check)
    monkeypatch.setattr(result_cache, "_program", lambda: ("0.2.0",))

    assert not remember(root, check)


def test_a_changed_rule_invalidates_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages/mlcharter"
    for file in ("rules/owner_unknown.py", "_template/copier.yml"):
        (package / file).parent.mkdir(parents=True, exist_ok=True)
        (package / file).write_text("LEVEL = 'draft'\n")
    monkeypatch.setattr(fingerprint, "__file__", str(package / "template/fingerprint.py"))
    stamp = fingerprint.fingerprint.__wrapped__
    before = stamp(package / "_template")

    assert stamp(package / "_template") == before
    (package / "rules/owner_unknown.py").write_text("LEVEL = 'review'\n")
    assert stamp(package / "_template") != before


def test_a_result_is_not_cached_if_a_file_changed_just_before(
    root: Path,
    check: Check,
    remember: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()  # clocks count again

    assert not remember(root, check)
    assert not remember(root, check)


def test_a_change_to_a_link_or_its_target_invalidates_the_cache(
    root: Path, check: Check, remember: Callable[..., bool]
) -> None:
    (root / "docs/a.md").rename(root / "c.md")
    (root / "docs/a.md").symlink_to("../c.md")

    assert not remember(root, check)
    assert remember(root, check)
    (root / "c.md").write_text("changed\n")
    assert not remember(root, check)
    assert remember(root, check)
    (root / "docs/a.md").unlink()
    (root / "docs/a.md").symlink_to("../gone.md")
    assert not remember(root, check)
    assert remember(root, check)
    (root / "gone.md").touch()
    assert not remember(root, check)


def test_a_change_to_a_standard_invalidates_the_cache(
    root: Path, tmp_path: Path, remember: Callable[..., bool]
) -> None:
    above = tmp_path / "ours.yml"
    above.write_text("tier: critical\n")

    def check(tree: Tree) -> Result:
        charter = engine.open_charter(tree, TODAY, organisation=above)
        return Result("", str(charter.settings.values.tier), 0, ())

    assert not remember(root, check)
    assert remember(root, check)
    above.write_text("tier: production\n")
    assert not remember(root, check)


def test_nothing_is_cached_inside_the_repository(
    tmp_path: Path, check: Check, remember: Callable[..., bool]
) -> None:
    assert not remember(tmp_path, check)
    assert not remember(tmp_path, check)
    assert not (tmp_path / "kept").exists()


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:-20]),
        lambda file: file.write_bytes(_flipped(file.read_bytes(), 3)),
        lambda file: file.write_bytes(_flipped(file.read_bytes(), 200)),
        lambda file: file.write_bytes(result_cache._checksum(b"[" * 99999) + b"[" * 99999),
        lambda file: file.write_bytes(result_cache._checksum(b"{}") + b"{}"),
        lambda file: file.chmod(0o666),
        lambda file: file.symlink_to(file.rename(file.with_suffix(".x"))),
        lambda file: file.unlink() or file.mkdir(),
        lambda file: file.unlink() or os.mkfifo(file),
    ],
)
def test_a_damaged_cache_file_is_ignored(
    root: Path,
    check: Check,
    remember: Callable[..., bool],
    tmp_path: Path,
    spoil: Callable[[Path], object],
) -> None:
    remember(root, check)
    (file,) = (tmp_path / "kept").iterdir()
    spoil(file)

    assert not remember(root, check)


def test_the_cache_has_a_limit(
    root: Path,
    check: Check,
    remember: Callable[..., bool],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(result_cache, "_MOST", 3)
    for number in range(10):
        remember(root, check, CheckRequest(str(number)))

    assert len(list((tmp_path / "kept").iterdir())) <= 3


@pytest.mark.parametrize("home", [".", "", None])
def test_a_user_without_a_home_gets_a_result_without_a_cache(
    example: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, home: str | None
) -> None:
    """As in a container that runs as a user without an account."""
    monkeypatch.chdir(example("rl"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path if home is None else home)

    result = CliRunner().invoke(cli, ["check"])

    assert result.exit_code == 0, result.output
    assert not Path(".cache").exists()
    assert not Path("~").exists()


# The command


def test_a_second_check_has_the_same_output_and_loads_no_rule(
    tmp_path: Path, example: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(result_cache, "_RACY", ALWAYS)
    root = example("applied")
    (root / "docs/design_doc.md").write_text("# Empty\n")
    words = ["check", str(root), "--level", "release"]
    first = CliRunner().invoke(cli, words)
    script = (
        "import sys\n"
        "from mlcharter.cli import cli\n"
        "try:\n"
        f"    cli({words})\n"
        "except SystemExit as end:\n"
        "    print(end.code, [name for name in sys.modules if 'mlcharter.check.rules' in name])\n"
    )
    again = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert "section-removed" in first.output
    assert again.stdout == f"{first.output}1 []\n"


def test_no_cache_writes_no_cache(
    tmp_path: Path, example: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(result_cache, "_RACY", ALWAYS)
    root = str(example("applied"))
    for option in ("--no-cache", "--fix", "--write-baseline"):
        CliRunner().invoke(cli, ["check", root, option])

    assert not (tmp_path / "cache/mlcharter/results").exists()
    CliRunner().invoke(cli, ["check", root])
    assert len(list((tmp_path / "cache/mlcharter/results").iterdir())) == 1

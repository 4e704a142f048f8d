"""Addresses of templates and standards: parsing, comparing and removing secrets."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from test_update import Found, commit, edit, found, history, update

from mlcharter.charter import settings
from mlcharter.cli import cli
from mlcharter.support import addresses, git
from mlcharter.support.addresses import Address, has_secrets, redact, without_secrets
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.template import answers

__all__ = ["found", "history"]


@pytest.mark.field(10, "each form of a secret in an address")
@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("https://me:t0ken@git.acme.example/c.git", "https://git.acme.example/c.git"),
        ("https://t0ken@git.acme.example/c.git", "https://git.acme.example/c.git"),
        ("git+https://me:t0ken@git.acme.example/c.git", "git+https://git.acme.example/c.git"),
        ("HTTPS://t0ken@git.acme.example:8443/c", "HTTPS://git.acme.example:8443/c"),
        ("https://me:t0/k@en@git.acme.example/c", "https://git.acme.example/c"),
        ("https://me:t0@ken@git.acme.example/c", "https://git.acme.example/c"),
        ("ssh://git:t0ken@git.acme.example/c", "ssh://git@git.acme.example/c"),
        ("git+ssh://git:t0ken@git.acme.example:22/c", "git+ssh://git@git.acme.example:22/c"),
        ("git:t0ken@git.acme.example:c.git", "git@git.acme.example:c.git"),
        ("https://a.example/c?private_token=t0ken", "https://a.example/c"),
        ("https://a.example/c?ref=x&access_token=t0ken", "https://a.example/c?ref=x"),
        ("https://a.example/c?X-Amz-Signature=t0ken;b=1", "https://a.example/c?b=1"),
        ("https://a.example/c?Api%4Bey=t0ken#a.yml", "https://a.example/c#a.yml"),
        ("https://a.example/c#access_token=t0ken", "https://a.example/c"),
        ("git+https://t0ken@a.example/c@0123#a.yml", "git+https://a.example/c@0123#a.yml"),
    ],
)
def test_a_secret_in_an_address_is_removed(source: str, shown: str) -> None:
    assert without_secrets(source) == shown
    assert has_secrets(source)
    assert without_secrets(shown) == shown


@pytest.mark.parametrize(
    "source",
    [
        "git@git.acme.example:ml/charter.git",
        "ssh://git@git.acme.example:22/ml/charter.git",
        "https://git.acme.example:8443/c@v1#a.yml",
        "https://[::1]:8443/c",
        "gh:acme/charter",
        "/srv/charter",
        "../charter",
        "a" * 100_000,
    ],
)
def test_an_address_without_a_secret_stays(source: str) -> None:
    assert without_secrets(source) == source


@pytest.mark.field(10, "secrets in Git's messages")
def test_a_git_error_has_no_secret_of_the_address() -> None:
    address = "https://me:t0ken@git.acme.example/c.git?private_token=s3cret"
    said = f"fatal: unable to access '{address}': user me, password t0ken, s3cret"

    assert redact(said, address) == (
        "fatal: unable to access 'https://git.acme.example/c.git': user me, password ***, ***"
    )


@pytest.mark.parametrize(
    ("source", "protocol"),
    [
        ("gh:acme/charter", "https"),
        ("git+https://a.example/c", "https"),
        ("ssh://git@a.example/c", "ssh"),
        ("git@a.example:ml/charter.git", "ssh"),
        ("git://a.example/c", "git"),
        ("file:///srv/ml%20charter", "file"),
        ("/srv/charter", "file"),
    ],
)
def test_the_protocol_of_an_address_is_known(source: str, protocol: str) -> None:
    assert addresses.parse(source).protocol == protocol


@pytest.mark.field(10, "a token given to `new`")
def test_a_token_in_the_address_of_new_is_used_but_not_recorded(
    history: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    fetch = git.fetch

    def answer(mirror: Path, address: Address, *rest: object) -> None:
        asked.append(address.url)
        fetch(mirror, addresses.parse(str(history)), *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(git, "fetch", answer)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = "https://me:t0ken@git.acme.example/charter.git"
    words = ["new", str(tmp_path / "x"), "--defaults", "--template", source]
    done = CliRunner().invoke(cli, words)
    updated = update(tmp_path / "x")

    assert done.exit_code == 0, done.output
    assert asked == [source, "https://git.acme.example/charter.git"]
    assert "template  https://git.acme.example/charter.git at v3.0.0\n" in done.output
    assert "the secret in the address was used once and is recorded nowhere" in done.output
    assert updated.exit_code == 0, updated.output
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"t0ken" not in file.read_bytes(), file


@pytest.mark.field(10, "a token that is recorded already")
def test_a_recorded_token_is_not_used_and_update_removes_it(
    found: Found,
    history: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = found("v3.0.0")
    recorded = root / ".copier-answers.yml"
    edit(recorded, (str(history), "https://me:t0ken@git.acme.example/charter.git"))
    commit(root)
    fetch, asked = git.fetch, []

    def answer(mirror: Path, address: Address, *rest: object) -> None:
        asked.append(address.url)
        fetch(mirror, addresses.parse(str(history)), *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(git, "fetch", answer)
    done = update(root)

    assert done.exit_code == 0, done.output
    assert set(asked) == {"https://git.acme.example/charter.git"}
    assert "the secret in `_src_path` is removed" in done.output and "revoke it" in done.output
    assert "t0ken" not in recorded.read_text() + done.output


@pytest.mark.field(10, "secrets in messages")
def test_no_message_about_answers_or_settings_has_a_secret(tmp_path: Path) -> None:
    secret = f"git+https://t0ken@a.example/p.git@{'a' * 40}"
    (tmp_path / ".mlcharter.yml").write_text(f"extends: {secret}\n")
    (tmp_path / ".copier-answers.yml").write_text("_src_path: https://t0ken@a.example/c\n")
    said = [finding.message for finding in settings.read(Folder(tmp_path)).problems]
    said += [problem.message for problem in answers.read(Folder(tmp_path), ()).problems]

    assert len(said) == 3 and "t0ken" not in " ".join(said)
    assert said[0] == (
        f"`git+https://a.example/p.git@{'a' * 40}` contains a secret; "
        "remove and revoke it, and use Git's credential helper"
    )


@pytest.mark.field(10, "secrets in messages")
def test_the_error_of_a_failed_fetch_has_no_secret(tmp_path: Path) -> None:
    """Nothing listens on port 1 of this machine."""
    git.init(tmp_path / "m.git")
    with pytest.raises(UserError) as refusal:
        git.fetch(tmp_path / "m.git", addresses.parse("https://me:t0ken@127.0.0.1:1/c"), ["HEAD"])

    assert refusal.value.message.startswith("git fetch failed: fatal: unable to access")
    assert "t0ken" not in f"{refusal.value.message} {refusal.value.hint}"

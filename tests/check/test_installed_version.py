"""The note about another mlcharter in the environment of a repository than the one that it pins."""

from pathlib import Path

import pytest

from mlcharter.check.installed_version import describe_difference

SHA = "0123456789abcdef0123456789abcdef01234567"


def note(root: Path, *, pinned: str, installed: str | None, prefix: str = ".venv") -> str | None:
    """The note in a repository, for a package in its environment that was built from a version."""
    (root / ".copier-answers.yml").write_text(
        f"_commit: {pinned}\ntracks: [rag]\ntier: production\n"
    )
    package = root / ".venv/mlcharter"
    (package / "_template").mkdir(parents=True)
    if installed:
        (package / "_template/COMMIT").write_text(f"{installed}\n")
    return describe_difference(root, str(root / prefix), package)


def test_another_version_than_the_pinned_one_is_named(tmp_path: Path) -> None:
    assert note(tmp_path, pinned="v1.3.0", installed="v1.2.0") == (
        "mlcharter v1.2.0 is installed, but the answers name v1.3.0; "
        "run `make setup` to install that"
    )


@pytest.mark.parametrize(
    ("pinned", "installed"),
    [("v1.2.0", "v1.2.0"), (SHA, SHA), (f"v1.2.0-3-g{SHA[:7]}", SHA), ("v1.2.0", None)],
)
def test_the_pinned_version_and_an_unknown_one_are_not_noted(
    tmp_path: Path, pinned: str, installed: str | None
) -> None:
    assert note(tmp_path, pinned=pinned, installed=installed) is None


def test_an_environment_elsewhere_may_have_any_version(tmp_path: Path) -> None:
    assert note(tmp_path, pinned="v1.3.0", installed="v1.2.0", prefix="../tools") is None

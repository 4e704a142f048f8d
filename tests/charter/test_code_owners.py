"""Who owns a path, by the documented syntax of CODEOWNERS on GitHub and on GitLab.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
https://docs.gitlab.com/user/project/codeowners/reference/ and …/advanced/
"""

import datetime
from pathlib import Path

import pytest

from mlcharter.charter import code_owners
from mlcharter.check import engine
from mlcharter.support.files import Folder

TODAY = datetime.date(2026, 12, 1)
# A file, a path, and who owns the path on GitHub and on GitLab.
OWNED = [
    ("* @a\n/docs/ @b", "docs/x/y.md", "@b", "@b"),
    ("* @a\n/docs/ @b", "src/docs/y.md", "@a", "@a"),
    ("* @a\ndocs/* @b", "docs/y.md", "@b", "@b"),
    ("* @a\ndocs/* @b", "docs/x/y.md", "@a", "@a"),
    ("* @a\ndocs/* @b", "src/docs/y.md", "@a", "@b"),  # on GitLab at any depth
    ("* @a\n/docs @b", "docs/y.md", "@b", "@a"),  # on GitLab a file of that name
    ("* @a\n/docs/** @b", "docs/x/y.md", "@b", "@a"),  # in Ruby `**` at the end is `*`
    ("* @a\n/docs/**/*.md @b", "docs/y.md", "@b", "@b"),
    ("* @a\n**/docs/* @b", "x/docs/y/z.md", "@a", "@a"),
    ("* @a\n/ @b", "docs/y.md", "@a", "@b"),
    ("* @a\n*.md @b", "docs/x/y.md", "@b", "@b"),
    ("* @a\n/docs/", "docs/y.md", "", ""),
    ("* @a\n/docs/ @b # @c", "docs/y.md", "@b", "@b @c"),  # GitLab has no comments there
    ("* @a\n# /docs/ @b", "docs/y.md", "@a", "@a"),
    ("* @a\n/docs/[a-z].md @b", "docs/y.md", "@a", "@b"),
    ("* @a\n/docs/[^a-c].md @b", "docs/y.md", "@a", "@b"),
    ("* @a\n!/docs/", "docs/y.md", "@a", ""),
    ("!/docs/\n* @a", "docs/y.md", "@a", ""),  # GitLab never includes it again
    ("* @a\n\\#x.md @b", "#x.md", "@a", "@b"),
    ("* @a\nx\\ y.md @b", "x y.md", "@b", "@b"),
    ("* @a\n/docs/ b", "docs/y.md", "@a", ""),  # not an owner: GitHub skips the line
    ("* @a\n/docs/ b @c", "docs/y.md", "@a", "@c"),
    ("* @a\n/docs/ b@c.example", "docs/y.md", "b@c.example", "b@c.example"),
    ("* @a\n/Docs/ @b", "docs/y.md", "@a", "@a"),
    ("* @a\n[Docs] @b\n/docs/", "docs/y.md", "", "@a @b"),
    ("* @a\n^[Docs][2] @b\n/docs/ @c", "docs/y.md", "@c", "@a @c"),
    ("[Docs]\n/docs/ @b\n[docs]\n/docs/y.md @c", "docs/y.md", "@c", "@c"),
    ("[Docs\n/docs/ @b", "docs/y.md", "@b", "@b"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "path", "github", "gitlab"), OWNED)
def test_a_path_has_the_owners_that_its_host_gives_it(
    text: str, path: str, github: str, gitlab: str
) -> None:
    found = {host: " ".join(code_owners.parse(text, host).of(path)) for host in code_owners.PATHS}

    assert found == {"github": github, "gitlab": gitlab}


@pytest.mark.parametrize(
    ("files", "github", "gitlab"),
    [
        (["CODEOWNERS"], "CODEOWNERS", "CODEOWNERS"),
        ([".github/CODEOWNERS", "CODEOWNERS"], ".github/CODEOWNERS", "CODEOWNERS"),
        (["docs/CODEOWNERS", ".gitlab/CODEOWNERS"], "docs/CODEOWNERS", "docs/CODEOWNERS"),
        ([".gitlab/CODEOWNERS"], ".gitlab/CODEOWNERS", ".gitlab/CODEOWNERS"),
        ([], None, None),
    ],
)
def test_each_host_reads_the_first_of_its_places(
    tmp_path: Path, files: list[str], github: str | None, gitlab: str | None
) -> None:
    for path in files:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("* @a\n")
    charter = engine.open_charter(Folder(tmp_path), TODAY)

    assert code_owners.find_file(charter, "github") == github
    assert code_owners.find_file(charter, "gitlab") == gitlab


@pytest.mark.parametrize(
    ("answers", "files", "host"),
    [
        ("ci: github", [".gitlab-ci.yml"], "github"),
        ("ci: gitlab", [".github/workflows/a.yml"], "gitlab"),
        ("ci: none", [".gitlab-ci.yml"], "gitlab"),
        ("ci: none", [".gitlab-ci.yml", ".github/workflows/a.yml"], "github"),
        ("ci: none", [], "github"),
    ],
)
def test_the_answers_name_the_host_and_else_the_ci(
    tmp_path: Path, answers: str, files: list[str], host: str
) -> None:
    (tmp_path / ".copier-answers.yml").write_text(
        f"_commit: v1.0.0\ntracks: [rag]\ntier: production\nlayout: full\n{answers}\n"
    )
    for path in files:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")

    assert code_owners.find_host(engine.open_charter(Folder(tmp_path), TODAY)) == host

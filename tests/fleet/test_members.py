"""Which repositories a fleet has."""

import subprocess
from pathlib import Path

import pytest

from mlcharter.fleet import members
from mlcharter.fleet.members import Listed
from mlcharter.support.errors import UserError


def clone(place: Path) -> Path:
    place.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", str(place)], check=True)
    return place


def names(*sources: Path) -> list[str]:
    return [member.name for member in members.find(sources)]


def test_a_folder_has_the_clones_and_mirrors_below_it(tmp_path: Path) -> None:
    clone(tmp_path / "acme" / "risk")
    clone(tmp_path / "acme" / "risk" / "vendored")
    (tmp_path / "acme" / "notes").mkdir()
    subprocess.run(["git", "init", "--quiet", "--bare", f"{tmp_path}/search.git"], check=True)
    (tmp_path / "unpacked").mkdir()
    (tmp_path / "unpacked" / ".copier-answers.yml").write_text("tracks: [rag]\ntier: critical\n")

    assert names(tmp_path) == ["acme/risk", "search", "unpacked"]
    assert [member.bare for member in members.find([tmp_path])] == [False, True, False]


def test_a_repository_that_two_sources_name_is_one_member(tmp_path: Path) -> None:
    risk = clone(tmp_path / "risk")

    assert names(risk, tmp_path) == ["risk"]


def test_repositories_of_one_name_are_named_by_their_paths(tmp_path: Path) -> None:
    first, second = clone(tmp_path / "a" / "risk"), clone(tmp_path / "b" / "risk")

    assert names(first, second) == [str(first), str(second)]


def test_a_text_file_has_a_path_in_each_line(tmp_path: Path) -> None:
    (tmp_path / "fleet.txt").write_text("# the first wave\nclones/risk\n\nmirrors/search.git\n")

    assert names(tmp_path / "fleet.txt") == ["clones/risk", "mirrors/search"]


def test_a_list_says_who_owns_a_repository_and_where_it_is(tmp_path: Path) -> None:
    text = "path,owner,wave,url\nclones/risk,@risk,1,https://git.acme.example/risk\nlost,,,\n"
    (tmp_path / "fleet.csv").write_text(text)
    (tmp_path / "fleet.json").write_text('[{"path": "clones/risk", "tier": "critical"}]')

    first, second = members.find([tmp_path / "fleet.csv"])

    url = "https://git.acme.example/risk"
    assert first.listed == Listed(path="clones/risk", owner="@risk", wave="1", url=url)
    assert first.place == tmp_path / "clones" / "risk"
    assert second.listed == Listed(path="lost")
    assert members.find([tmp_path / "fleet.json"])[0].listed.tier == "critical"


@pytest.mark.parametrize(
    ("name", "text", "message", "hint"),
    [
        (
            "fleet.csv",
            "path,ower\na,b\n",
            "{}:1: there is no column `ower`",
            "did you mean `owner`?",
        ),
        ("fleet.csv", "name\nrisk\n", "{}: entry 2 has no `path`", "give non-empty text"),
        ("fleet.json", '{"path": "a"}', "{} is not a list", 'write `[{{"path": "clones/risk"'),
        ("fleet.json", '[{"path": 3}]', "{}: entry 1 has `3` as `path`", "give non-empty text"),
        ("fleet.json", "[" * 100_000, "{} is not JSON: maximum recursion", 'write `[{{"path"'),
        ("fleet.txt", b"\xff", "{} is not UTF-8", "save it as UTF-8"),
        ("fleet", None, "{} does not exist", "name a folder, or a list of paths"),
    ],
)
def test_a_wrong_list_is_an_error_that_says_what_to_write(
    tmp_path: Path, name: str, text: str | bytes | None, message: str, hint: str
) -> None:
    source = tmp_path / name
    if text is not None:
        source.write_bytes(text.encode() if isinstance(text, str) else text)

    with pytest.raises(UserError) as raised:
        members.find([source])

    assert raised.value.message.startswith(message.format(source))
    assert (raised.value.hint or "").startswith(hint.replace("{{", "{"))


def test_a_folder_without_repositories_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no repository in"):
        members.find([tmp_path])

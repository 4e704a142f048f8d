"""The sources of the site: each command, rule, config block and page of docs/ has its place."""

import re
import subprocess
import threading
import tomllib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import draw_pages
import pytest
import website
from click.testing import CliRunner
from PIL import Image

from browser import NARROW, WIDE, browser, open_page, violations, widens
from conftest import ROOT, TRACKS, Render
from mlcharter.charter import config_entries, settings
from mlcharter.check import rule
from mlcharter.cli import cli
from mlcharter.explain import pages
from mlcharter.support.files import Folder
from mlcharter.template import questionnaire

__all__ = ["browser"]
README, GUIDES = ROOT / "README.md", sorted((ROOT / "docs").glob("*.md"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    website.write(folder)
    return folder


def test_every_page_of_docs_is_in_the_navigation(site: Path) -> None:
    navigation = (site / "zensical.toml").read_text(encoding="utf-8")
    named = set(re.findall(r'"([\w/-]+\.md)"', navigation))
    assert named == {
        *(str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")),
        *(f"reference/{folder}/index.md" for folder in website.HEADINGS),
        "index.md",
        "security.md",
    }
    assert tomllib.loads(navigation)["project"]["site_name"] == "mlcharter"


def test_commands_rules_config_blocks_and_questions_are_in_the_reference(site: Path) -> None:
    reference = site / "docs/reference"
    for command in cli.list_commands(click.Context(cli)):
        assert f"Usage: mlcharter {command}" in (reference / f"commands/{command}.md").read_text()
    for name in rule.names():
        page = (reference / f"rules/{name}.md").read_text(encoding="utf-8")
        assert rule.describe(name).title in page.replace("&lt;", "<")
    for kind in config_entries.kinds():
        page = (reference / f"config/{kind.replace('_', '-')}.md").read_text(encoding="utf-8")
        assert f"<!-- config: {kind} -->\n```yaml\n" in page
    questions = (reference / "questions/questions.md").read_text(encoding="utf-8")
    assert [name for name in questionnaire.load(ROOT) if f"| `{name}` |" not in questions] == []


def options(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    """Yield each option that `--help` shows of a command and of the commands in it."""
    context = click.Context(command, info_name=path)
    for param in command.get_params(context):
        if isinstance(param, click.Option) and not param.hidden:
            yield from ((path, name) for name in param.opts)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from options(found, f"{path} {name}")


def test_every_option_is_in_the_reference_with_its_command(site: Path) -> None:
    text = "".join(path.read_text() for path in (site / "docs/reference/commands").iterdir())
    helps = re.findall(r"^Usage: (mlcharter [a-z ]+?) (?=[^a-z])(.*?)^```", text, re.M | re.S)
    found = dict(helps)

    listed = [one for one in options(cli, "mlcharter") if one[0] != "mlcharter"]
    assert [one for one in listed if not re.search(rf"{one[1]}\b", found[one[0]])] == []
    assert ("mlcharter fleet check", "--compare") in listed


def test_every_section_and_item_is_in_the_reference(site: Path, render: Render) -> None:
    text = "".join(path.read_text() for path in (site / "docs/reference/documents").iterdir())
    more = {"tracks": list(TRACKS), "tier": "critical", "rag_tools": True}
    names = [
        found
        for root in (render(**more, rag_hosting=host) for host in ("vendor", "self"))
        for path in map(root.joinpath, pages.list_reference()["documents"])
        if path.is_file()
        for form in (r"(?m)^<!-- section: ([\w-]+) -->", r"(?m)^- \[ \] `([\w-]+)` .*<!-- from")
        for found in re.findall(form, path.read_text(encoding="utf-8"))
    ]

    assert len(names) > 200
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_address_of_a_name_is_that_of_its_page(site: Path) -> None:
    for folder, names in pages.list_reference().items():
        for name in names:
            url = pages.find_url(name)
            page = url.removeprefix(rule.SITE).replace(".html", ".md")
            assert (site / "docs" / page).is_file(), f"{folder}: {name}"
    assert pages.find_url("link-broken") == rule.url("link-broken")


def test_explain_prints_the_address_of_a_page() -> None:
    result = CliRunner().invoke(cli, ["explain", "--url", "link-broken"])
    assert result.output == f"{rule.SITE}reference/rules/link-broken.html\n"

    result = CliRunner().invoke(cli, ["explain", "--url", "no-such-rule"])
    assert (result.exit_code, "has no page of its own" in result.output) == (2, True)

    result = CliRunner().invoke(cli, ["explain", "--url"])
    assert (result.exit_code, "--url needs a NAME" in result.output) == (2, True)


def test_the_pictures_show_the_pages_as_they_are() -> None:
    """`make screenshots` draws them; each has the digest of what it shows."""
    pictures = sorted(draw_pages.PICTURES.iterdir())
    shown = "".join(path.read_text(encoding="utf-8") for path in [README, *GUIDES])

    assert len(pictures) == 3
    for path in pictures:
        with Image.open(path) as picture:
            assert picture.info["sources"] == draw_pages.digest(path.stem), path.name
            assert picture.size == tuple(draw_pages.SIZE.values())
        assert path.stat().st_size < 80_000
        assert f"pictures/{path.name}" in shown


def test_the_address_of_the_site_is_that_of_the_package() -> None:
    assert website.PROJECT["urls"]["Documentation"] == rule.SITE


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `make site` builds it: it refuses dead links and anchors."""
    into = tmp_path_factory.mktemp("built")
    command = ["make", "site", f"SITE={into}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout + done.stderr
    return into / "site"


@pytest.mark.journey
def test_no_page_of_the_site_loads_anything_from_elsewhere(built: Path) -> None:
    loaded = [
        f"{page.relative_to(built)}: {address}"
        for page in built.rglob("*.html")
        for address in re.findall(
            r'<(?:script|img|iframe|link rel="(?:stylesheet|icon|preload)")[^>]*'
            r'(?:src|href)="((?:https?:)?//[^"]*)"',
            page.read_text(encoding="utf-8"),
        )
    ]
    assert loaded == []


SHOWN = [
    "index.html",
    "diff.html",
    "fleet.html",
    "reference/commands/fleet.html",
    "reference/rules/link-broken.html",
]


@pytest.mark.journey
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_pages_of_the_site(
    browser: Any, built: Path, scheme: str, size: Any
) -> None:
    for name in SHOWN:
        page = open_page(browser, (built / name).as_uri(), scheme, size)
        assert (name, violations(page)) == (name, [])
        assert not widens(page), name
        assert {request.partition(":")[0] for request in page.requests} <= {"file", "data", "blob"}
        page.close()


class QuietServer(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(params=["from a server", "from a folder"])
def here(request: pytest.FixtureRequest, built: Path) -> Iterator[str]:
    """The address of the built site."""
    if request.param == "from a folder":
        yield f"{built.as_uri()}/"
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietServer, directory=str(built)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.mark.journey
def test_the_search_of_the_site_works_with_the_keyboard(browser: Any, here: str) -> None:
    page = open_page(browser, f"{here}index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to content"

    page.wait_for_function("[...document.querySelectorAll('*')].some(part => part.shadowRoot)")
    page.keyboard.press("Control+k")
    page.wait_for_function("document.activeElement.shadowRoot?.activeElement?.matches('input')")
    page.keyboard.insert_text("burn rate")
    page.get_by_text("burn").first.wait_for()

    assert [address for address in page.requests if not address.startswith(here)] == []
    page.close()


def test_the_settings_and_the_standard_of_the_guide_are_valid(tmp_path: Path) -> None:
    guide = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    own, standard = re.findall(r"```yaml\n(.*?)```", guide, re.S)
    (tmp_path / ".mlcharter.yml").write_text(f"extends: standard.yml\n{own}", encoding="utf-8")
    (tmp_path / "standard.yml").write_text(standard, encoding="utf-8")

    read = settings.read(Folder(tmp_path))
    assert read.problems == ()
    assert read.level("docs/eval_pack.md", "release/1") == "release"
    assert [document.path for document in read.required] == ["docs/privacy.md"]

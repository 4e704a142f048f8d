"""Reports about a fleet: from rows, without a repository."""

import datetime
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from mlcharter.cli import cli
from mlcharter.fleet import lines, reporting
from mlcharter.fleet.rows import Excuse, Failing, Row
from mlcharter.status.progress import Left
from mlcharter.support import plugins
from mlcharter.support.errors import UserError

TODAY = datetime.date(2026, 12, 1)
FORMATS = plugins.names("mlcharter.fleet.outputs")


def failing(rule: str, line: int = 3) -> Failing:
    return Failing(
        rule=rule,
        path="docs/eval_pack.md",
        line=line,
        message=f"`{rule}` is broken",
        level="complete",
        fingerprint=f"{rule}{line}",
    )


RISK = Row(
    name="risk",
    place="/clones/risk",
    date=TODAY,
    state="checked",
    owner="@risk",
    wave="1",
    url="git@git.acme.example:acme/risk.git",
    tier="production",
    tracks=("applied",),
    template="v0.4.0",
    level="complete",
    documents=12,
    score=41,
    areas={"evaluation": 12.5, "safety": None},
    left=Left(draft=0, complete=3, release=9),
    failing=(failing("link-broken"), failing("link-broken", 9), failing("owner-unknown")),
    excuses=(
        Excuse(
            of="item",
            what="slice-gates",
            by="@lead",
            until=TODAY + datetime.timedelta(days=12),
            reason="labels are late",
        ),
        Excuse(of="baseline", what="link-broken", by="@risk", since=datetime.date(2026, 1, 2)),
    ),
)
SEARCH = Row(
    name="search",
    place="/clones/search",
    date=TODAY,
    state="checked",
    owner="@search",
    tier="critical",
    tracks=("rag",),
    template="v0.5.0",
    level="draft",
    documents=14,
    score=64,
    areas={"evaluation": 20.0},
)
PLAIN = Row(name="plain", place="/clones/plain", date=TODAY, state="not adopted")
GONE = Row(
    name="gone", place="/clones/gone", date=TODAY, state="failed", error="/clones/gone is no folder"
)
EARLIER = Row(
    name="risk", place="/clones/risk", date=datetime.date(2026, 11, 1), state="not adopted"
)
FLEET = [RISK, SEARCH, PLAIN, GONE, EARLIER]


def render(format_: str, fleet: list[Row]) -> str:
    text: str = plugins.load_one("mlcharter.fleet.outputs", format_).render(
        reporting.summarise(fleet)
    )
    return text


@pytest.mark.parametrize("format_", FORMATS)
def test_a_report_in_each_format(format_: str, golden: Callable[[str, str], None]) -> None:
    golden(f"fleet/report.{format_}", render(format_, FLEET))


HOSTILE = "<script>alert(1)</script> | =cmd() \x1b[2J ](https://evil.example) \n::error::x"


@pytest.mark.hostile("text in a report about a fleet")
@pytest.mark.parametrize("format_", FORMATS)
def test_text_of_a_repository_stays_text(format_: str) -> None:
    hostile = Row(
        name=HOSTILE,
        place="/x",
        date=TODAY,
        state="checked",
        owner=f"={HOSTILE}",
        url=f"javascript:{HOSTILE}",
        template=HOSTILE,
        failing=(replace(failing("r"), path=HOSTILE, message=HOSTILE),),
        excuses=(Excuse(of="allow", what=HOSTILE, by=HOSTILE, until=TODAY, reason=HOSTILE),),
    )

    text = render(format_, [hostile])

    assert "\x1b" not in text and not re.search(r"^::", text, re.MULTILINE)
    if format_ == "html":
        page = Page(text)
        assert page.scripts == 1 and page.links <= {"#r1"}
        assert "<script>alert(1)</script>" in page.text
    if format_ == "markdown":
        assert "<script>" not in text and "](https://evil" not in text
    if format_ == "csv":
        assert not re.search(r'(^|,)"?=', text, re.MULTILINE)


class Page(HTMLParser):
    """The scripts, links and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.scripts, self.links, self.text = 0, set[str](), ""
        self.addresses = set[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        named = dict(attrs)
        if tag == "a":
            self.links.add(named["href"] or "")
        self.addresses |= {
            named[n] or "" for n in ("src", "srcset", "action", "data") if n in named
        }
        self.addresses |= {named["href"] or ""} if tag in ("link", "base", "image") else set()

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_loads_nothing_and_links_to_the_lines_of_findings() -> None:
    page = Page(render("html", FLEET))

    assert page.addresses == set()
    assert page.links == {
        *("#r1", "#r2", "#r3", "#r4"),
        "https://git.acme.example/acme/risk",
        "https://git.acme.example/acme/risk/blob/HEAD/docs/eval_pack.md#L3",
        "https://git.acme.example/acme/risk/blob/HEAD/docs/eval_pack.md#L9",
    }


def test_results_of_several_days_give_a_trend() -> None:
    fleet = reporting.summarise(FLEET)

    assert [(str(d.date), d.repositories, d.adopted, d.passing, d.score) for d in fleet.trend] == [
        ("2026-11-01", 1, 0, 0, None),
        ("2026-12-01", 4, 2, 1, 52.5),
    ]


def test_what_ends_first_comes_first() -> None:
    held = reporting.summarise(FLEET).excuses

    assert [(each.excuse.what, each.due) for each in held] == [
        ("slice-gates", True),
        ("link-broken", False),
    ]


# Reading results


def written(path: Path, *lines: str) -> Path:
    path.write_text("".join(lines))
    return path


def test_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = written(tmp_path / "r.jsonl", *map(lines.render, FLEET))

    assert reporting.read([file]) == FLEET


def test_a_line_that_a_kill_cut_off_is_left_out(tmp_path: Path) -> None:
    file = written(tmp_path / "r.jsonl", lines.render(RISK), lines.render(SEARCH)[:70])

    assert reporting.read([file]) == [RISK]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nonsense\n", ":2: JSON is malformed"),
        ('{"version": 2}\n', ":2: Invalid enum value 2"),
        ('{"version": 1}\n', ":2: Object missing required field `name`"),
    ],
)
def test_a_line_that_is_no_row_is_an_error(tmp_path: Path, line: str, message: str) -> None:
    file = written(tmp_path / "r.jsonl", lines.render(RISK), line, lines.render(SEARCH))

    with pytest.raises(UserError) as raised:
        reporting.read([file])

    assert message in raised.value.message


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(cli, ["fleet", "report", *map(str, args)])


def test_a_report_is_shown_and_written(tmp_path: Path) -> None:
    file = written(tmp_path / "r.jsonl", *map(lines.render, FLEET))

    done = run(file, "--output", f"html={tmp_path}/page.html", "--format", "json")

    assert done.exit_code == 0 and json.loads(done.stdout)["date"] == "2026-12-01"
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")


def test_results_without_a_repository_are_an_error(tmp_path: Path) -> None:
    done = run(written(tmp_path / "r.jsonl", ""))

    assert done.exit_code == 2
    assert done.stderr == (
        "error: the results have no repository\n  hint: name files with results\n"
    )

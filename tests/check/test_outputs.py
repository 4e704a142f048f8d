"""Every output format of a check: whole outputs, schemas, and hostile names."""

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator

import mlcharter
from mlcharter.check.result import Judged, Result
from mlcharter.support import plugins
from mlcharter.support.finding import Finding
from mlcharter.support.plain import markdown_text

OUTPUTS = plugins.load("mlcharter.check.outputs")
SARIF = json.loads((Path(__file__).parents[1] / "schemas/sarif-2.1.0.json").read_text())
GONE = Finding("docs/eval_pack.md", 41, 3, "link-broken", "`x.md` leads nowhere; correct it")
EMPTY = Finding("docs/eval_pack.md", 5, 10, "field-empty", "`Reviewed:` is empty; write a day")
OPEN = Finding("ops/runbook.md", 9, 1, "item-without-evidence", "`a` is required; tick it")
OLD = Finding("ops/runbook.md", 10, 1, "link-broken", "`y.md` leads nowhere; correct it")
RESULT = Result(
    "",
    "complete",
    17,
    (
        Judged(EMPTY, "allowed", "complete", "until 2027-01-31 by @lead: new team"),
        Judged(GONE, "fails", "draft"),
        Judged(OPEN, "counted", "release"),
        Judged(OLD, "known", "draft", "in the baseline of @lead since 2026-11-01"),
    ),
    "@lead",
    "2026-11-01",
)


def render(name: str, *results: Result) -> str:
    return str(OUTPUTS[name].render(results or (RESULT,)))


def test_text() -> None:
    assert re.sub(r"\x1b\[[0-9;]*m", "", render("text")) == (
        "docs/eval_pack.md:41:3: `x.md` leads nowhere; correct it [link-broken]\n"
        "\n"
        "complete: 1 finding in 17 documents\n"
        "fails at release: 1 item-without-evidence\n"
        "allowed by the settings: 1\n"
        "in the baseline of @lead: 1, the oldest since 2026-11-01\n"
    )


def test_github() -> None:
    assert render("github") == (
        "::error file=docs/eval_pack.md,line=41,col=3,title=link-broken::"
        "`x.md` leads nowhere; correct it\n"
        "::notice title=mlcharter::complete: 1 finding in 17 documents; "
        "fails at release: 1 item-without-evidence; allowed by the settings: 1; "
        "in the baseline of @lead: 1, the oldest since 2026-11-01\n"
    )


def test_gitlab() -> None:
    assert json.loads(render("gitlab")) == [
        {
            "description": "`x.md` leads nowhere; correct it",
            "check_name": "link-broken",
            "fingerprint": RESULT.fingerprints[GONE],
            "severity": "major",
            "location": {"path": "docs/eval_pack.md", "lines": {"begin": 41}},
        }
    ]


def test_markdown() -> None:
    assert render("markdown") == (
        "**complete: 1 finding in 17 documents**\n"
        "\n"
        "| Place | Finding | Rule |\n"
        "|---|---|---|\n"
        "| docs/eval\\_pack.md:41 | `x.md` leads nowhere; correct it | link-broken |\n"
        "\n"
        "fails at release: 1 item-without-evidence\n"
        "\n"
        "allowed by the settings: 1\n"
        "\n"
        "in the baseline of \\@&#8203;lead: 1, the oldest since 2026-11-01\n"
    )


def test_json_fits_its_published_schema() -> None:
    schema = Path(mlcharter.__file__).parent / "schemas/check.json"
    printed = json.loads(render("json"))

    Draft202012Validator(json.loads(schema.read_text())).validate(printed)
    assert printed["version"] == 1
    assert not printed["ok"]
    assert [found["outcome"] for found in printed["findings"]] == [
        "allowed",
        "fails",
        "counted",
        "known",
    ]


def test_sarif_fits_the_official_schema() -> None:
    printed = json.loads(render("sarif"))

    Draft4Validator(SARIF).validate(printed)
    (run,) = printed["runs"]
    (gone,) = run["results"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["link-broken"]
    assert (gone["ruleIndex"], gone["level"]) == (0, "error")
    assert gone["partialFingerprints"] == {"mlcharter/v1": RESULT.fingerprints[GONE]}


def test_an_output_without_findings_is_valid() -> None:
    Draft4Validator(SARIF).validate(json.loads(render("sarif", Result("", "draft", 0, ()))))
    assert json.loads(render("gitlab", Result("", "draft", 0, ()))) == []


def test_fingerprints_stay_when_lines_move_and_differ_otherwise() -> None:
    moved = Finding(GONE.path, 99, 1, GONE.rule, GONE.message)
    twice = Result(
        "", "draft", 1, (Judged(GONE, "fails", "draft"), Judged(moved, "fails", "draft"))
    )
    one = Result("", "draft", 1, (Judged(moved, "fails", "draft"),))

    assert one.fingerprints[moved] == RESULT.fingerprints[GONE]
    assert len(set(twice.fingerprints.values())) == 2
    assert RESULT.fingerprints[GONE] != RESULT.fingerprints[OLD]


def test_a_table_is_cut_below_the_limit_of_a_job_summary() -> None:
    many = tuple(
        Judged(Finding("a.md", n, 1, "link-broken", "x"), "fails", "draft") for n in range(1, 500)
    )
    printed = render("markdown", Result("", "draft", 1, many))

    assert printed.count("\n| a.md") == 200
    assert "and 299 more" in printed


@pytest.mark.hostile("output that its host cannot show")
def test_a_table_of_long_messages_stays_below_the_limit_of_github() -> None:
    long = "<" * 2000
    many = tuple(
        Judged(Finding("a.md", n, 1, "link-broken", long), "fails", "draft") for n in range(1, 500)
    )
    printed = render("markdown", *[Result(f"{n}/", "draft", 1, many) for n in range(3)])

    assert len(printed.encode()) < 1024 * 1024
    rows = printed.count("a.md:")
    assert rows > 30
    assert sum(int(more) for more in re.findall(r"and (\d+) more", printed)) == 3 * 499 - rows


@pytest.mark.hostile("mathematics from a message")
def test_code_between_dollars_is_not_a_formula() -> None:
    """Hosts look for a dollar right before and after code in the rendered text."""
    assert markdown_text("$`x`$") == "\\$&#8203;`x`\\$&#8203;"


HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\r\n\t\u2028\u202e\u2066\x9b\x07|<>&`[]()!%:,"),
    ),
    min_size=1,
    max_size=40,
)


@pytest.mark.parametrize("name", list(OUTPUTS))
@given(path=HOSTILE, message=HOSTILE)
def test_names_and_messages_are_escaped(name: str, path: str, message: str) -> None:
    finding = Finding(path, 1, 1, "link-broken", message)
    printed = render(name, Result("", "draft", 1, (Judged(finding, "fails", "draft"),)))
    plain = render(name, Result("", "draft", 1, (Judged(GONE, "fails", "draft"),)))
    shown = re.sub(r"\x1b\[[0-9;]*m", "", printed) if name == "text" else printed

    strange = {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")}
    assert strange <= {"\n"}
    assert printed.count("\n") == plain.count("\n")


@given(path=HOSTILE, message=HOSTILE)
def test_no_document_can_write_a_workflow_command(path: str, message: str) -> None:
    finding = Finding(path, 1, 1, "link-broken", message)
    first, *_ = render(
        "github", Result("", "draft", 1, (Judged(finding, "fails", "draft"),))
    ).split("\n")
    given, _, said = first.removeprefix("::error ").partition("::")

    assert given.count(",") == 3
    assert "::" not in given
    assert "\r" not in said


def test_a_command_in_a_file_name_is_escaped() -> None:
    finding = Finding("a\n::stop-commands::x\nb.md", 1, 1, "link-broken", "50% off\r\n::error::")

    assert render(
        "github", Result("", "draft", 1, (Judged(finding, "fails", "draft"),))
    ).splitlines()[0] == (
        "::error file=a\\n%3A%3Astop-commands%3A%3Ax\\nb.md,line=1,col=1,title=link-broken::"
        "50%25 off\\r\\n::error::"
    )

"""Text of a repository stays text, whatever shows it: a terminal, a CI log, a summary, a program.

Each reader here is a real one where there is one: pyte for terminals, GitHub's own cmark-gfm and
markdown-it for Markdown, json for JSON. Of the runner of GitHub Actions there is a model.
"""

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import click
import cmarkgfm
import pyte
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import mlcharter
from conftest import ROOT, TRACKS, Render
from mlcharter.check.result import Judged, Result
from mlcharter.cli import cli
from mlcharter.gate.verdict import Decision, JudgedReport, Verdict
from mlcharter.status.clause_parts import ClausePart, Proof
from mlcharter.status.crosswalks import STATES, ClauseStatus, CrosswalkStatus
from mlcharter.status.judgements import Count
from mlcharter.status.next_steps import Step
from mlcharter.status.progress import AreaProgress, DocumentProgress, Left, Progress
from mlcharter.status.start_here import StartStep
from mlcharter.support import plain, plugins
from mlcharter.support.finding import Finding
from mlcharter.update import reports
from mlcharter.update.adopting import Plan
from mlcharter.update.merging.trees import Change, File
from mlcharter.update.proposals import Proposal

PACKAGE = Path(mlcharter.__file__).parent

WORKFLOW_COMMANDS = [
    "::error::x",
    "  ::stop-commands::token",
    "\u00a0::add-mask::x",
    "a\n::add-path::/tmp",
    "a\r::warning::b",
    "a\u2028::set-env name=PATH::b",
    "a\x85::debug::b",
    ":",
    "##[command]x",
    "a ##[set-env name=PATH]/tmp",
    "###[error]x",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[blockOpened name='x']",
    "##",
    "section_start:1:x[collapsed=true]\r\x1b[0Kx",
]
TERMINAL_ESCAPES = [
    "a\x1b[2Jb",
    "\x1b]0;title\x07b",
    "\x1b]8;;https://evil.example\x1b\\b\x1b]8;;\x1b\\",
    "\x9b31mb",
    "\x9d0;title\x9cb",
    "a\rb",
    "a\x08\x08b",
    "a\x0bb\x0cc",
    "\x1bcb",
    "\x1b[999Ab",
    "\x0eb",
    "a\x00b\x7f",
    "\u202egnp.md",
    "\u2066x\u2069\u200f",
    "\udc9b31m",
]
LINKS = [
    "<https://evil.example/login>",
    "a@evil.example",
    "<a@evil.example>",
    "https://evil.example",
    "HTTPS://evil.example",
    "ftp://evil.example/x",
    "www.evil.example",
    "WWW.evil.example",
    "mailto:a@evil.example",
    "xmpp:a@evil.example/x",
    "[x](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "[x]: https://evil.example",
    "[^1]",
    "<a href=//evil.example>x</a>",
    "<img src=x onerror=alert(1)>",
    "<!-- x",
    "&lt;b&gt; &#64;x",
    "@someone and @acme/team",
    "#1, GH-2, acme/x#3, acme/x@1234567",
    '!4 ~5 %6 $7 &8 ^alert#9 [issue:10] *iteration:11 ~"to do"',
    ":tada:",
    "[[page]] [TOC] [[_TOC_]]",
    "**b** _i_ ~~s~~ $x$ `` `c` ``",
    "a | b",
    "a \\| b \\",
    "`a | b` `c`",
    "`a`` <b> `",
    "```x",
    "- x",
    "+ x",
    "1) x",
    "# x",
    "> x",
    "===",
    "---",
    "/merge",
    "    code",
    "[ ] x",
]
KINDS = {
    "workflow commands": WORKFLOW_COMMANDS,
    "terminal escapes": TERMINAL_ESCAPES,
    "links in summaries": LINKS,
}
CORPUS = [
    pytest.param(text, marks=pytest.mark.hostile(kind), id=ascii(text))
    for kind, texts in KINDS.items()
    for text in texts
]
HOSTILE = st.lists(
    st.one_of(
        st.sampled_from([*WORKFLOW_COMMANDS, *TERMINAL_ESCAPES, *LINKS]),
        st.text(max_size=6),
        st.text("\x1b\r\n\t\u2028\u202e\x9b|<>&`[]()!%:,#@/.\\-=+ 1aw", max_size=12),
    ),
    min_size=1,
    max_size=4,
).map("".join)


# What is printed, with one text in every field that a repository can fill


def check_results(text: str) -> list[Result]:
    finding = Finding(text, 1, 1, "link-broken", text)
    note = Finding(text, 2, 1, "x", text)
    judged = (
        Judged(finding, "fails", "draft", text),
        Judged(note, "counted", "note", text),
        Judged(Finding(text, 3, 1, "x", text), "allowed", "complete", text),
        Judged(Finding(text, 4, 1, "x", text), "known", "complete", text),
        Judged(Finding(text, 5, 1, "x", text), "counted", "release", text),
    )
    return [Result(prefix, "draft", 1, judged, text, text) for prefix in (f"{text}/", "")]


def decision(text: str) -> Decision:
    names = dict.fromkeys(("config", "gate", "metric", "dataset", "slice", "bound", "why"), text)
    verdict = Verdict(
        **names,
        against=text,
        observed=1.0,
        op=">=",
        threshold=2.0,
        margin=-1.0,
        verdict="fail",
        reason="missed",
    )
    return Decision([verdict], [text, text], [JudgedReport(text, "0" * 64)])


def progress_of(text: str) -> Progress:
    count = Count(1, 2, 1)
    return Progress(
        version=1,
        root=text,
        name=text,
        tier="production",
        tracks=(text, text),
        level="draft",
        score=16,
        points=3,
        left=Left(1, 1, 1),
        documents=(DocumentProgress(text, count, count, count),),
        areas=(AreaProgress("a", text, 3, 6, 3, count),),
        beside=count,
        not_applicable=(text,),
        provided_elsewhere=(text,),
        excluded=(text,),
        starter=1,
        start=(StartStep(text, text, "commit it", False),),
        next=(Step(text, 1, "section-unfilled", "draft", text, text),),
    )


def crosswalk_of(text: str) -> CrosswalkStatus:
    part = ClausePart("item", text, "waived", f"{text}#{text}", text, (Proof(text, text),))
    return CrosswalkStatus(
        version=1,
        root=text,
        name=text,
        tier="production",
        tracks=(text, text),
        crosswalk=text,
        title=text,
        source=text,
        url=text,
        checked_on="2026-11-25",
        counts=dict.fromkeys(STATES, 1),
        clauses=(ClauseStatus(text, text, "waived", text, (part,)),),
    )


def update_plan(text: str) -> SimpleNamespace:
    both = [
        Change(text, "updated", notes=[text], sections=[text], new=File(b"x")),
        Change(text, "updated", notes=[text], sections=[text], conflict=True),
        Change(text, "updated", notes=[text]),
    ]
    return SimpleNamespace(
        changes=both,
        notes=[text],
        moved=[text],
        finished=None,
        written=True,
        about=text,
        conflicts=both[1:2],
    )


def adoption(text: str) -> str:
    answers = {"tracks": ["rag"], "owner": text, "project_name": text, "rag_x": text}
    return Plan(
        Path(),
        [Proposal("owner", text, text)],
        answers,
        changes=[Change(text, "new")],
        kept={text: text},
        offers=[text],
        existing={"README": [text]},
    ).render()


CHECK = plugins.load("mlcharter.check.outputs")
GATE = plugins.load("mlcharter.gate.outputs")
STATUS = plugins.load("mlcharter.status.outputs")
CROSSWALK = plugins.load("mlcharter.status.crosswalk_outputs")
PRINTED: dict[str, Callable[[str], str]] = {
    **{
        f"check {name}": lambda text, m=m: m.render(check_results(text))
        for name, m in CHECK.items()
    },
    **{f"gate {name}": lambda text, m=m: m.render(decision(text)) for name, m in GATE.items()},
    **{
        f"status {name}": lambda text, m=m: m.render(progress_of(text))
        for name, m in STATUS.items()
    },
    **{
        f"crosswalk {name}": lambda text, m=m: m.render(crosswalk_of(text))
        for name, m in CROSSWALK.items()
    },
    "update text": lambda text: reports.text(update_plan(text)),
    "update markdown": lambda text: reports.markdown(update_plan(text)),
    "adopt": lambda text: plain.plain_page(adoption(text)),
}
OWN_COMMANDS = {"check github": {"error", "notice"}}


# The readers


def commands(log: str) -> Iterator[str]:
    """What the runner of Actions, and others like it, take for commands, by their name."""
    for line in re.split(r"\r\n|\r|\n", log):
        if found := re.match(r"\s*::(.*?)::", line, re.DOTALL):
            yield found[1].split(" ")[0]
        for found in re.finditer(r"##\w*\[([^\]]*)", line):
            yield found[1]


def hidden(log: str) -> set[str]:
    """Control and formatting characters and separators, but for ends of lines and our colours."""
    shown = re.sub(r"\x1b\[[0-9;]*m", "", log)
    return {c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")} - {"\n"}


class Page(HTMLParser):
    """The tags of a page but for code, and its text outside code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.inside = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "code":
            self.inside += 1
        else:
            if tag == "a":  # of a crosswalk, whose links lead to files or to https addresses
                self.links += [value or "" for name, value in attrs if name == "href"]
                attrs = [(name, "…") for name, _ in attrs]
            self.tags.append(" ".join([tag, *(f"{k}={v}" for k, v in attrs)]))

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag == "code"

    def handle_data(self, data: str) -> None:
        self.text += "\x00" if self.inside else data

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")


# What GitHub and GitLab link in text that is rendered already.
REFERENCE = re.compile(
    r"(?<!\w)@\w|#\d|\bG[HL]-\d|![0-9]|[~%$&^][\w\"]|://|www\.|\w@\w"
    r"|:[\w+-]+:|\[[a-z_]+:|\[\[|\[TOC",
    re.IGNORECASE,
)


def judge_markdown(printed: str, harmless: str) -> None:
    page, plain_page = (
        Page(cmarkgfm.github_flavored_markdown_to_html(text)) for text in (printed, harmless)
    )
    assert page.tags == plain_page.tags
    assert all(re.match(r"https?://|[^:]*(?:[/#]|\Z)", link) for link in page.links), page.links
    assert not REFERENCE.search(page.text), page.text
    tokens = MarkdownIt("gfm-like").parse(printed)
    inline = {child.type for token in tokens for child in token.children or ()}
    links = {"link_open", "link_close", "softbreak"} if plain_page.links else set()
    known = {"text", "text_special", "strong_open", "strong_close", "code_inline"}
    assert inline <= known | links
    assert not [line for line in printed.splitlines() if re.match(r" {0,3}/\w", line)]


def shown_by_a_terminal(log: str) -> list[str]:
    screen = pyte.Screen(500, 300)
    pyte.Stream(screen).feed(log.replace("\n", "\r\n"))
    assert (screen.title, screen.icon_name) == ("", "")
    return [line.rstrip() for line in screen.display]


# The corpus through every output


@pytest.mark.parametrize("text", CORPUS)
def test_no_output_commands_who_shows_it(text: str) -> None:
    for name in PRINTED:
        judge(name, text)


@pytest.mark.parametrize("name", PRINTED)
@settings(max_examples=60, deadline=None)
@given(text=HOSTILE)
def test_no_output_commands_who_shows_it_whatever_the_text(name: str, text: str) -> None:
    judge(name, text)


def judge(name: str, text: str) -> None:
    printed, harmless = PRINTED[name](text), PRINTED[name]("x")

    assert set(commands(printed)) <= OWN_COMMANDS.get(name, set())
    assert len(list(commands(printed))) == len(list(commands(harmless)))
    assert hidden(printed) == set()
    assert not re.search(r"section_(start|end):\d+:[\w.-]+(\[.*\])?\r\x1b\[0K", printed)
    if name.endswith("markdown"):
        judge_markdown(printed, harmless)
    elif name.endswith(("json", "sarif", "gitlab")):
        json.loads(printed)
    assert printed.count("\n") == harmless.count("\n")


@pytest.mark.parametrize("name", [name for name in PRINTED if "text" in name or name == "adopt"])
@pytest.mark.hostile("terminal escapes")
def test_a_terminal_shows_what_is_written_and_nothing_moves(name: str) -> None:
    printed = "".join(map(PRINTED[name], TERMINAL_ESCAPES[:8]))

    lines = [line.rstrip() for line in click.unstyle(printed).split("\n")]
    assert shown_by_a_terminal(printed)[: len(lines)] == lines


@given(text=HOSTILE)
def test_json_says_the_same_to_a_program(text: str) -> None:
    printed = plain.as_json({"a": [text], text: 1})

    assert json.loads(printed) == {"a": [text], text: 1}
    assert list(commands(printed)) == []


@given(text=HOSTILE)
def test_a_message_of_sarif_has_no_links(text: str) -> None:
    """By section 3.11.6: a link is `[text](destination)`, and a backslash escapes."""
    message = plain.sarif_message(text)

    unescaped = re.sub(r"\\(.)", r"\1", message)
    assert unescaped == plain.plain(text)
    assert not re.search(r"[\[\]]", re.sub(r"\\.", "", message))


@given(text=HOSTILE)
def test_what_is_safe_stays_as_it_is_when_it_is_made_safe_again(text: str) -> None:
    once = plain.plain(text)

    assert plain.plain(once) == once


@given(text=HOSTILE)
def test_a_code_span_ends_where_it_should(text: str) -> None:
    page = Page(cmarkgfm.github_flavored_markdown_to_html(f"a {plain.markdown_code(text)} b"))

    assert (page.tags, page.text.strip().strip("\x00")) == (["p"], page.text.strip().strip("\x00"))
    assert re.fullmatch("a \x00+ b", page.text.strip()), page.text


# A patch is exact


PATCHED = [
    "a\n ::stop-commands::x\nb\n",
    "##[command]x\n",
    "a\x1b[2Jb\n",
    "a\rb\n",
    "a\u2028::error::\n",
    "\u202egnp\n",
    "a\x0b::error::b\n",
    "::error::x",
]


@pytest.mark.hostile("workflow commands")
@pytest.mark.parametrize("text", PATCHED)
def test_a_patch_commands_no_log_and_applies_exactly(tmp_path: Path, text: str) -> None:
    old, new = f"top\n{text}", f"top\n{text}end\n"
    change = Change("a.md", "updated", ours=File(old.encode()), new=File(new.encode()))
    printed = reports.patch(SimpleNamespace(changes=[change]))  # type: ignore[arg-type]

    assert list(commands(printed)) == []
    assert hidden(printed) == set()
    assert applied(tmp_path, {"a.md": old}, printed)["a.md"] == new


NAMES = ["##[command]x", 'a"b\\c', "a\nb", "a\x1b[2J", "a\u202eb", "dock \u00e9.md"]


@pytest.mark.hostile("workflow commands")
@pytest.mark.parametrize("name", NAMES)
def test_a_patch_quotes_a_name_as_git_does(tmp_path: Path, name: str) -> None:
    change = Change(name, "new", new=File(b"x\n"))
    printed = reports.patch(SimpleNamespace(changes=[change]))  # type: ignore[arg-type]

    assert list(commands(printed)) == []
    assert hidden(printed) == set()
    assert applied(tmp_path, {}, printed)[name] == "x\n"


def applied(root: Path, files: dict[str, str], patch: str) -> dict[str, str]:
    """The files of a folder after `git apply`."""
    for name, text in files.items():
        (root / name).write_bytes(text.encode())
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    done = subprocess.run(["git", "apply"], cwd=root, input=patch.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    found = [path for path in root.iterdir() if path.is_file()]
    return {path.name: path.read_bytes().decode() for path in found}


# Usage errors

ARGUMENTS = {
    "an option": ("--x{}",),
    "a short option": ("-{}",),
    "a format": ("--format", "{}"),
    "a level": ("--level", "{}"),
    "a rule": ("--select", "{}"),
    "an output": ("--output", "{}"),
    "an output's format": ("--output", "x{}=y"),
    "a settings file that is missing": ("--standard", "/nowhere/{}"),
    "a template without a ref": ("--ref", "{}"),
    "answers": ("--data", "{}"),
    "answers' name": ("--data", "{}=x"),
    "a file of answers": ("--data-file", "/nowhere/{}"),
    "a track": ("--track", "{}", "x"),
    "a tier": ("--tier", "{}", "x"),
    "arguments": ("{}", "{}", "{}"),
    "a place": ("/nowhere/{}",),
    "a value for a flag": ("--dry-run={}",),
}
GIVEN = ["\x1b[2J\x9b31m", "a\n::error::b", "::error::x", "##[command]x", "\u202egnp", "\udc9b"]


@pytest.mark.hostile("terminal escapes")
@pytest.mark.parametrize("command", ["", *plugins.names("mlcharter.commands")])
@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=list(ARGUMENTS))
def test_a_usage_error_shows_what_was_typed_and_nothing_else(
    command: str, arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    for text in GIVEN:
        words = [word.format(text) for word in arguments]
        done = CliRunner().invoke(cli, [command, *words] if command else words)

        assert done.exception is None or isinstance(done.exception, SystemExit), text
        assert list(commands(done.output)) == [], text
        assert hidden(done.output) == set(), text


@pytest.mark.hostile("terminal escapes")
def test_the_traceback_of_a_bug_quotes_no_escape() -> None:
    code = (
        "from mlcharter import cli\n"
        "class Bug(Exception): pass\n"
        "def fail(*a, **k): raise Bug('x\\x1b[2J\\n::error::y')\n"
        "cli.cli = fail\n"
        "from mlcharter.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.returncode == 2
    assert done.stderr.endswith("Bug: x\\x1b[2J\n\\x3a:error::y\n")


# Names of files that look like options

OPTIONS = [
    "--output=json={outside}/written.md",
    "--write-baseline",
    "--standard=missing.md",
    "--fix",
    "--help",
    "--",
    "-",
    "-h",
    "a\n--write-baseline.md",
    "--output=json={outside}/written\n.md",
]


@pytest.mark.hostile("options in file names")
@pytest.mark.parametrize("name", OPTIONS)
def test_what_follows_the_end_of_options_is_a_path(
    name: str, render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pre-commit hook is given such names by whoever made the change."""
    root, outside = tmp_path / "harbour", tmp_path / "outside"
    shutil.copytree(render(tracks=["applied"], tier="production", layout="documents"), root)
    outside.mkdir()
    monkeypatch.chdir(root)
    path = name.format(outside=outside)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text("# A document of nobody\n")
    entry = next(iter(yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())))["entry"]
    words = [*shlex.split(entry)[1:], path, "docs/design_doc.md"]

    done = CliRunner().invoke(cli, words)

    assert done.exit_code == 0, done.output
    assert done.output.startswith("draft: no findings in 1 document\n")
    assert list(outside.iterdir()) == []
    assert not Path(".mlcharter-baseline.json").exists()


@pytest.mark.parametrize("layout", ["full", "documents"])
def test_every_hook_that_is_given_files_ends_its_options(layout: str, render: Render) -> None:
    root = render(tracks=["rag"], tier="production", layout=layout)
    emitted = yaml.safe_load((root / ".pre-commit-config.yaml").read_text())
    hooks = [hook for repo in emitted["repos"] for hook in repo["hooks"]]
    hooks += yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())

    given = [hook["entry"] for hook in hooks if hook.get("pass_filenames", True)]
    assert given, "no hook is given files"
    assert [entry for entry in given if not entry.endswith(" --")] == []


def test_every_line_that_a_make_or_ci_gives_files_ends_its_options(render: Render) -> None:
    """A glob names files of the repository, whatever they are called."""
    root = render(tracks=list(TRACKS), tier="production", layout="full")
    lines = [
        line.strip()
        for path in (root / "Makefile", *root.glob("tools/*.mk"), *root.glob(".g*/**/*.yml"))
        for line in path.read_text().splitlines()
        if re.search(r"(?<!['\w])[\w./$()]*\*\.\w+", line)
        and re.search(r"\$\(MLCHARTER\)|bin/mlcharter", line)
    ]

    assert len(lines) >= 2
    assert [line for line in lines if not re.search(r" -- .*\*", line)] == []


# One module escapes

SAFE = {
    name
    for name, value in vars(plain).items()
    if callable(value) and getattr(value, "__module__", "") == plain.__name__
}
ESCAPING = {"maketrans", "unicode_escape", "dumps", "escape", "category"}
# What is no output: a digest, a file or a comparison of JSON, and the rules that look for what
# nobody sees.
OTHERWISE = {
    *(
        "charter.baseline",
        "charter.canonical_forms",
        "charter.statements",
        "export.kinds.allowed",
        "markdown.document",
        "template.allowed_folders",
        "template.specification",
    ),
    *("template.sources", "update.journal", "update.merging.aliases", "update.merging.layout"),
    *(
        "update.updating",
        *("evals.answers.conversations", "evals.answers.judged", "evals.answers.redteam"),
        "evals.digests",
        "evals.generation.judging",
        "evals.reports.__init__",
        "evals.running",
        "evals.sbom.__init__",
    ),
    *("evals.generation.__init__", "evals.generation.stub", "evals.releases"),
    *("charter.ci_steps", "export.kinds.grafana"),
    *("formats.models", "formats.proofs", "gate.importers._shared"),
    *(
        "starter.documents",
        "starter.entries",
        "starter.page",
        "starter.policy_pages",
        "starter.profile",
    ),
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.AST) -> str:
    """The last name of what is called."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return getattr(function, "attr", getattr(function, "id", ""))


def test_only_plain_escapes() -> None:
    escaping = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if called(node) in ESCAPING
        and not (isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "re.escape")  # type: ignore[attr-defined]
    }

    outputs = {name for name in escaping if not name.startswith("check.rules.")}
    assert outputs - OTHERWISE == {"support.plain"}


def test_every_output_takes_its_text_from_plain() -> None:
    outputs = [
        (name, tree)
        for name, tree in modules()
        if re.fullmatch(r"\w+\.outputs\.(?!__init__|_as_result).*|update\.reports", name)
        and not re.fullmatch(r"diff\.outputs\.(github|gitlab|sarif)", name)  # render by check's
        and name != "gate.outputs.short"  # renders by gate.outputs.text
    ]
    importing = [
        name
        for name, tree in outputs
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "mlcharter.support.plain"
    ]

    assert len(outputs) >= 11
    assert importing == [name for name, _ in outputs]


def is_safe(node: ast.expr) -> bool:
    """Whether what is printed was made safe where it is printed, or by an output."""
    if isinstance(node, ast.JoinedStr):
        parts = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        return all(map(is_safe, parts))
    if isinstance(node, ast.IfExp):
        return is_safe(node.body) and is_safe(node.orelse)
    if isinstance(node, ast.Subscript):
        return is_safe(node.value)
    if isinstance(node, ast.Constant) or (
        isinstance(node, ast.Name) and node.id in ("n", "_ERASE")
    ):
        return True
    return called(node) in SAFE | {"render", "patch", "len", "get_help"}


def test_nothing_is_printed_that_was_not_made_safe() -> None:
    """`Failure` prints a message that the error boundary has made safe."""
    unsafe = [
        f"{name}: {ast.unparse(node)}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if called(node) in ("echo", "secho", "print", "confirm")
        and not all(map(is_safe, node.args))  # type: ignore[attr-defined]
    ]

    # Our own words, and what commands of a repository's own evals print.
    own = ("commands.gate: click.echo(_NO_GATES)", "commands.gate: click.echo(_LEFT_OUT)")
    own += ("evals.running: ", "evals.delays: ", "evals.sbom", "evals.reports.compare: ")
    own += ("evals.answers.", "evals.generation.", "evals.plots.dashboards: ", "evals.supervised: ")
    own += ("commands.status: click.echo(text, nl=False)",)  # what an output rendered
    assert [line for line in unsafe if not line.startswith(own)] == [
        "cli: click.echo(f'error: {self.message}', err=True)"
    ]


def test_streams_are_written_by_the_boundary_only() -> None:
    writing = [
        f"{name}: {ast.unparse(node)}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if called(node) == "write" and re.match(r"sys\.std(out|err)\.", ast.unparse(node))
    ]

    assert writing == ["__main__: sys.stderr.write(plain_page(traceback.format_exc()))"]

"""`mlcharter check`: findings, levels, selection, baseline, changed files."""

import datetime
import errno
import gc
import json
import os
import pty
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conftest import TRACKS, Render
from mlcharter import __version__
from mlcharter.cli import cli
from mlcharter.template import specification

NEXT_YEAR = datetime.date.today() + datetime.timedelta(days=365)
Edit = Callable[[str, str, str], None]


def check(*args: str) -> Result:
    return CliRunner().invoke(cli, ["check", *args])


@pytest.fixture
def repository(render: Render, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide a new repository of the track applied as the working directory."""
    root = tmp_path / "harbour"
    shutil.copytree(render(tracks=["applied"], tier="production", layout="documents"), root)
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return root


def edit(path: str, old: str, new: str) -> int:
    """Replace a text that occurs once in a file; return its line."""
    text = Path(path).read_text(encoding="utf-8")
    assert old in text, f"{path} does not say {old!r}"
    Path(path).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("tracks", [*[(track,) for track in TRACKS], TRACKS], ids="-".join)
@pytest.mark.parametrize("layout", ["full", "documents"])
def test_a_new_repository_has_no_findings_and_counts_what_is_unfilled(
    render: Render, tracks: tuple[str, ...], layout: str
) -> None:
    result = check(str(render(tracks=list(tracks), tier="production", layout=layout)))

    head, review, release, then = result.output.splitlines()
    assert head.startswith("draft: no findings in ")
    assert " section-unfilled" in review
    assert " item-without-evidence" in release
    assert then == "next: `mlcharter check --level complete` lists the findings"
    assert result.exit_code == 0


def test_a_removed_section_is_reported_where_it_was(repository: Path) -> None:
    path = repository / "ops/runbook.md"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("## Deploy\n"), text.index("## Canary\n")
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    result = check()

    line = text[:start].count("\n")
    assert result.output.splitlines()[0].startswith(
        f"ops/runbook.md:{line}:1: the section `deploy` (Deploy) is missing; "
    )
    assert result.exit_code == 1


def test_a_misspelt_key_of_a_config_block_is_reported_at_its_position(repository: Path) -> None:
    line = edit("safety/safety_checklist.md", "exceptions: []", "exeptions: []")

    assert (
        f"safety/safety_checklist.md:{line}:1: `licences` has no key `exeptions`; "
        "did you mean `exceptions`? [config-invalid]\n"
    ) in check("--level", "complete").output


def test_the_level_decides_what_fails(repository: Path) -> None:
    assert check("--level", "draft").exit_code == 0
    review = check("--level", "complete").output
    release = check("--level", "release").output

    assert "[section-unfilled]" in review
    assert "[item-without-evidence]" not in review
    assert "[item-without-evidence]" in release


def test_the_settings_set_the_level_by_branch_and_path(repository: Path) -> None:
    Path(".mlcharter.yml").write_text(
        "levels:\n  - {branch: release/*, level: release}\n  - {path: ops/*, level: complete}\n"
    )

    assert check("--branch", "release/1").output.count("[item-without-evidence]") > 50
    found = [line for line in check().output.splitlines() if line.endswith("]")]
    assert found
    assert {line.partition("/")[0] for line in found} == {"ops"}


def test_the_branch_comes_from_the_host_or_from_head(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".mlcharter.yml").write_text("levels: [{branch: release/*, level: release}]\n")
    for name in ("GITHUB_BASE_REF", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME"):
        monkeypatch.delenv(name, raising=False)
    assert check().exit_code == 0

    Path(".git").mkdir()
    Path(".git/HEAD").write_text("ref: refs/heads/release/2\n")
    assert check().exit_code == 1
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    assert check().exit_code == 0


def test_only_the_findings_of_named_files_and_folders_are_shown(repository: Path) -> None:
    Path("docs/eval_pack.md").unlink()
    Path("ops/runbook.md").unlink()

    one = check("docs/eval_pack.md")
    assert one.exit_code == 2, "a file that is not there can't be looked at"
    found = [line for line in check("ops").output.splitlines() if line.endswith("]")]
    assert "ops/runbook.md:1:1: " in "\n".join(found)
    assert {line.partition("/")[0] for line in found} == {"ops"}


def test_in_a_folder_of_a_repository_the_whole_is_checked_unless_a_path_is_named(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("ops/runbook.md").unlink()
    whole = check()
    monkeypatch.chdir(repository / "docs")

    below = check()
    assert (below.exit_code, below.output.count("\n")) == (1, whole.output.count("\n"))
    assert "ops/runbook.md:1:1: " in below.output
    assert "ops/runbook.md:1:1: " not in check(".").output


def test_only_selected_documents_are_counted(repository: Path) -> None:
    assert check("docs/eval_pack.md").output.startswith("draft: no findings in 1 document\n")
    assert check("docs/design_doc.md", "cost").output.startswith("draft: no findings in 2 doc")
    assert check("tools").output == "draft: no findings in 0 documents\n"


def test_only_named_documents_are_fixed(repository: Path) -> None:
    edit("docs/design_doc.md", "<!-- section: problem -->\n", "")
    edit("ops/runbook.md", "<!-- section: deploy -->\n", "")
    Path("cost/cost_dashboard_spec.md").unlink()

    assert check("--fix", "ops").stderr == "ops/runbook.md: restored the id of `deploy`\n"
    assert check("--fix", "--changed", "docs/eval_pack.md").stderr == (
        "cost/cost_dashboard_spec.md: restored the document\n"
    )
    assert check("--fix").stderr == "docs/design_doc.md: restored the id of `problem`\n"


def test_a_baseline_needs_the_whole_repository(repository: Path) -> None:
    for args in (["docs"], ["--changed"]):
        result = check("--write-baseline", *args)
        assert result.exit_code == 2
        assert result.stderr.endswith("; leave out files and --changed\n")
    assert not Path(".mlcharter-baseline.json").exists()


def test_a_file_is_checked_from_anywhere(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit("docs/design_doc.md", "\n## ", "\nSee [nothing](gone.md).\n\n## ")
    monkeypatch.chdir(tmp_path)
    result = check("harbour/docs/design_doc.md", "harbour/ops/runbook.md")

    assert result.exit_code == 1
    assert result.output.startswith("harbour/docs/design_doc.md:")
    assert check("harbour/ops/runbook.md").exit_code == 0


def test_a_file_outside_any_charter_is_a_user_error(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# Notes\n")

    assert check(str(tmp_path / "notes.md")).exit_code == 2
    assert check(str(tmp_path / "gone")).exit_code == 2


def test_a_folder_without_answers_has_one_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").touch()
    result = check()

    assert result.exit_code == 1
    assert result.output == (
        ".copier-answers.yml:1:1: there is no .copier-answers.yml; bring this repository in with "
        "`mlcharter adopt`, or create one with `mlcharter new` [answers-unreadable]\n"
        "\n"
        "draft: 1 finding in 0 documents\n"
    )


def findings(*args: str) -> list[str]:
    return [line for line in check(*args).output.splitlines() if line.endswith("]")]


def test_a_change_is_shown_with_what_it_deletes(repository: Path) -> None:
    edit("docs/design_doc.md", "\n## ", "\nSee [nothing](gone.md).\n\n## ")
    edit("safety/safety_checklist.md", "\n## ", "\nSee [nothing](gone.md).\n\n## ")
    Path("cost/cost_dashboard_spec.md").unlink()
    gone = (
        "cost/cost_dashboard_spec.md:1:1: this standard document is missing; "
        "restore it with `--fix` [document-missing]"
    )

    assert findings("--changed") == [gone]
    assert findings("--changed", "cost/cost_dashboard_spec.md", "no/such.md") == [gone]
    assert {line.partition(":")[0] for line in findings("--changed", "docs/design_doc.md")} == {
        "cost/cost_dashboard_spec.md",
        "docs/design_doc.md",
    }


def test_changed_files_outside_any_charter_are_skipped(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at the root of a repository whose charter is in a subfolder."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "notes.md").write_text("# Notes\n")
    (repository / "docs/eval_pack.md").unlink()
    monkeypatch.chdir(tmp_path)

    for args in ([], ["notes.md"]):
        untouched = check("--changed", *args)
        assert untouched.output == "no file here belongs to a charter\n"
        assert untouched.exit_code == 0
    (gone,) = findings("--changed", "harbour")
    assert gone.startswith("harbour/docs/eval_pack.md:1:1: ")
    assert gone in findings("--changed", "notes.md", "harbour/ops/runbook.md")


def test_a_change_that_deletes_the_answers_is_reported(repository: Path) -> None:
    Path(".copier-answers.yml").unlink()
    Path(".git").mkdir()

    (gone,) = findings("--changed")
    assert gone.startswith(".copier-answers.yml:1:1: there is no .copier-answers.yml; ")


def test_a_change_that_names_the_answers_it_deletes_needs_no_settings(repository: Path) -> None:
    for name in (".copier-answers.yml", ".mlcharter.yml"):
        Path(name).unlink()
    Path(".git").mkdir()

    (gone,) = findings("--changed", ".copier-answers.yml")
    assert gone.startswith(".copier-answers.yml:1:1: there is no .copier-answers.yml; ")


def test_invalid_answers_are_the_only_finding(repository: Path) -> None:
    edit("docs/design_doc.md", "\n## ", "\nSee [nothing](gone.md).\n\n## ")
    assert check("--write-baseline").exit_code == 0
    text = Path(".copier-answers.yml").read_text()
    Path(".copier-answers.yml").write_text(
        text.replace("- applied", "- aplied\n- vision").replace("tier: production", "tier: prod")
    )
    start = text[: text.index("- applied")].count("\n") + 1

    first, tier, *rest = check("--level", "release").output.splitlines()
    found = sorted(line for line in (first, tier, *rest) if line.endswith("]"))
    assert [line.partition(": ")[2] for line in found if "track" in line] == [
        "there is no track `aplied`; did you mean `applied`? [answers-unreadable]",
        "there is no track `vision`; there are `applied`, `platform`, `rag`, `rl` "
        "[answers-unreadable]",
    ]
    assert f".copier-answers.yml:{start}:3: there is no track `aplied`" in "\n".join(found)
    assert "there is no tier `prod`; did you mean `production`?" in "\n".join(found)
    assert len(found) == 3


BROKEN = {
    '{"version": 1,\n "owner": "@lead",\n "findings": []\n "since"}': (
        "4:2: the baseline is not JSON from here on; correct it, or restore it from Git"
    ),
    '{"version": 1,\n "ownr": "@lead",\n "findings": [\n  {"rule": 3}\n ]}': (
        "2:2: the baseline has no key `ownr`; did you mean `owner`?"
    ),
    "[]": "1:1: the baseline is not a JSON object; correct it, or restore it from Git",
    "\xff": "1:1: the baseline is not JSON in UTF-8; correct it, or restore it from Git",
}


@pytest.mark.parametrize(("text", "message"), BROKEN.items(), ids=["comma", "key", "list", "bytes"])
def test_an_invalid_baseline_is_reported_and_not_overwritten(
    repository: Path, text: str, message: str
) -> None:
    path = Path(".mlcharter-baseline.json")
    path.write_bytes(text.encode("latin-1"))

    assert f".mlcharter-baseline.json:{message} [baseline-stale]\n" in check().output
    refused = check("--write-baseline")
    assert refused.exit_code == 2
    assert refused.stderr.endswith("\n  hint: or delete it to start again\n")
    assert path.read_bytes() == text.encode("latin-1")


def test_a_link_relative_to_the_root_gets_the_right_path_as_a_hint(repository: Path) -> None:
    edit("docs/design_doc.md", "\n## ", "\nSee [it](ops/runbook.md#slos), [not](gone.md).\n\n## ")

    assert [line.partition(": ")[2] for line in findings()] == [
        "`ops/runbook.md#slos` does not exist; links are relative to the document: "
        "write `../ops/runbook.md#slos` [link-broken]",
        "`gone.md` does not exist; correct it [link-broken]",
    ]


@pytest.mark.parametrize("format_", ["text", "github", "markdown"])
def test_messages_name_the_command_that_can_be_run_here(
    repository: Path, monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    monkeypatch.setenv("MLCHARTER_COMMAND", "python3 tools/charter.py")
    told = "python3 tools/charter.py explain kpis"
    found = check("--level", "complete", "--format", format_, "docs/design_doc.md").output.replace(
        "\\", ""
    )

    assert f"`{told}` shows an example" in found
    assert "`mlcharter " not in found
    assert (
        "`mlcharter explain kpis` shows" in check("--level", "complete", "--format", "json").output
    )
    explained = CliRunner().invoke(cli, ["explain", "baseline"]).output
    assert "`python3 tools/charter.py check --write-baseline`" in explained
    unknown = CliRunner().invoke(cli, ["explain", "xyzzy"]).stderr
    assert unknown.endswith("hint: `python3 tools/charter.py explain` lists terms and rules\n")


def test_several_repositories_are_checked_at_once(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(repository, tmp_path / "other")
    (tmp_path / "other/docs/eval_pack.md").unlink()
    monkeypatch.chdir(tmp_path)
    result = check("harbour", "other")

    assert result.exit_code == 1
    assert "other/docs/eval_pack.md:1:1: " in result.output
    assert "\nharbour/ draft: no findings in " in "\n" + result.output
    assert result.output.endswith("\n\n2 repositories: 1 with findings that fail\n")


def test_a_folder_of_repositories_is_refused_with_their_names(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert findings() == [
        ".copier-answers.yml:1:1: there is no .copier-answers.yml here, but in `harbour`; "
        "name one of those folders [answers-unreadable]"
    ]


def test_rules_are_selected_and_ignored(repository: Path) -> None:
    selected = check("--level", "release", "--select", "item-*").output
    assert "[item-without-evidence]" in selected
    assert "[section-unfilled]" not in selected
    ignored = check("--level", "release", "--ignore", "item-without-evidence").output
    assert "[item-without-evidence]" not in ignored
    assert "[section-unfilled]" in ignored

    unknown = check("--select", "item-without-evidnce")
    assert unknown.exit_code == 2
    assert "did you mean `item-without-evidence`?" in unknown.output


def test_an_allow_entry_suppresses_findings_until_its_date(repository: Path) -> None:
    edit("docs/design_doc.md", "\n## ", "\nSee [nothing](gone.md).\n\n## ")
    entry = "allow: [{rule: link-broken, path: docs/*, until: %s, by: '@lead', reason: moving}]\n"

    Path(".mlcharter.yml").write_text(entry % NEXT_YEAR)
    excused = check()
    assert excused.exit_code == 0
    assert "allowed by the settings: 1\n" in excused.output

    Path(".mlcharter.yml").write_text(entry % "2020-01-31")
    expired = check().output
    assert "[link-broken]" in expired
    assert "[waiver-expired]" in expired


def test_a_waiver_cannot_last_longer_than_the_settings_allow(repository: Path) -> None:
    edit("docs/design_doc.md", "\n## ", "\nSee [nothing](gone.md).\n\n## ")
    waived = f"waived: {{until: {NEXT_YEAR}, by: '@lead', reason: no data}}"
    edit("safety/safety_checklist.md", "exceptions: []", f"exceptions: []\n{waived}")
    Path(".mlcharter.yml").write_text(
        "waiver_days: 30\n"
        f"allow: [{{rule: link-broken, until: {NEXT_YEAR}, by: '@lead', reason: moving}}]\n"
    )

    assert [line.partition(": ")[2] for line in findings()] == [
        "the `allow` for `link-broken` applies for longer than 30 days; choose an earlier end date "
        "[waiver-invalid]",
        "`licences` is waived for longer than 30 days; choose an earlier end date [waiver-invalid]",
    ]


def test_findings_about_the_settings_cannot_be_suppressed(repository: Path) -> None:
    Path(".mlcharter.yml").write_text(
        "ignore: [no-such-rule]\n"
        f"allow: [{{rule: '*', until: {NEXT_YEAR}, by: '@lead', reason: all of it}}]\n"
    )

    assert "[settings-invalid]" in check("--level", "release").output


def test_recorded_findings_are_counted_and_a_baseline_only_shrinks(repository: Path) -> None:
    edit("docs/design_doc.md", "\n## ", "\nSee [nothing](gone.md).\n\n## ")
    assert check("--write-baseline").exit_code == 0
    recorded = json.loads(Path(".mlcharter-baseline.json").read_text())
    assert [entry["rule"] for entry in recorded["findings"]] == ["link-broken"]
    assert recorded["owner"] == "@acme/harbour"

    edit("docs/design_doc.md", "\nSee [", "\nOne more line.\n\nSee [")
    moved = check()
    assert moved.exit_code == 0
    assert "in the baseline of @acme/harbour: 1, the oldest since " in moved.output

    edit("ops/runbook.md", "\n## ", "\nSee [nothing](gone.md).\n\n## ")
    new = check()
    assert new.exit_code == 1
    assert "ops/runbook.md" in new.output
    edit("ops/runbook.md", "\nSee [nothing](gone.md).\n", "")

    edit("docs/design_doc.md", "See [nothing](gone.md).", "")
    gone = check()
    assert gone.exit_code == 1
    assert "[baseline-stale]" in gone.output
    assert check("--write-baseline").exit_code == 0
    assert json.loads(Path(".mlcharter-baseline.json").read_text())["findings"] == []


def test_a_baseline_keeps_recorded_findings_that_still_exist(repository: Path) -> None:
    assert check("--level", "release", "--write-baseline").exit_code == 0
    recorded = json.loads(Path(".mlcharter-baseline.json").read_text())["findings"]
    assert {"item-without-evidence", "section-unfilled"} <= {entry["rule"] for entry in recorded}

    edit("docs/design_doc.md", "\n## ", "\nSee [nothing](gone.md).\n\n## ")
    assert check("--write-baseline").exit_code == 0
    again = json.loads(Path(".mlcharter-baseline.json").read_text())["findings"]
    assert len(again) == len(recorded) + 1
    assert check("--level", "release").exit_code == 0
    assert check("--write-baseline", "--select", "link-broken").exit_code == 2


def test_cached_specifications_depend_only_on_the_template(
    repository: Path, tmp_path: Path
) -> None:
    first = check("--level", "release").output
    assert list((tmp_path / "cache/mlcharter/specifications").glob("*.json"))

    specification._read_cached.cache_clear()  # as in another process
    assert check("--level", "release").output == first
    assert check("--level", "release", "--no-cache").output == first
    for file in (tmp_path / "cache/mlcharter/specifications").glob("*.json"):
        file.write_text("{broken")
    specification._read_cached.cache_clear()
    assert check("--level", "release").output == first


def test_an_older_repository_is_checked_against_its_own_version(repository: Path) -> None:
    edit(".copier-answers.yml", "_commit: v1.0.0", "_commit: v0.0.9")
    Path("docs/eval_pack.md").unlink()
    result = check()

    assert result.exit_code == 0
    assert (
        "for information: .copier-answers.yml:2: generated from v0.0.9; "
        f"v{__version__} is available, which adds config:"
    ) in result.output
    assert "; run `mlcharter update` [template-outdated]\n" in result.output


def test_one_run_writes_several_formats(repository: Path) -> None:
    edit("docs/design_doc.md", "\n## ", "\nSee [nothing](gone.md).\n\n## ")
    result = check("--format", "github", "--output", "sarif=x.sarif", "--output", "text=x.txt")

    assert result.exit_code == 1
    assert result.output.startswith("::error file=docs/design_doc.md,")
    assert json.loads(Path("x.sarif").read_text())["runs"][0]["results"][0]["level"] == "error"
    assert Path("x.txt").read_text().startswith("docs/design_doc.md:")


def test_one_format_can_be_written_to_several_files(repository: Path) -> None:
    assert check("--output", "json=a.json", "--output", "json=b.json").exit_code == 0

    assert Path("a.json").read_text() == Path("b.json").read_text() != ""


def test_the_error_for_a_read_only_file_does_not_suggest_another_name(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a read-only repository; the user of the tests may have all permissions."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "rename", refuse)
    result = check("--write-baseline", "--no-cache")

    assert result.stderr.endswith(
        ".mlcharter-baseline.json can't be written: permission denied\n"
        "  hint: the file is unchanged; fix that, then try again\n"
    )
    assert result.exit_code == 2


@pytest.mark.parametrize("cache", ["/dev/null/x", "/proc/x"])
def test_a_check_works_without_a_writable_cache(
    repository: Path, monkeypatch: pytest.MonkeyPatch, cache: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", cache)
    specification._read_cached.cache_clear()

    assert check().exit_code == 0


@pytest.mark.parametrize("args", ["sarif", "sarif=", "srif=x", "=x", "sarif=gone/x.sarif"])
def test_an_output_that_cannot_be_written_is_bad_usage(repository: Path, args: str) -> None:
    result = check("--output", args)

    assert result.exit_code == 2
    assert args.partition("=")[2] in result.stderr
    assert "Traceback" not in result.stderr


def on_a_terminal(*args: str, **environment: str) -> tuple[str, str]:
    """Return what a check prints on a terminal, on stdout and on stderr."""
    pairs = [pty.openpty(), pty.openpty()]
    command = [sys.executable, "-m", "mlcharter", "check", *args]
    env = os.environ | {"TERM": "xterm"} | environment
    process = subprocess.Popen(command, stdout=pairs[0][1], stderr=pairs[1][1], env=env)
    for _, end in pairs:
        os.close(end)
    printed = [read_all(end) for end, _ in pairs]
    process.wait()
    return printed[0], printed[1]


def read_all(end: int) -> str:
    """Return the output of a terminal until it is closed."""
    found = b""
    try:
        while more := os.read(end, 65536):
            found += more
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(end)
    return found.decode()


def test_colour_and_progress_are_for_terminals(repository: Path, tmp_path: Path) -> None:
    shutil.copytree(repository, tmp_path / "other")
    out, err = on_a_terminal(".", "../other")
    assert "\x1b[32mdraft: no findings" in out
    assert err.startswith("\r\x1b[K1/2 .\r\x1b[K2/2 ")
    assert err.endswith("\r\x1b[K")

    out, err = on_a_terminal(".", NO_COLOR="1")
    assert out.startswith("draft: no findings")
    assert "\x1b" not in out
    assert err == ""
    args = [sys.executable, "-m", "mlcharter", "check", ".", "../other"]
    piped = subprocess.run(args, capture_output=True, text=True)
    assert "\x1b" not in piped.stdout
    assert piped.stderr == ""


def test_many_repositories_need_no_more_memory_than_one(repository: Path) -> None:
    def memory() -> int:
        check("--no-cache")
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        check("--no-cache")
        first = memory()
        for _ in range(4):
            last = memory()
    finally:
        tracemalloc.stop()

    assert last - first < 200_000  # the documents of one repository alone take a megabyte


LIGHT = """
import sys
from mlcharter.cli import cli
try:
    cli(["check"])
except SystemExit:
    pass
heavy = {"copier", "questionary", "jsonschema", "jinja2", "pydantic", "ruamel", "subprocess"}
print(sorted(heavy & set(sys.modules)))
"""


def test_a_check_imports_nothing_heavy_and_starts_no_program(repository: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True)

    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


@pytest.mark.field(26, "`check` in an empty folder")
@pytest.mark.parametrize("inside", [[], [".git"]])
def test_an_empty_folder_cannot_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: list[str]
) -> None:
    for name in inside:
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    result = check()

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: . is empty\n  hint: create a repository there with `mlcharter new .`\n"
    )

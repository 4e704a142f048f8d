"""The template in every combination: what it emits parses, links and reads as written by hand."""

import ast
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from markdown_it import MarkdownIt

from conftest import (
    CASES,
    COMBINATIONS,
    DAY_ONE,
    LAYOUTS,
    PAIRWISE,
    QUESTIONS,
    ROOT,
    TRACKS,
    Render,
    name_case,
    uvx,
)
from validators import run, validate, validate_workflows

STANDARD = [
    "docs/design_doc.md",
    "docs/eval_pack.md",
    "ops/runbook.md",
    "safety/safety_checklist.md",
    "cost/cost_dashboard_spec.md",
    "versioning/registries.md",
]
EVERY_CASE = [
    pytest.param(
        *case,
        id="-".join([*case[0], *case[1:]]),
        marks=() if case in PAIRWISE else pytest.mark.journey,
    )
    for case in CASES
]


def files(root: Path) -> list[Path]:
    return [path for path in sorted(root.rglob("*")) if path.is_file()]


def documents(root: Path) -> list[Path]:
    return [path for path in files(root) if path.suffix == ".md" and "data" not in path.parts]


@pytest.mark.parametrize(("tracks", "tier", "layout"), EVERY_CASE)
def test_every_combination_is_sound(
    render: Render, tracks: tuple[str, ...], tier: str, layout: str
) -> None:
    root = render(tracks=list(tracks), tier=tier, layout=layout)

    assert [path for path in STANDARD if not (root / path).is_file()] == []
    for path in files(root):
        text = path.read_text(encoding="utf-8")
        parses(path, text)
        assert "{%" not in text, path
        if path.parent.name != "grafana":  # its legends have braces of their own
            assert "{{" not in text.replace("${{", ""), path
        if text:
            assert text.endswith("\n"), path
    for path in documents(root):
        reads_as_written_by_hand(path)
    broken = [link for path in documents(root) for link in broken_links(root, path)]
    assert broken == []


def parses(path: Path, text: str) -> None:
    """Fail where a file is not what its name says."""
    match path.suffix:
        case ".py":
            ast.parse(text, str(path))
        case ".yml" | ".yaml":
            list(yaml.safe_load_all(text))
        case ".toml":
            tomllib.loads(text)
        case ".json":
            json.loads(text)
        case ".jsonl":
            [json.loads(line) for line in text.splitlines()]


def reads_as_written_by_hand(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "\n\n\n" not in text, f"{path}: two blank lines in a row"
    assert not text.endswith("\n\n"), f"{path}: a blank line at the end"
    assert not re.search(r"[ \t]$", re.sub(r"^(Reviewed|Owner): $", "", text, flags=re.M), re.M), (
        f"{path}: spaces at the end of a line"
    )


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a document."""
    tokens = MarkdownIt().parse(path.read_text(encoding="utf-8"))
    found: dict[str, int] = {}
    slugs = set()
    for before, token in itertools.pairwise(tokens):
        if before.type == "heading_open":
            slug = re.sub(r"[^\w\- ]", "", token.content.lower()).replace(" ", "-")
            slugs.add(f"{slug}-{found[slug]}" if slug in found else slug)
            found[slug] = found.get(slug, 0) + 1
    return slugs


def broken_links(root: Path, path: Path) -> list[str]:
    """Relative links of a document that lead nowhere."""
    broken = []
    for token in MarkdownIt().enable("table").parse(path.read_text(encoding="utf-8")):
        for child in token.children or []:
            target = str(child.attrGet("href") or child.attrGet("src") or "")
            if not target or re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = unquote(target).partition("#")
            aim = (path.parent / name).resolve() if name else path
            lost = not aim.exists() or not aim.is_relative_to(root.resolve())
            if lost or (anchor and aim.suffix == ".md" and anchor not in anchors(aim)):
                broken.append(f"{path.relative_to(root)}: {target}")
    return broken


OF_SETTINGS = {
    "bandit": {"evals/bandit.py", "docs/cards/data_digits_bandit.md", "src/system/rl/bandit.py"},
    "several-agents": {"evals/agents.py", "docs/cards/data_game.md", "src/system/rl/games.py"},
}


@pytest.mark.parametrize("setting", QUESTIONS["rl_setting"].choices)
def test_each_setting_has_its_own_files(render: Render, setting: str) -> None:
    root = render(tracks=["rl"], rl_setting=setting, package="system")

    for name, paths in OF_SETTINGS.items():
        found = {path for path in paths if (root / path).is_file()}
        assert found == (paths if name == setting else set())
    pack = (root / "docs/eval_pack.md").read_text()
    assert ("matrix-game" in pack) == (setting == "several-agents")
    assert ("digits-bandit" in pack) == (setting == "bandit")


def test_a_learned_reward_brings_its_labels_their_eval_and_its_gates(render: Render) -> None:
    learned, coded = (
        render(tracks=["rl"], tier="production", package="system", rl_learned_reward=answer)
        for answer in (True, False)
    )
    brought = {path.relative_to(learned) for path in learned.rglob("*") if path.is_file()}
    brought -= {path.relative_to(coded) for path in coded.rglob("*") if path.is_file()}

    assert set(map(str, brought)) == {
        "data/preferences.csv",
        "docs/cards/data_preferences.md",
        "evals/_reward_fit.py",
        "evals/reward.py",
        *(f"src/system/rl/{name}" for name in ("raters.py", "reward.json", "reward.py")),
        *(f"tests/reward/{name}" for name in ("__init__.py", "test_fit.py", "test_reward.py")),
    }
    packs = [(root / "docs/eval_pack.md").read_text() for root in (learned, coded)]
    assert ["metric: reward-accuracy" in pack for pack in packs] == [True, False]
    specs = [(root / "docs/reward_spec.md").read_text() for root in (learned, coded)]
    assert ["The reward is code." in spec for spec in specs] == [False, True]


@pytest.mark.parametrize("tracks", [(track,) for track in TRACKS], ids=TRACKS)
def test_a_standard_document_of_one_track_stays_short(
    render: Render, tracks: tuple[str, ...]
) -> None:
    root = render(tracks=list(tracks), tier="production", layout="full")
    lengths = {path: lines_outside_fences(root / path) for path in STANDARD}
    assert {path: n for path, n in lengths.items() if n > 250} == {}


def lines_outside_fences(path: Path) -> int:
    return len(re.sub(r"^```yaml\n.*?^```\n", "", path.read_text(), flags=re.M | re.S).splitlines())


@pytest.mark.parametrize("case", [*[(track,) for track in TRACKS], TRACKS], ids="-".join)
def test_documents_are_golden(render: Render, golden, case: tuple[str, ...]) -> None:
    root = render(tracks=list(case), tier="production", layout="full")
    for path in documents(root):
        golden(f"{'-'.join(case)}/{path.relative_to(root)}", path.read_text(encoding="utf-8"))


def test_the_questionnaire_has_one_choice_one_file_and_one_folder_a_track() -> None:
    included = re.findall(r"^--- !include template/tracks/(\w+)/questions.yml$", copier_yml(), re.M)
    folders = sorted(path.name for path in (ROOT / "template/tracks").iterdir())
    macro = (ROOT / "template/macros/slot.jinja").read_text(encoding="utf-8")
    order = json.loads(re.search(r"set order = (\[.*?\])", macro)[1])
    assert list(TRACKS) == included == order == folders


def copier_yml() -> str:
    return (ROOT / "copier.yml").read_text(encoding="utf-8")


def test_every_text_of_a_track_fills_a_slot() -> None:
    """A misspelt slot renders nothing and says nothing, so it is looked for here."""
    sources = [path.read_text() for path in (ROOT / "template/project").rglob("*.jinja")]
    for folder in ("tracks", "shared"):
        sources += [path.read_text() for path in (ROOT / "template" / folder).rglob("*.md")]
    sources += [path.read_text() for path in (ROOT / "template/tracks").rglob("starter/*.py")]
    calls = [
        call
        for text in sources
        for call in re.findall(r"\b(slot|shipped|full|shared|lines)\(\"([^\"]+)\"(?! ~)", text)
    ]
    by_layout = named_by_layout("slot", sources)
    by_setting = {
        f"{setting}/{name}" for name in named_by("rl_setting", sources) for setting in OF_SETTINGS
    }
    by_setting |= {
        f"{kind}/{name}"
        for name in named_by("applied_kind", sources)
        for kind in QUESTIONS["applied_kind"].choices
    }
    by_setting |= texts("tracks/*") & {
        f"{kind}/{name}"
        for name in named_by("rag_hosting", sources)
        for kind in QUESTIONS["rag_hosting"].choices
    }
    filled = {name for macro, name in calls if macro != "shared"} | by_layout | by_setting
    brought = {name for macro, name in calls if macro in ("shared", "shipped")} | by_layout
    brought |= named_by_layout("shared", sources)
    tracks = texts("tracks/*")
    assert sorted(tracks - filled) == [], "no document has these slots"
    assert sorted(filled - tracks - {"readme/documents"}) == [], "no track fills these slots"
    assert sorted(texts("shared") - brought) == [], "no document brings these texts"
    assert sorted({name for macro, name in calls if macro == "shared"} - texts("shared")) == []


def named_by_layout(macro: str, sources: list[str]) -> set[str]:
    """The texts of which each layout has its own."""
    leads = {
        lead for text in sources for lead in re.findall(rf'{macro}\("([a-z_/-]+)" ~ layout', text)
    }
    return {f"{lead}{layout}" for lead in leads for layout in LAYOUTS}


def named_by(answer: str, sources: list[str]) -> set[str]:
    """The slots that each choice of an answer fills."""
    return {
        name for text in sources for name in re.findall(answer + r' ~ "/([a-z-]+)(?:\.txt)?"', text)
    }


def texts(folder: str) -> set[str]:
    """The names by which macros call the texts of a folder in template/."""
    return {
        f"{path.parent.name}/{path.stem}"
        for path in (ROOT / "template").glob(f"{folder}/**/*")
        if path.suffix in (".md", ".txt")
        and not (path.parent.name == "licences" and path.suffix == ".txt")
    }


def test_every_exclusion_of_a_track_names_something() -> None:
    project = ROOT / "template/project"
    for track in TRACKS:
        text = (ROOT / f"template/tracks/{track}/questions.yml").read_text(encoding="utf-8")
        lines = yaml.safe_load(text).get("_exclude", [])
        for line in lines:
            compared = rf"(?:{track}_\w+|tier) [!=]= '[a-z-]+'"
            condition = rf"'{track}' not in tracks|not {track}_\w+|not starter|{compared}"
            form = re.fullmatch(rf"{{% if (?:{condition}) %}}(\S+){{% endif %}}", line)
            assert form, line
            pattern = form[1].removeprefix("/").replace("src/*/", "src/{{ package }}/")
            found = (project / pattern).exists() or (project / f"{pattern}.jinja").exists()
            assert found, f"{track}: {form[1]} is not in template/project"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_emitted_ci_is_valid_and_safe(render: Render, layout: str) -> None:
    github = render(tracks=list(TRACKS), layout=layout, ci="github")
    gitlab = render(tracks=list(TRACKS), layout=layout, ci="gitlab")

    validate_workflows(github)
    validate("vendor.gitlab-ci", gitlab / ".gitlab-ci.yml")
    run("pre-commit", "validate-config", str(github / ".pre-commit-config.yaml"))
    assert not (gitlab / ".github").exists()
    assert not (github / ".gitlab-ci.yml").exists()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_emitted_ci_shows_what_the_charter_lacks(
    render: Render, layout: str, tmp_path: Path
) -> None:
    """What the jobs run, run here: a summary for people, files for the host, and a red job."""
    for ci in ("github", "gitlab"):
        root = tmp_path / ci
        shutil.copytree(render(tracks=["rag"], layout=layout, ci=ci), root)
        with (root / "ops/runbook.md").open("a") as file:
            file.write("\nSee [the wiki](wiki.md).\n")
    github = yaml.safe_load((tmp_path / "github/.github/workflows/ci.yml").read_text())
    job = "check" if layout == "full" else "charter"
    steps = {step.get("name"): step for step in github["jobs"][job]["steps"]}
    gitlab = yaml.safe_load((tmp_path / "gitlab/.gitlab-ci.yml").read_text())[job]
    summary = tmp_path / "summary.md"
    runbook = "ops/runbook.md"
    line = len((root / runbook).read_text().splitlines())

    code, log = shell(tmp_path / "github", steps["Check the charter"]["run"], summary)
    assert code == 1
    assert log.startswith(f"::error file={runbook},line={line},col=5,title=link-broken::")
    assert f"| {runbook}:{line} |" in summary.read_text()
    [command] = [c for c in gitlab.get("after_script", gitlab["script"]) if " check " in c]
    code, log = shell(tmp_path / "gitlab", command, summary)
    assert code == 1
    assert log.startswith(f"{runbook}:{line}:5: ")
    report = tmp_path / "gitlab" / gitlab["artifacts"]["reports"]["codequality"]
    assert [entry["location"]["path"] for entry in json.loads(report.read_text())] == [runbook]


def test_code_scanning_is_written_to_by_one_job_and_never_turns_it_red(render: Render) -> None:
    """What that job runs is tested in untrusted/test_untrusted_emitted.py."""
    text = (render(tracks=["rag"]) / ".github/workflows/ci.yml").read_text()
    jobs = yaml.safe_load(text)["jobs"]
    writing = [name for name in jobs if "write" in jobs[name]["permissions"].values()]

    assert writing == ["code-scanning"]
    job = jobs["code-scanning"]
    [upload] = [step for step in job["steps"] if "upload-sarif" in step.get("uses", "")]
    assert upload["continue-on-error"] is True
    assert "pull_request.head.repo.fork" in upload["if"]
    assert "repository.private" in upload["if"]
    assert "secrets." not in text


@pytest.mark.field(18, "the hooks under pre-commit before 4.4")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_hooks_run_under_every_pre_commit_in_use(render: Render, layout: str) -> None:
    """`unsupported` is the newer name of `system`; before 4.4 it stops every hook of a team."""
    root = render(tracks=["rag"], layout=layout)
    [local] = yaml.safe_load((root / ".pre-commit-config.yaml").read_text())["repos"]

    assert {hook["language"] for hook in local["hooks"]} <= {"system"}


@pytest.mark.field(18, "a default branch `master`")
def test_ci_runs_on_a_default_branch_of_either_name(render: Render) -> None:
    workflow = yaml.safe_load((render(tracks=["rag"]) / ".github/workflows/ci.yml").read_text())

    assert workflow[True]["push"] == {"branches": ["main", "master"]}  # YAML 1.1 reads `on` as true


def shell(root: Path, script: str, summary: Path) -> tuple[int, str]:
    """Run a line of CI as its host does, with this checkout's mlcharter."""
    installed = root / ".venv/bin/mlcharter"
    installed.parent.mkdir(parents=True, exist_ok=True)
    if not installed.exists():
        installed.symlink_to(Path(sys.executable).with_name("mlcharter"))
    stub = root.parent / "bin"
    path = f"{stub if stub.exists() else uvx(stub)}{os.pathsep}{Path(sys.executable).parent}"
    done = subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=root,
        env=os.environ
        | {
            "GITHUB_STEP_SUMMARY": str(summary),
            "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("tracks", [*[(track,) for track in TRACKS], TRACKS], ids="-".join)
def test_no_emitted_file_calls_what_is_not_there(
    render: Render, tracks: tuple[str, ...], layout: str
) -> None:
    for host in ("github", "gitlab"):
        root = render(tracks=list(tracks), layout=layout, ci=host)
        makefiles = [*root.glob("Makefile"), *root.glob("tools/*.mk")]
        rules = "".join(path.read_text(encoding="utf-8") for path in makefiles)
        targets = re.findall(r"^([a-z-]+):", rules, re.M)
        for path in files(root):
            if "data" in path.parts or path.suffix in (".svg", ".json", ".jsonl"):
                continue
            text = path.read_text(encoding="utf-8")
            called = set(re.findall(r"(?:`|run: |entry: |^ +- )make ([a-z-]+)", text, re.M))
            assert called <= {*targets}, path
            named = set(
                re.findall(r"\b(?:tools|evals|tests|src|data)/[\w/-]+\.(?:py|jsonl?)\b", text)
            )
            assert [name for name in named if not (root / name).exists()] == [], path


def code(root: Path) -> set[tuple[str, str]]:
    """Path and text of every Python file; the names of tracks in a text are left out."""
    return {
        (str(path.relative_to(root)), re.sub(r'"mlcharter\[.*\]"', '""', path.read_text("utf-8")))
        for path in files(root)
        if path.suffix == ".py"
    }


def test_no_combination_has_code_that_day_one_does_not_type_check(render: Render) -> None:
    """`make check` runs mypy in the repositories of day one; here nothing is left for it."""
    judged = set().union(*(code(render(**answers)) for answers in DAY_ONE))
    others = [
        {"tracks": [question.track], name: value}
        for name, question in QUESTIONS.items()
        if question.track and (question.choices or question.type == "bool")
        for value in question.choices or (False, True)
    ]

    for answers in [*({"tracks": list(tracks)} for tracks in COMBINATIONS), *others]:
        assert code(render(**answers)) <= judged, answers


@pytest.mark.parametrize("answers", DAY_ONE, ids=name_case)
@pytest.mark.parametrize("package", ["z", "harbour_watch", "a_name_that_is_thirty_long_now"])
def test_emitted_code_is_lint_free_whatever_the_package_is_called(
    render: Render, package: str, answers: dict[str, Any]
) -> None:
    root = render(**answers, package=package)

    run("ruff", "check", "--no-cache", str(root))
    run("ruff", "format", "--check", "--no-cache", str(root))

"""What updates do to documents that teams have filled in: ours, Copier's, cruft's and Git's.

    python benchmarks/merge.py [--all]   with mlcharter, copier and (for its row) cruft installed

Each case is one change of the template on the real documents of one track, filled in one way.
Counted are cases without any damage, conflict hunks, lines of the team that are gone, lines that
stand under another section, placeholders that came back, and damage without a marker ("silent").
Copier and cruft take a second a case, so they get one track a case in turn; --all gives them all.
"""

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import merge_cases as cases
from merge_cases import DOCUMENTS, Docs, Filled, Theirs

from mlcharter import copying
from mlcharter.merging import renames, trees
from mlcharter.merging.trees import File
from mlcharter.template import Template, embedded_root

TRACKS = ("applied", "platform", "rag", "rl")
WHO = {"project_name": "Harbour watch", "owner": "@acme/harbour", "author": "Acme", "year": "2026"}
MARKS = re.compile(r"^(<<<<<<< |>>>>>>> |=======$)")


@dataclass(frozen=True)
class Case:
    """One change, one way of filling, one track; `after` is what the template became."""

    change: str
    filling: str
    track: str
    base: Docs
    after: Theirs
    ours: Filled


@dataclass
class Score:
    """What a tool did over its cases."""

    cases: int = 0
    clean: int = 0
    hunks: int = 0
    lost: int = 0
    misplaced: int = 0
    placeholders: int = 0
    absent: int = 0
    silent: int = 0
    broken: list[str] = field(default_factory=list)

    def add(self, case: Case, result: Docs) -> None:
        """Judge one result."""
        hunks, lost, misplaced, back = judge(case, result)
        absent = missing(case, result)
        self.absent += absent
        self.cases += 1
        self.hunks += hunks
        self.lost += lost
        self.misplaced += misplaced
        self.placeholders += back
        damage = lost + misplaced + back + absent > 0
        self.silent += damage and not hunks
        self.clean += not damage and not hunks
        if damage or hunks:
            what = f"{hunks}c -{lost} {misplaced}w {back}p {absent}a"
            self.broken.append(f"{case.change} {case.filling} {case.track}: {what}")


def missing(case: Case, result: Docs) -> int:
    """New lines of the template that are in no line of the result.

    Not counted are placeholders, and prompts where the team deleted them all.
    """
    known = {line for text in case.base.values() for line in text.splitlines()}
    there = [set(_said(line)) for text in result.values() for line in text.splitlines()]
    count = 0
    for text in case.after.docs.values():
        for line in text.splitlines():
            prompt = line.startswith("<!--") and "section:" not in line
            if line in known or line in (cases.PLACEHOLDER, "To be written.") or not line.strip():
                continue
            if not (prompt and case.filling == "heavy"):
                words = set(_said(line))
                count += not any(words <= have for have in there)
    return count


def _said(line: str) -> list[str]:
    """The words of a line but for boxes, empty values and the bars of tables."""
    return [
        w for w in re.split(r"[\s|]+", line) if w not in ("", "[", "]", "[x]", "null", "-", "---")
    ]


def judge(case: Case, result: Docs) -> tuple[int, int, int, int]:
    """Conflict hunks, tags lost, tags in a wrong section, placeholders that came back."""
    hunks = sum(
        line.startswith("<<<<<<< ") for text in result.values() for line in text.splitlines()
    )
    found: dict[str, set[str]] = {}
    empty: dict[str, int] = {}
    for text in result.values():
        for section, line in cases.places(text):
            for tag in re.findall(r"zq\d{5}z", line):
                found.setdefault(tag, set()).add(section)
            empty[section] = empty.get(section, 0) + (line in (cases.PLACEHOLDER, "To be written."))
    lost = [tag for tag in case.ours.homes if tag not in found]
    wrong = [
        tag
        for tag, home in case.ours.homes.items()
        if tag in found and not found[tag] <= {home, case.after.also.get(home, home)}
    ]
    was = dict.fromkeys(empty, 0)
    for text in case.ours.docs.values():
        for section, line in cases.places(text):
            was[section] = was.get(section, 0) + (line == cases.PLACEHOLDER)
    old = {section for text in case.ours.docs.values() for section, _ in cases.places(text)}
    back = sum(max(0, n - was[section]) for section, n in empty.items() if section in old)
    ids = re.findall(r"(?m)^<!-- section: .* -->$", "\n".join(result.values()))
    twice = 0 if hunks else len(ids) - len(set(ids))
    return hunks, len(lost), len(wrong) + twice, back


# The documents and the cases


def rendered(tracks: list[str]) -> Docs:
    """The documents of the experiment, as these tracks get them."""
    root = embedded_root()
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, "template")
        plain.mkdir()
        shutil.copy(root / "copier.yml", plain)
        shutil.copytree(root / "template", plain / "template")
        made = Template(plain, "https://git.acme.example/charter.git", "v1.0.0")
        copying.render(made, Path(folder, "out"), answers={**WHO, "tracks": tracks}, suggestions={})
        return {path: Path(folder, "out", path).read_text() for path in DOCUMENTS}


def all_cases() -> Iterator[Case]:
    """Every change on every track with every way of filling."""
    for number, track in enumerate(TRACKS):
        base = rendered([track])
        both = rendered(sorted([track, TRACKS[(number + 1) % 4]]))
        changes: list[tuple[str, Docs, Theirs]] = [
            (name, base, change(base)) for name, change in (cases.SEEN | cases.UNSEEN).items()
        ]
        changes.append(("track_added", base, Theirs(both)))
        changes.append(("track_removed", both, Theirs(base)))
        for name, start, after in changes:
            assert after.docs != start, name
            for filling, fill in cases.FILLINGS.items():
                yield Case(name, filling, track, start, after, fill(start))


# The tools


def ours(case: Case) -> Docs:
    """mlcharter."""
    mine = {path: File(text.encode()) for path, text in case.ours.docs.items()}
    changes = trees.merge(
        {path: File(text.encode()) for path, text in case.base.items()},
        {path: File(text.encode()) for path, text in case.after.docs.items()},
        mine.get,
        renames.read(case.after.renames),
    )
    for change in changes:
        if change.new is None:
            mine.pop(change.path, None)
        else:
            mine[change.path] = change.new
    return {path: file.data.decode() for path, file in mine.items()}


def git_merge_file(case: Case) -> Docs:
    """git merge-file on each document; where one moved, it is told so."""
    moved = {"docs/evals.md": cases.PACK}
    result = dict(case.ours.docs)
    for path, theirs in case.after.docs.items():
        old = path if path in case.base else moved.get(path)
        if old is None:
            result[path] = theirs
            continue
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("o", case.ours.docs[old]), ("b", case.base[old]), ("t", theirs)):
                Path(folder, name).write_text(text)
            subprocess.run(["git", "merge-file", "-q", "o", "b", "t"], cwd=folder, check=False)
            result.pop(old, None)
            result[path] = Path(folder, "o").read_text()
    return result


def copier_update(case: Case) -> Docs:
    """copier update, conflicts inline."""
    with tempfile.TemporaryDirectory() as folder:
        template, project = Path(folder, "template"), Path(folder, "project")
        answers = "{{ _copier_answers | to_nice_yaml }}"
        head = {
            "copier.yml": "_subdirectory: p\n",
            "p/{{ _copier_conf.answers_file }}.jinja": answers,
        }
        versions = [
            head | {f"p/{path}": text for path, text in docs.items()}
            for docs in (case.base, case.after.docs)
        ]
        history(template, versions)
        run(
            sys.executable,
            "-m",
            "copier",
            "copy",
            "-q",
            "--defaults",
            "-r",
            "v1.0.0",
            str(template),
            str(project),
        )
        committed(project, case.ours.docs, "init")
        run(sys.executable, "-m", "copier", "update", "-q", "--defaults", cwd=project, check=False)
        return read(project)


def cruft_update(case: Case) -> Docs:
    """cruft update."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder, "template")
        head = {"cookiecutter.json": json.dumps({"name": "project"})}
        inside = "{{cookiecutter.name}}"
        versions = [
            head
            | {
                f"{inside}/{path}": f"{{% raw %}}{text}{{% endraw %}}"
                for path, text in docs.items()
            }
            for docs in (case.base, case.after.docs)
        ]
        history(template, versions)
        project = Path(folder, "project")
        run("cruft", "create", "-y", "--checkout", "v1.0.0", "--output-dir", folder, str(template))
        committed(project, case.ours.docs, "init")
        run("cruft", "update", "-y", "--checkout", "v2.0.0", cwd=project, check=False)
        return read(project)


def history(root: Path, versions: list[dict[str, str]]) -> None:
    """A Git repository with a tag for each version of some files."""
    root.mkdir()
    run("git", "init", "-q", cwd=root)
    for number, files in enumerate(versions, 1):
        for path in root.iterdir():
            if path.name != ".git":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        committed(root, files)
        run("git", "tag", f"v{number}.0.0", cwd=root)


def committed(root: Path, files: dict[str, str], *first: str) -> None:
    """Write files and commit all."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for words in (*(((first[0], "-q"),) if first else ()), ("add", "-A"), ("commit", "-qm", "x")):
        run("git", *words, cwd=root)


def read(root: Path) -> Docs:
    """The Markdown of a project, with what was rejected."""
    return {
        str(path.relative_to(root)): path.read_text()
        for path in root.rglob("*")
        if path.suffix in (".md",) and ".git" not in path.parts
    }


def run(*words: str, cwd: Path | None = None, check: bool = True) -> None:
    """A program without its noise."""
    names = {
        f"GIT_{who}_{what}": "bench@acme.example"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        words, cwd=cwd, capture_output=True, text=True, env=os.environ | names, check=False
    )
    if check and done.returncode:
        raise SystemExit(f"{' '.join(words[:4])}: {done.stderr}")


# CPU time


def timed(repeat: int = 3) -> list[tuple[str, float]]:
    """CPU seconds of whole processes: the same project and change for each, in turn."""
    root = embedded_root()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        template, project = work / "template", work / "project"
        template.mkdir()
        shutil.copy(root / "copier.yml", template)
        shutil.copytree(root / "template", template / "template")
        committed(template, {}, "init")
        run("git", "tag", "v1.0.0", cwd=template)
        pack = template / f"template/project/{cases.PACK}.jinja"
        pack.write_text(cases.prompts_reworded({cases.PACK: pack.read_text()}).docs[cases.PACK])
        committed(template, {})
        run("git", "tag", "v2.0.0", cwd=template)
        new = ["mlcharter", "new", str(project), "--defaults", "--track", "rag", "--no-git"]
        python = [sys.executable, "-m"]
        run(*python, *new, "--template", str(template), "--ref", "v1.0.0")
        filled = cases.light({p: (project / p).read_text() for p in DOCUMENTS})
        committed(project, filled.docs, "init")
        cache = work / "cache"
        update = [*python, "mlcharter", "update", "--defaults"]
        copier = [*python, "copier", "update", "-q", "--defaults"]
        taken: dict[str, list[float]] = {}
        for _ in range(repeat):
            for name, words in (
                ("copier update", copier),
                ("mlcharter update, nothing cached", update),
                ("mlcharter update, base cached", update),
            ):
                if name.endswith("nothing cached"):
                    shutil.rmtree(cache, ignore_errors=True)
                elif name.endswith("base cached"):
                    newest = max(
                        (cache / "mlcharter/renders").iterdir(), key=lambda p: p.stat().st_mtime_ns
                    )
                    shutil.rmtree(newest)  # theirs, which no cache can have before it is out
                taken.setdefault(name, []).append(seconds(words, project, cache))
                run("git", "reset", "-q", "--hard", cwd=project)
                run("git", "clean", "-qfd", cwd=project)
        return [(name, statistics.median(times)) for name, times in taken.items()]


def seconds(words: list[str], project: Path, cache: Path) -> float:
    """CPU seconds of a process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = os.environ | {"XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(words, cwd=project, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# The table

Tool = Callable[[Case], Docs]


TOOLS: dict[str, Tool] = {
    "mlcharter": ours,
    "git merge-file": git_merge_file,
    "copier update, inline": copier_update,
    "cruft update": cruft_update,
}
SLOW = ("copier update, inline", "cruft update")
HEAD = ("tool", "cases", "clean", "conflict hunks", "lines lost", "lines misplaced")
HEAD += ("placeholders back", "template lines missing", "silent damage")


def main() -> None:
    """Run the tools over their cases and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="all cases for the slow tools as well")
    parser.add_argument("--only", choices=[*TOOLS, "time"], help="one row, or the times alone")
    parser.add_argument("--explain", action="store_true", help="list the cases that are not clean")
    given = parser.parse_args()
    if given.only != "time":
        compare([given.only] if given.only else list(TOOLS), given.all, given.explain)
    if given.only in (None, "time"):
        times = timed()
        print("\n| whole process | CPU seconds | to `copier update` |\n|---|---|---|")
        for name, value in times:
            print(f"| {name} | {value:.2f} | {value / times[0][1]:.2f} |")


def compare(names: list[str], all_of_them: bool, explain: bool) -> None:
    """One row a tool."""
    everything = list(all_cases())
    some = [c for n, c in enumerate(everything) if TRACKS[(n // 3 + n) % 4] == c.track]
    print(f"| {' | '.join(HEAD)} |\n{'|---' * len(HEAD)}|")
    for name in names:
        if name == "cruft update" and not shutil.which("cruft"):
            print("cruft is not installed; its row is left out.", file=sys.stderr)
            continue
        score = Score()
        for case in some if name in SLOW and not all_of_them else everything:
            score.add(case, TOOLS[name](case))
        cells = [score.cases, score.clean, score.hunks, score.lost, score.misplaced]
        cells += [score.placeholders, score.absent, score.silent]
        print(f"| {name} | {' | '.join(map(str, cells))} |", flush=True)
        if explain and score.broken:
            print("\n".join(score.broken))


if __name__ == "__main__":
    main()

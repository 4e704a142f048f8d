"""Measure what updates do to filled-in documents: ours, Copier's, cruft's and Git's.

    python benchmarks/merge.py [--peers DIR] [--write]   with mlcharter and copier installed

Each case is one change of the template on the real documents of one track, filled in one way.
Every line of the team carries a tag, so that what is lost or misplaced is counted exactly.
cruft is in the environment of the peers. Copier and cruft take seconds per project, so they get many cases as folders of one project; for
cruft, cases in which documents move are separate projects, since Git could pair files of two cases.
The formatters in the folder `--peers` run on the team's documents before the update.
`--write` writes the tables to docs/merging.md.
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
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import merge_cases as cases
import merge_formatters as formatters
import runs
from merge_cases import DOCUMENTS, Docs, Filled, Theirs

from mlcharter.markdown.document import GUIDANCE
from mlcharter.template import rendering
from mlcharter.template.template import Template, embedded_root
from mlcharter.update.merging import renames, trees
from mlcharter.update.merging.trees import File

OTHERS = {
    "track_added": "a track is added to the answers",
    "track_removed": "a track is removed from the answers",
    "tier_raised": "the tier is raised from prototype to production",
    "tier_lowered": "the tier is lowered from production to prototype",
    "starter_removed": "the starter is removed",
}
TRACKS = ("applied", "platform", "rag", "rl")
WHO = {"project_name": "Harbour watch", "owner": "@acme/harbour", "author": "Acme", "year": "2026"}
MARKS = re.compile(r"^(<<<<<<< |>>>>>>> |=======$)")


@dataclass(frozen=True)
class Case:
    """One change, one way of filling, one track; `after` is the new template."""

    change: str
    filling: str
    track: str
    base: Docs
    after: Theirs
    ours: Filled


@dataclass
class Score:
    """The results of a tool over its cases."""

    cases: int = 0
    clean: int = 0
    hunks: int = 0
    lost: int = 0
    misplaced: int = 0
    placeholders: int = 0
    absent: int = 0
    silent: int = 0
    broken: list[str] = field(default_factory=list)
    by_change: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, case: Case, result: Docs) -> None:
        """Add one result."""
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
        told = self.by_change.setdefault(case.change, Counter())
        told.update(c=hunks, l=lost, w=misplaced, p=back, a=absent, s=damage and not hunks)
        if damage or hunks:
            what = f"{hunks}c -{lost} {misplaced}w {back}p {absent}a"
            self.broken.append(f"{case.change} {case.filling} {case.track}: {what}")


def missing(case: Case, result: Docs) -> int:
    """Return the number of new lines of the template that are missing from the result.

    Not counted are placeholders, and guidance where the team deleted them all.
    """
    known = {line for text in case.base.values() for line in text.splitlines()}
    there = [set(_split_words(line)) for text in result.values() for line in text.splitlines()]
    count = 0
    for text in case.after.docs.values():
        for line in text.splitlines():
            question = line.endswith(GUIDANCE)
            if line in known or line in (cases.PLACEHOLDER, "To be written.") or not line.strip():
                continue
            if not (question and case.filling == "heavy"):
                words = set(_split_words(line))
                count += not any(words <= have for have in there)
    return count


def _split_words(line: str) -> list[str]:
    """Return the words of a line without boxes, empty values and the bars of tables."""
    return [
        w for w in re.split(r"[\s|]+", line) if w not in ("", "[", "]", "[x]", "null", "-", "---")
    ]


def judge(case: Case, result: Docs) -> tuple[int, int, int, int]:
    """Return the counts of conflicts, lost tags, misplaced tags, and restored placeholders."""
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


def rendered(tracks: list[str], tier: str = "production", *, starter: bool = True) -> Docs:
    """Return the documents of the experiment for these answers."""
    root = embedded_root()
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, "template")
        plain.mkdir()
        shutil.copy(root / "copier.yml", plain)
        shutil.copytree(root / "template", plain / "template")
        made = Template(plain, "https://git.acme.example/charter.git", "v1.0.0")
        answers = {**WHO, "tracks": tracks, "tier": tier, "starter": starter}
        rendering.render(made, Path(folder, "out"), answers=answers, suggestions={})
        return {path: Path(folder, "out", path).read_text() for path in DOCUMENTS}


def all_cases() -> Iterator[Case]:
    """Yield every change on every track with every way of filling."""
    for number, track in enumerate(TRACKS):
        base = rendered([track])
        more = rendered(sorted([track, TRACKS[(number + 1) % 4]]))
        changes: list[tuple[str, Docs, Theirs]] = [
            (name, base, change(base)) for name, change in (cases.SEEN | cases.UNSEEN).items()
        ]
        changes.append(("track_added", base, Theirs(more)))
        changes.append(("track_removed", more, Theirs(base)))
        less = rendered([track], "prototype")
        changes.append(("tier_raised", less, Theirs(base)))
        changes.append(("tier_lowered", base, Theirs(less)))
        changes.append(("starter_removed", base, Theirs(rendered([track], starter=False))))
        for name, start, after in changes:
            assert after.docs != start, name
            for filling, fill in cases.FILLINGS.items():
                yield Case(name, filling, track, start, after, fill(start))


def some_cases() -> list[Case]:
    """Return every change with every way of filling, each on one of the tracks in turn."""
    everything = list(all_cases())
    size = len(everything) // len(TRACKS)
    # Fillings change fastest: the second shift gives each change another track for each of them.
    return [everything[size * ((n // 3 + n % 3) % len(TRACKS)) + n] for n in range(size)]


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


def copier_update(cases: Sequence[Case]) -> list[Docs]:
    """copier update, conflicts inline."""
    with tempfile.TemporaryDirectory() as folder:
        template, project = Path(folder, "template"), Path(folder, "project")
        answers = "{{ _copier_answers | to_nice_yaml }}"
        head = {
            "copier.yml": "_subdirectory: p\n",
            "p/{{ _copier_conf.answers_file }}.jinja": answers,
        }
        history(template, [head | versions for versions in both(cases, "p/{}", "{}")])
        copier = (sys.executable, "-m", "copier")
        run(*copier, "copy", "-q", "--defaults", "-r", "v1.0.0", str(template), str(project))
        committed(project, {}, "init")
        committed(project, folders(cases))
        run(*copier, "update", "-q", "--defaults", cwd=project, check=False)
        return [read(project / str(number)) for number in range(len(cases))]


def cruft_update(cases: Sequence[Case]) -> list[Docs]:
    """cruft update."""
    with tempfile.TemporaryDirectory() as folder:
        template, project = Path(folder, "template"), Path(folder, "project")
        head = {"cookiecutter.json": json.dumps({"name": "project"})}
        raw = "{{% raw %}}{}{{% endraw %}}"
        versions = both(cases, "{{{{cookiecutter.name}}}}/{}", raw)
        history(template, [head | files for files in versions])
        run("cruft", "create", "-y", "--checkout", "v1.0.0", "--output-dir", folder, str(template))
        committed(project, {}, "init")
        committed(project, folders(cases))
        run("cruft", "update", "-y", "--checkout", "v2.0.0", cwd=project, check=False)
        return [read(project / str(number)) for number in range(len(cases))]


def both(cases: Sequence[Case], path: str, text: str) -> list[dict[str, str]]:
    """Return both versions of the template, a folder per case; `path` and `text` are formats."""
    return [
        {
            path.format(f"{number}/{name}"): text.format(content)
            for number, case in enumerate(cases)
            for name, content in (case.after.docs if new else case.base).items()
        }
        for new in (False, True)
    ]


def folders(cases: Sequence[Case]) -> dict[str, str]:
    """Return the team's documents, a folder per case."""
    return {
        f"{number}/{name}": content
        for number, case in enumerate(cases)
        for name, content in case.ours.docs.items()
    }


def one_by_one(tool: Callable[[Case], Docs]) -> "Tool":
    return lambda cases: [tool(case) for case in cases]


def together(tool: "Tool") -> "Tool":
    """Run all cases at once, except those in which documents are added or removed."""

    def run(cases: Sequence[Case]) -> list[Docs]:
        staying = [n for n, case in enumerate(cases) if case.base.keys() == case.after.docs.keys()]
        results = dict(zip(staying, tool([cases[n] for n in staying]), strict=True))
        for n in set(range(len(cases))) - results.keys():
            results[n] = tool([cases[n]])[0]
        return [results[n] for n in range(len(cases))]

    return run


def history(root: Path, versions: list[dict[str, str]]) -> None:
    """Create a Git repository with a tag for each version of some files."""
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
    """Return the Markdown files of a project, with rejected hunks."""
    return {
        str(path.relative_to(root)): path.read_text()
        for path in root.rglob("*")
        if path.suffix in (".md",) and ".git" not in path.parts
    }


def run(*words: str, cwd: Path | None = None, check: bool = True) -> None:
    """Run a program without its output."""
    names = {
        f"GIT_{who}_{what}": "bench@acme.example"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        words,
        cwd=cwd,
        capture_output=True,
        text=True,
        env=os.environ | names | {"PATH": _path()},
        check=False,
    )
    if check and done.returncode:
        raise SystemExit(f"{' '.join(words[:4])}: {done.stderr}")


# CPU time


def filled_project(work: Path) -> tuple[Path, Filled]:
    """Make a template with a change, and a project of the version before, with filled documents."""
    root = embedded_root()
    template, project = work / "template", work / "project"
    template.mkdir()
    shutil.copy(root / "copier.yml", template)
    shutil.copytree(root / "template", template / "template")
    committed(template, {}, "init")
    run("git", "tag", "v1.0.0", cwd=template)
    pack = template / f"template/project/{cases.PACK}.jinja"
    pack.write_text(cases.guidance_reworded({cases.PACK: pack.read_text()}).docs[cases.PACK])
    committed(template, {})
    run("git", "tag", "v2.0.0", cwd=template)
    answers = ["--track", "rag", "--tier", "production"]
    new = ["mlcharter", "new", str(project), "--defaults", *answers, "--no-git"]
    run(sys.executable, "-m", *new, "--template", str(template), "--ref", "v1.0.0")
    filled = cases.light({p: (project / p).read_text() for p in DOCUMENTS})
    committed(project, filled.docs, "init")
    return project, filled


def timed(repeat: int = 3) -> list[tuple[str, float]]:
    """Measure the CPU seconds of whole processes, in turn, on the same project and change."""
    python = [sys.executable, "-m"]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        project, _ = filled_project(work)
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
    """Return the CPU seconds of a process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = os.environ | {"XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(words, cwd=project, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# The table

Tool = Callable[[Sequence[Case]], list[Docs]]


TOOLS: dict[str, Tool] = {
    "mlcharter update": one_by_one(ours),
    "git merge-file": one_by_one(git_merge_file),
    "cruft update": together(cruft_update),
    "copier update": copier_update,
}
HEAD = ("tool", "cases", "clean", "conflict hunks", "lines lost", "lines misplaced")
HEAD += ("placeholders back", "template lines missing", "silent damage")
PAGE = embedded_root() / "docs/merging.md"


def main() -> None:
    """Run the tools over their cases and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", choices=[*TOOLS, "formatters"], help="one row, or one table alone"
    )
    parser.add_argument("--peers", type=Path, default=Path(".peers"), help="where formatters are")
    parser.add_argument("--explain", action="store_true", help="list the cases that are not clean")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/merging.md")
    given = parser.parse_args()
    if given.write and given.only in TOOLS:
        parser.error("--write needs all rows; leave --only out")
    tables = {}
    if given.only in (None, *TOOLS):
        scores = compared([given.only] if given.only else list(TOOLS))
        tables["tools"], tables["changes"] = rows(scores), by_change(scores)
        if given.explain:
            print("\n".join(line for score in scores.values() for line in score.broken))
    if given.only in (None, "formatters"):
        tables |= behind_formatters(given.peers)
    print("\n".join(tables.values()))
    for name, table in tables.items() if given.write else ():
        part = re.compile(rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text = PAGE.read_text()
        PAGE.write_text(part.sub(lambda found, table=table: f"{found[1]}{table}{found[2]}", text))


def compared(names: Sequence[str]) -> dict[str, Score]:
    """Return a table of each tool's results over all cases."""
    cases = list(all_cases())
    scores = {}
    for name in names:
        if name == "cruft update" and not shutil.which("cruft", path=_path()):
            raise SystemExit(
                "cruft is not installed; run `make bench PARTS=merge`, which installs it"
            )
        scores[name] = Score()
        for case, result in zip(cases, TOOLS[name](cases), strict=True):
            scores[name].add(case, result)
        print(f"{name}: {scores[name].clean} of {scores[name].cases} clean", file=sys.stderr)
    return scores


def rows(scores: dict[str, Score]) -> str:
    """Return one row per tool."""
    table = [f"| {' | '.join(HEAD)} |", f"{'|---' * len(HEAD)}|"]
    for name, score in scores.items():
        cells = [score.cases, score.clean, score.hunks, score.lost, score.misplaced]
        cells += [score.placeholders, score.absent, score.silent]
        table.append(f"| `{name}` | {' | '.join(map(str, cells))} |")
    return "\n".join(table) + "\n"


def each_change_once() -> list[Case]:
    """Return every change once, with the ways of filling and the tracks in turn."""
    return [case for n, case in enumerate(some_cases()) if n % 3 == n // 3 % 3]


def behind_formatters(peers: Path) -> dict[str, str]:
    """Return one row per formatter: `mlcharter update` on its output, and Git for comparison."""
    head = ("formatter", "lines it changed", *HEAD[1:], "`git merge-file`: hunks")
    merged = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    checked = ["| formatter | files it changed | new findings | stale evidence |", "|---" * 4 + "|"]
    names = list(formatters.real(peers))
    plain = each_change_once()
    with ProcessPoolExecutor(len(names)) as pool:
        for one, two in pool.map(behind, names, [peers] * len(names), [plain] * len(names)):
            merged.append(one)
            checked.append(two)
    return {"formatters": "\n".join(merged) + "\n", "checked": "\n".join(checked) + "\n"}


def behind(name: str, peers: Path, plain: list[Case]) -> tuple[str, str]:
    """Return the rows of one formatter in both tables."""
    formatter = formatters.real(peers)[name]
    laid_out = formatters.formatted(plain, formatter)
    score, git = Score(), Score()
    for case in laid_out:
        score.add(case, ours(case))
        git.add(case, git_merge_file(case))
    cells = [sum(map(changed_lines, plain, laid_out)), score.cases, score.clean, score.hunks]
    cells += [score.lost, score.misplaced, score.placeholders, score.absent, score.silent]
    cells.append(git.hunks)
    print("\n".join([f"{name}: {score.clean} clean", *score.broken]), file=sys.stderr, flush=True)
    return f"| `{name}` | {' | '.join(map(str, cells))} |", checked(name, formatter)


def changed_lines(before: Case, after: Case) -> int:
    """Return how many lines of the team's documents a formatter changed or added."""
    return sum(
        (Counter(text.splitlines()) - Counter(before.ours.docs[path].splitlines())).total()
        for path, text in after.ours.docs.items()
    )


def checked(name: str, formatter: formatters.Formatter) -> str:
    """Return what `check` finds in the examples after a formatter has run on them."""
    files = new = stale = 0
    for example in sorted((PAGE.parents[1] / "examples").iterdir()):
        if not (example / "docs").is_dir():
            continue
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder, example.name)
            shutil.copytree(example, root)
            before = found_by_check(root)
            docs = {str(path.relative_to(root)): path.read_text() for path in root.rglob("*.md")}
            after = formatter(docs)
            files += sum(after[path] != text for path, text in docs.items())
            for path, text in after.items():
                (root / path).write_text(text)
            told = found_by_check(root) - before
        old = sum(count for (_, rule), count in told.items() if rule in DIGESTS)
        stale, new = stale + old, new + told.total() - old
        if new:
            print(f"{name}: {told}", file=sys.stderr, flush=True)
    return f"| `{name}` | {files} | {new} | {stale} |"


# What compares a file with its recorded digest: it must see that a formatter changed the file.
DIGESTS = ("evidence-stale", "artifact-differs", "proof-missing")


def found_by_check(root: Path) -> Counter[tuple[str, str]]:
    """Return how often each rule finds something in each document, at level release."""
    words = ("check", str(root), "--no-cache", "--level", "release", "--format", "json")
    done = subprocess.run(
        [sys.executable, "-m", "mlcharter", *words], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return Counter((one["path"], one["rule"]) for one in json.loads(done.stdout)["findings"])


def by_change(scores: dict[str, Score]) -> str:
    """Return a table with a row per change and a column per tool."""
    table = [f"| change | {' | '.join(f'`{name}`' for name in scores)} |"]
    table.append("|---" * (len(scores) + 1) + "|")
    for change in next(iter(scores.values())).by_change:
        made = (cases.SEEN | cases.UNSEEN).get(change)
        cells = [_cell(score.by_change[change]) for score in scores.values()]
        table.append(f"| {said(made.__doc__ if made else OTHERS[change])} | {' | '.join(cells)} |")
    return "\n".join(table) + "\n"


def said(doc: str | None) -> str:
    """Return the description of a change, from its docstring without the leading letter."""
    text = re.sub(r"^[A-Z]\d?: ", "", doc or "").rstrip(".")
    return text[:1].lower() + text[1:]


def _cell(counts: Counter[str]) -> str:
    told = " ".join(f"{counts[letter]}{letter}" for letter in "clwpa" if counts[letter])
    return (told + (" **silent**" if counts["s"] else "")) or "ok"


def _path() -> str:
    """Return a PATH that starts with the folders of this Python and of the peers."""
    folders = (Path(sys.executable).parent, runs.PEERS / "bin", os.environ.get("PATH", ""))
    return os.pathsep.join(map(str, folders))


if __name__ == "__main__":
    main()

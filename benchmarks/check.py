"""Measure how many documents per CPU second mlcharter and its peers check.

    python benchmarks/check.py [--repositories N] [--peers BIN] [--node BIN] [--write]

Every row runs in turn on the same documents; CPU seconds are user and system time of a process
and its children, the best of --repeat, of short rows the best of more. A peer that is slow gets
fewer of the documents.
`--peers` and `--node` are the folders with the peers' programs; missing ones are left out and
listed. --write writes the result to docs/speed.md.
"""

import argparse
import itertools
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import corpus
import merge
import msgspec
import phases
import runs
import yaml
from corpus import Corpus
from recall_peers import headings, version

from mlcharter.charter import config_entries
from mlcharter.markdown import document
from mlcharter.template.template import embedded_root

PAGE = Path(__file__).resolve().parents[1] / "docs/speed.md"
OURS = Path(sys.executable).with_name("mlcharter")
COPIER = Path(sys.executable).with_name("copier")
SECTIONS = ("document-missing", "section-removed")
TARGET = 0.10  # CPU seconds of a check of one repository after an edit
_MORE = 5  # times as many runs of what takes a tenth of a second
STRUCTURE = (*SECTIONS, "section-unfilled", "item-removed")


@dataclass(frozen=True)
class Row:
    """A tool and its work; `words` has the program first, `documents` what it looks at."""

    name: str
    documents: int
    commands: tuple[tuple[list[str], Path], ...]

    def seconds(self, repeat: int) -> float:
        """Return the CPU seconds of all its processes, the best of several runs."""
        return min(sum(cpu(words, cwd) for words, cwd in self.commands) for _ in range(repeat))


def cpu(words: list[str], cwd: Path) -> float:
    """Return the CPU seconds of a process; its findings are ignored, but it must not fail."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = os.environ | {"RUMDL_NO_CACHE": "1", "NO_COLOR": "1", "DO_NOT_TRACK": "1"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 3), f"{words[:3]} {done.returncode}: {done.stderr[-500:]}"
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# The rows


def ours(made: Corpus) -> Iterator[Row]:
    """Yield the rows of mlcharter, on every repository in one process."""
    where = [path.name for path in made.folders]
    words = [str(OURS), "check", "--no-cache", "--format", "json"]
    full = [*words, "--level", "release", *where]
    yield Row("mlcharter check, everything", len(made.files), ((full, made.root),))
    for name, rules in (
        ("structure only: sections, placeholders, items", STRUCTURE),
        ("required sections only", SECTIONS),
    ):
        select = [word for rule in rules for word in ("--select", rule)]
        chosen = [*words, *select, *where]
        yield Row(f"mlcharter check, {name}", len(made.files), ((chosen, made.root),))
    # What is as young as these copies is not remembered at once; the rows above took long enough.
    warm = [word for word in full if word != "--no-cache"]
    name = "mlcharter check, everything, nothing changed since"
    yield Row(name, len(made.files), ((warm, made.root),))


class Peers:
    """The rows of the peers whose programs are installed."""

    def __init__(self, made: Corpus, work: Path, programs: Path | None, node: Path | None) -> None:
        self.made = made
        self.work = work
        self.programs = programs
        self.node = node

    def rows(self, most: int) -> Iterator[Row]:
        """Every row; `most` is how many documents the slow ones get at most."""
        for make in (self._mdsmith, self._rumdl, self._schemas, self._pymarkdown, self._node):
            yield from make(most)

    def program(self, name: str, folder: Path | None = None) -> str | None:
        where = folder or self.programs
        if where is None:
            return None
        if (where / name).is_file():
            return str((where / name).resolve())
        print(f"{name} is not there; its rows are left out", file=sys.stderr)
        return None

    def _mdsmith(self, most: int) -> Iterator[Row]:
        program = self.program("mdsmith")
        if not program:
            return
        every = len(self.made.files)
        config = self.work / "structure.yml"
        config.write_text(yaml.safe_dump(self._kinds(program), sort_keys=False))
        names = [str(path) for path in self.made.files]
        check = [program, "check", "-q", "--no-gitignore"]
        only = [*check, "-c", str(config), *names]
        yield Row("mdsmith, required headings only (MDS020)", every, ((only, self.made.root),))
        plain = self.work / "plain.yml"
        plain.write_text("rules: {}\n")
        default = [*check, "-c", str(plain), *names]
        yield Row("mdsmith, default rules", every, ((default, self.made.root),))

    def _kinds(self, program: str) -> dict[str, Any]:
        """Return a configuration that checks only the headings of each document."""
        listed = subprocess.run([program, "help", "rule"], capture_output=True, text=True)
        rules = [line.split()[1] for line in listed.stdout.splitlines() if line[:3] == "MDS"]
        kinds, globs = {}, []
        for path, text in self.made.texts.items():
            name = path.replace("/", "-").removesuffix(".md")
            sections = [{"heading": None}, *headings(document.parse(text, path))]
            kinds[name] = {"schema": {"sections": sections}}
            globs.append({"glob": [f"**/{path}"], "kinds": [name]})
        on = {rule: rule == "required-structure" for rule in rules}
        return {"rules": on, "kinds": kinds, "kind-assignment": globs}

    def _rumdl(self, most: int) -> Iterator[Row]:
        program = self.program("rumdl")
        if not program:
            return
        check = [program, "check", "--no-cache", "--quiet"]
        names = [str(path) for path in self.made.files]
        every = ([*check, "--no-config", *names], self.work)
        yield Row("rumdl, default rules", len(names), (every,))
        commands = []
        for number, (path, text) in enumerate(self.made.texts.items()):
            found = document.parse(text).headings
            wanted = [f"{'#' * heading.level} {heading.text}" for heading in found]
            config = self.work / f"rumdl{number}.toml"
            config.write_text(
                f"[global]\nenable = ['MD043']\n[MD043]\nheadings = {json.dumps(wanted)}\n"
            )
            files = [str(folder / path) for folder in self.made.folders]
            commands.append(([*check, "--config", str(config), *files], self.work))
        yield Row("rumdl, required headings only (MD043)", len(names), tuple(commands))

    def _schemas(self, most: int) -> Iterator[Row]:
        program = self.program("check-jsonschema")
        if not program:
            return
        files = self.made.files  # it starts once a kind, which few documents would not be worth
        commands = []
        for kind, blocks in corpus.fences(files, self.work / "fences").items():
            schema = self.work / f"{kind}.json"
            schema.write_bytes(msgspec.json.encode(msgspec.json.schema(config_entries.model(kind))))
            words = [program, "--schemafile", str(schema), *map(str, blocks)]
            commands.append((words, self.work))
        name = "check-jsonschema on the YAML blocks, extracted beforehand"
        yield Row(name, len(files), tuple(commands))

    def _pymarkdown(self, most: int) -> Iterator[Row]:
        program = self.program("pymarkdown")
        if program:
            files = [str(path) for path in self.made.files[: max(most // 20, 1)]]
            yield Row(
                "pymarkdown, default rules", len(files), (([program, "scan", *files], self.work),)
            )

    def _node(self, most: int) -> Iterator[Row]:
        program = self.program("markdownlint-cli2", self.node) if self.node else None
        if program:
            # It reads names as patterns from its working directory.
            files = [path.relative_to(self.made.root).as_posix() for path in self.made.files[:most]]
            words = [program, *files]
            yield Row("markdownlint-cli2, default rules", len(files), ((words, self.made.root),))


def single(made: Corpus, peers: Peers) -> Iterator[Row]:
    """One repository, whole process."""
    folder = made.folders[0]
    number = len(made.texts)
    full = [str(OURS), "check", "--level", "release"]
    touch = (["touch", "docs/eval_pack.md"], folder)
    yield Row("mlcharter check, after a change", number, (touch, (full, folder)))
    document = (touch, ([*full, "docs/eval_pack.md"], folder))
    yield Row("mlcharter check docs/eval_pack.md, after a change", 1, document)
    yield Row("mlcharter check --no-cache", number, (([*full, "--no-cache"], folder),))
    other = (full, made.folders[1])
    yield Row("mlcharter check, nothing changed since", number, (other,))
    yield Row("mlcharter --help", 0, (([str(OURS), "--help"], folder),))
    one = Corpus(made.root, made.texts, 1)
    alone = Peers(one, peers.work / "one", peers.programs, peers.node)
    alone.work.mkdir()
    for row in alone.rows(number):
        if row.documents == number and len(row.commands) == 1:
            yield row
    if program := peers.program("repo-review"):
        yield Row("repo-review, with sp-repo-review", 0, (([program, str(folder)], folder),))
    yield Row("copier --help", 0, (([str(COPIER), "--help"], folder),))


def founding(work: Path, peers: Peers) -> Iterator[tuple[str, list[str]]]:
    """A new repository: Copier's and ours, with the same answers, and those of other tools.

    Cookiecutter gets a template of the files that ours wrote, so it decides nothing.
    """
    template = work / "template"
    template.mkdir()
    root = embedded_root()
    shutil.copy(root / "copier.yml", template)
    shutil.copytree(root / "template", template / "template")
    merge.committed(template, {}, "init")
    merge.run("git", "tag", "v1.0.0", cwd=template)
    data = ["--data", "project_name=Harbour watch", "--data", "owner=@acme/harbour"]
    python = sys.executable
    copy = [python, "-m", "copier", "copy", "-q", "--defaults", *data, str(template)]
    yield "copier copy --defaults", copy
    new = [str(OURS), "new", "--defaults", "--no-git", *data]
    yield "mlcharter new --defaults", new
    if program := peers.program("cookiecutter"):
        cookie = work / "cookie"
        made = cookie / "{{cookiecutter.name}}"
        merge.run(*new, str(made))
        for path in made.rglob("*"):
            if path.is_file() and b"{" in path.read_bytes():
                path.write_bytes(b"{% raw %}" + path.read_bytes() + b"{% endraw %}")
        (cookie / "cookiecutter.json").write_text(json.dumps({"name": "harbour"}))
        words = [program, str(cookie), "--no-input", "--output-dir"]
        yield "cookiecutter, the files of `mlcharter new`, nothing to decide", words
    if program := peers.program("kedro"):
        words = ["new", "--tools", "none", "--example", "n", "--telemetry", "no", "--name"]
        yield "kedro new --tools none, its own template, much smaller", [program, *words]


def time_new(work: Path, peers: Peers, repeat: int) -> list[tuple[str, float]]:
    """Return the CPU seconds of Copier, `new` and peers, in turn, the best of several runs."""
    rows = dict(founding(work, peers))
    taken: dict[str, list[float]] = {name: [] for name in rows}
    for number in range(repeat):
        for name, words in rows.items():
            taken[name].append(cpu([*words, f"{name.split()[0]}{number}"], work))
    return [(name, min(times)) for name, times in taken.items()]


# The page


HEAD = """# Speed

CPU seconds, user and system, of whole processes on one machine in one run: the best of {repeat}, of {more} where one repository is checked, and of updates the median of 3.
The figures depend on the machine and its load; what counts is the last column.
`make bench PARTS=speed` writes this page.
{run}

{repositories} repositories of {documents} documents: `examples/applied` with words changed, so that no two are alike; {lines:.0f} lines and {fences:.1f} config blocks a document, with {proofs} proofs a repository that are looked up and hashed.
Slow tools get the first documents only; their number stands in the row.

`mlcharter check` reads sections, items, proofs, config blocks against their models, and what documents say against each other; no peer's row is all of that.
Looking at headings alone, the peers in Go and Rust are several times as fast as a Python program is.
"""


def many(rows: Iterable[Row], repeat: int) -> Iterator[str]:
    """Return the table of throughput."""
    yield "## Many repositories in one process\n"
    yield "| tool and work | documents | CPU seconds | documents a CPU second | to `mlcharter check` |"
    yield "|---|---|---|---|---|"
    first = 0.0
    for row in rows:
        taken = row.seconds(repeat)
        speed = row.documents / taken
        first = first or speed
        yield f"| {row.name} | {row.documents} | {taken:.2f} | {speed:,.0f} | {speed / first:.2f} |"
    yield ""


def one(rows: Iterable[Row], repeat: int) -> Iterator[str]:
    """Return the table of single processes."""
    yield "## One repository, whole process\n"
    yield "| tool and work | documents | CPU seconds | to `mlcharter check` |"
    yield "|---|---|---|---|"
    first = 0.0
    for row in rows:
        taken = row.seconds(repeat)
        first = first or taken
        yield f"| {row.name} | {row.documents or ''} | {taken:.3f} | {taken / first:.2f} |"
    yield ""


def inside(folder: Path, repeat: int) -> Iterator[str]:
    """Return the table of the phases of a check after an edit, in a process of their own."""
    yield "## Where the time of a check goes\n"
    yield "One repository after an edit, with a cached specification; the best of each phase.\n"
    yield "| phase | CPU ms | share |"
    yield "|---|---|---|"
    taken = phases.measure(folder, repeat)
    for name, seconds in taken.items():
        yield f"| {name} | {seconds * 1e3:.1f} | {seconds / sum(taken.values()):.0%} |"
    everything = sum(taken.values()) * 1e3
    yield f"| **all** | {everything:.1f} | 100% |\n"
    libraries = (taken[phases.PYTHON] + phases.import_libraries(repeat)) * 1e3
    left = max(TARGET * 1e3 - libraries, 0)
    yield f"Starting Python and importing click, hashlib, msgspec and PyYAML takes {libraries:.0f} ms of it."
    yield f"Our target of {TARGET:.2f} s leaves {left:.0f} ms to everything else, which takes {everything - libraries:.0f} ms here."
    yield ""


def beginnings(work: Path, peers: Peers, repeat: int) -> Iterator[str]:
    """Return the table of new repositories and updates."""
    yield "## Creating and updating, whole process\n"
    yield "| work | CPU seconds | to Copier |"
    yield "|---|---|---|"
    news = time_new(work, peers, repeat)
    for name, taken in news:
        yield f"| {name} | {taken:.2f} | {taken / news[0][1]:.2f} |"
    updates = merge.timed(repeat)
    for name, taken in updates:
        yield f"| {name} | {taken:.2f} | {taken / updates[0][1]:.2f} |"
    yield ""


def versions(peers: Peers) -> Iterator[str]:
    """Return the versions of the peers."""
    yield "## Versions\n"
    yield f"- Python {sys.version.split()[0]}, mlcharter {version(OURS.parent, 'mlcharter')}, copier {version(OURS.parent, 'copier')}"
    packages = ("mdsmith", "rumdl", "check-jsonschema", "pymarkdownlnt")
    packages += ("repo-review", "sp-repo-review", "cookiecutter", "kedro")
    for package in packages if peers.programs else ():
        yield f"- {package} {version(peers.programs, package)}"
    if peers.node:
        package = peers.node.parent / "markdownlint-cli2/package.json"
        yield f"- markdownlint-cli2 {json.loads(package.read_text())['version']}"


def main() -> None:
    """Run every row and print the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repositories", type=int, default=100)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--most", type=int, default=380, help="documents for slow tools")
    parser.add_argument("--peers", type=Path, help="where the programs of the peers are")
    parser.add_argument("--node", type=Path, help="where markdownlint-cli2 is")
    parser.add_argument("--write", action="store_true", help="keep the result in docs/speed.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        os.environ["XDG_CACHE_HOME"] = str(work / "cache")
        made = corpus.make(work / "corpus", given.repositories)
        peers = Peers(made, work / "peers", given.peers, given.node)
        peers.work.mkdir()
        throughput = itertools.chain(ours(made), peers.rows(given.most))
        lines = [_head(made, given.repeat)]
        for part in (
            many(throughput, given.repeat),
            one(single(made, peers), _MORE * given.repeat),
            inside(made.folders[0], _MORE * given.repeat),
            beginnings(work, peers, given.repeat),
            versions(peers),
        ):
            for line in part:
                print(line, flush=True)
                lines.append(line)
    if given.write:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _head(made: Corpus, repeat: int) -> str:
    proofs = sum(text.count("Evidence: [") for text in made.texts.values())
    return HEAD.format(
        repeat=repeat,
        more=_MORE * repeat,
        run=runs.stamp("speed"),
        repositories=made.repositories,
        documents=len(made.texts),
        lines=made.average("\n"),
        fences=made.average(corpus.FENCE),
        proofs=proofs,
    )


if __name__ == "__main__":
    main()

"""Bring the examples to the current template, evaluate and prove them; `make examples` calls this.

    python hooks/run_examples.py [--documents] [NAME]...

An example keeps its answers, what its team wrote, and of the template only the documents, and the
files in `data`, `evals` and `src`, which the proofs depend on. For each example:

1. Documents are merged as `mlcharter update` merges them: the base is the template that
   examples/template.txt records by Git's ids, so that filled-in text is kept.
   Other kept files become those of the template.
2. The whole repository is rendered into .examples/NAME, with the example's files on top; there
   `make setup eval`, its tests and `mlcharter prove` run.
3. The report of the release, its verdicts and test run, and proofs.json are written back; so are
   the figures in documents, if the example has a module `evidence/figures.py` that writes them.
   Digests in the example follow, and a release that changed is signed with a new key.
   What is derived from config blocks is written again.

A second run changes nothing: the date of the report, its commit and its CPU time are kept, times
and the host of the tests are left out, and a report that differs by rounding is not written.
With --documents, only the first step is done. Exit code 1 if there is something to do by hand.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from mlcharter.template import questionnaire, rendering  # noqa: E402
from mlcharter.template.template import Template  # noqa: E402
from mlcharter.update.merging import trees  # noqa: E402

EXAMPLES = ROOT / "examples"
RECORD = EXAMPLES / "template.txt"
WORK = ROOT / ".examples"
PARTS = ("copier.yml", "template")  # what an example is rendered from
CODE = ("data/", "evals/", "src/")  # of these an example keeps every file of the template
OWN = (
    "README.md",
    "CODEOWNERS",
    ".copier-answers.yml",
    ".mlcharter.yml",
    *("ops/prometheus/rules.yml", "ops/prometheus/tests.yml", "ops/openslo.yml"),
    *("ops/cut_over.md", "versioning/trust.json", "tests/platform/alerts.yml"),
    *("safety/allowed.json", "versioning/ml-bom.json"),
    *(f"ops/grafana/{name}.json" for name in ("slos", "cost", "evals", "policy")),
)  # these it has of its own
TEXT = {".md", ".json", ".jsonl", ".yaml", ".yml", ".csv", ".txt", ".py"}
CLOSE = 2e-6  # reports are rounded to six digits
ANSWERS = ".copier-answers.yml"
MLCHARTER = Path(sys.executable).parent / "mlcharter"


def list_names() -> list[str]:
    """Return the examples that have been proven; a new one is named in the arguments once."""
    return sorted(path.parent.name for path in EXAMPLES.glob("*/proofs.json"))


# What an example keeps of the template.


def render(name: str, source: Path, into: Path) -> dict[str, trees.File]:
    """Return the files of the template in `source` for the answers of an example."""
    answers = yaml.safe_load((EXAMPLES / name / ANSWERS).read_text(encoding="utf-8"))
    known = questionnaire.load(source)
    given = {key: value for key, value in answers.items() if key in known}
    rendering.render(Template(source, str(ROOT), "HEAD"), into, answers=given, suggestions={})
    return trees.read_tree(into)


def is_kept(name: str, path: str) -> bool:
    """Return whether an example has a file of the template."""
    if path in OWN:
        return False
    return path.startswith(CODE) or (EXAMPLES / name / path).exists()


def is_document(path: str) -> bool:
    """Return whether a team fills the file in, so that it is merged and not replaced."""
    return path.endswith(".md") and not path.startswith(CODE)


def merge(name: str, base: Mapping[str, trees.File], theirs: Mapping[str, trees.File]) -> list[str]:
    """Bring the documents of an example to the template; return what a person must resolve."""
    root = EXAMPLES / name
    documents = [
        {path: file for path, file in tree.items() if is_document(path) and is_kept(name, path)}
        for tree in (base, theirs)
    ]
    added = {p: f for p, f in theirs.items() if is_document(p) and p not in base and p not in OWN}
    changes = trees.merge(
        documents[0], documents[1] | added, lambda path: trees.read_file(root / path)
    )
    for change in changes:
        if change.written:
            replace(root / change.path, change.new.data if change.new else None)
    return [
        f"{change.path}: {change.action}" for change in changes if change.conflict or change.left
    ]


def copy_code(name: str, base: Mapping[str, trees.File], theirs: Mapping[str, trees.File]) -> None:
    """Make the other files that an example keeps those of the template."""
    root = EXAMPLES / name
    for path in base.keys() | theirs.keys():
        if not is_document(path) and is_kept(name, path):
            replace(root / path, theirs[path].data if path in theirs else None)


def replace(path: Path, content: bytes | None) -> None:
    """Write a file if it has other bytes; without content, remove it."""
    if content is None:
        path.unlink(missing_ok=True)
    elif not path.exists() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


# The recorded template.


def git(*arguments: str, **options: Any) -> bytes:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, **options)
    return bytes(done.stdout)


def identify() -> str:
    """Return the Git ids of the template in the working tree, which Git then has as objects."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "GIT_INDEX_FILE": str(Path(folder, "index"))}
        git("add", "--all", "--", *PARTS, env=environment)
        top = git("write-tree", env=environment).decode().strip()
    found = git("ls-tree", top, "--", *PARTS).decode().splitlines()
    return "".join(f"{line.split()[2]} {line.partition(chr(9))[2]}\n" for line in found)


def restore(record: str, into: Path) -> None:
    """Write the recorded template into a folder."""
    for line in record.splitlines():
        number, part = line.split()
        try:
            if part == "template":
                packed = git("archive", "--prefix", f"{part}/", number)
                subprocess.run(["tar", "-x"], cwd=into, input=packed, check=True)
            else:
                (into / part).write_bytes(git("cat-file", "blob", number))
        except subprocess.CalledProcessError:
            sys.exit(
                f"error: this clone lacks {number}, the {part} that {RECORD.name} records "
                "(hint: git fetch --unshallow)"
            )


def bring(names: list[str]) -> list[str]:
    """Bring what the examples keep to the template; return what a person must resolve."""
    recorded, present = RECORD.read_text(encoding="utf-8"), identify()
    left = []
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder)
        if recorded != present:
            restore(recorded, old)
        for name in names:
            theirs = render(name, ROOT, Path(folder, "new", name))
            base = theirs
            if recorded != present:
                base = render(name, old, Path(folder, "old", name))
            before = read_texts(EXAMPLES / name)
            left += [f"examples/{name}/{line}" for line in merge(name, base, theirs)]
            copy_code(name, base, theirs)
            follow(EXAMPLES / name, before, {})
    if names == list_names():
        replace(RECORD, present.encode())
    return left


# What is run.


def prepare(name: str) -> Path:
    """Render the repository of an example, put the example's files on top, and install it."""
    work = WORK / name
    work.mkdir(parents=True, exist_ok=True)
    for path in work.iterdir():
        if path.name != ".venv":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    with tempfile.TemporaryDirectory() as folder:
        render(name, ROOT, Path(folder, name))
        shutil.copytree(Path(folder, name), work, dirs_exist_ok=True)
    recorded = (work / ANSWERS).read_bytes()
    shutil.copytree(EXAMPLES / name, work, dirs_exist_ok=True)
    (work / ANSWERS).write_bytes(recorded)
    run(work, "make", "setup")
    return work


def run(folder: Path, *command: str | Path) -> bytes:
    """Run a command with this checkout's mlcharter, and return its output."""
    print(f"{folder.name}: {' '.join(map(str, command))}", flush=True)
    names = {"MLCHARTER_SOURCE": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **names}, stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        sys.stdout.buffer.write(done.stdout)
        sys.exit(f"error: exit code {done.returncode} in {folder}")
    return done.stdout


def evaluate(name: str) -> None:
    """Run an example, and write back what it keeps of the run."""
    work, root = prepare(name), EXAMPLES / name
    before = read_texts(root)
    run(work, "make", "eval")
    frozen = find_report(root)
    kept, _, made = str(frozen).rpartition("-")
    names = keep_report(work, work / "reports" / made, frozen)
    before = follow(root, before, names)
    tests = work / "build/tests.xml"
    run(work, ".venv/bin/python", "-m", "pytest", "--quiet", f"--junitxml={tests}")
    replace(Path(f"{kept}-tests.xml"), without_times(tests.read_bytes()))
    verdicts = run(root, MLCHARTER, "gate", "--format", "json", frozen)
    replace(Path(f"{kept}-gates.json"), verdicts)
    before = compute_figures(work, root, before)
    for path in (*root.rglob("*.md"), root / "proofs.json"):
        if path.exists():
            shutil.copy(path, work / path.relative_to(root))
    run(work, "make", "prove")
    replace(root / "proofs.json", (work / "proofs.json").read_bytes())
    follow(root, before, {})
    run(root, MLCHARTER, "check", "--level", "release", "--no-cache")
    if not is_signed(root):
        sign(root)


def compute_figures(work: Path, root: Path, before: dict[Path, bytes]) -> dict[Path, bytes]:
    """Have the figures in documents and evidence written again, from what was measured."""
    if not (root / "evidence/figures.py").exists():
        return before
    before = follow(root, before, {})
    kept = [*root.rglob("*.md"), *(p for p in (root / "evidence").iterdir() if p.is_file())]
    for path in (*kept, *(root / "reports/released").iterdir()):
        shutil.copy(path, work / path.relative_to(root))
    run(work, ".venv/bin/python", "-m", "evidence.figures", "--write")
    for path in kept:
        replace(path, (work / path.relative_to(root)).read_bytes())
    return follow(root, before, {})


def find_report(root: Path) -> Path:
    """Return the report of the newest release; the part of its name after the dash is the eval."""
    [track] = yaml.safe_load((root / ANSWERS).read_text(encoding="utf-8"))["tracks"]
    return find_frozen(root, track)


def find_frozen(root: Path, name: str) -> Path:
    """Return the newest frozen file with a name, such as `gates`."""
    return max((root / "reports/released").glob(f"*-{name}.json"))


def keep_report(work: Path, made: Path, kept: Path) -> dict[str, str]:
    """Replace the report of a release if it has other results; return old digests and new ones."""
    new, old = json.loads(made.read_bytes()), json.loads(kept.read_bytes())
    named = [dict(name_digests(report)) for report in (old, new)]  # `bring` follows files only
    same_inputs = new.get("inputs") == old.get("inputs") and named[0] == named[1]
    if same_inputs and is_close(new["results"], old["results"]):
        return {}
    same = {key: old["run"][key] for key in ("started_at", "cpu_seconds")}
    new["run"] |= same | {"commit": None, "dirty": None}
    replace(kept, (json.dumps(new, indent=1) + "\n").encode())
    for artifact in new["artifacts"]:
        path = artifact["path"] or ""
        if path.startswith("reports/"):
            place = f"{kept.name.removesuffix(made.name)}{Path(path).name}"
            replace(kept.parent / place, (work / path).read_bytes())
    return {found: named[1][name] for name, found in named[0].items() if name in named[1]}


def name_digests(report: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the digests of what a report names."""
    for data in report["datasets"]:
        yield ("dataset", data["id"]), data["sha256"]
    for artifact in report["artifacts"]:
        yield (artifact["kind"], artifact["name"]), artifact["sha256"]


def is_close(one: Any, other: Any) -> bool:
    """Compare results; numbers may differ by rounding."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_close(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_close, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= CLOSE
    return bool(one == other)


def without_times(junit: bytes) -> bytes:
    """Return a test run without what differs between two runs."""
    root = ElementTree.fromstring(junit)
    for element in root.iter():
        for name in ("time", "timestamp", "hostname"):
            element.attrib.pop(name, None)
        for statistics in element.findall("properties"):
            element.remove(statistics)
        if element.tag == "skipped":
            element.text = None  # begins with a path of this machine; the reason is an attribute
    ElementTree.indent(root, "")
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


# Digests and the log of releases follow what has changed.


def read_texts(root: Path) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def follow(root: Path, before: dict[Path, bytes], digests: dict[str, str]) -> dict[Path, bytes]:
    """Replace old digests by new ones, in all text files, until none is left; return the files.

    `before` are the files before the change, and `digests` those of values that are in no file.
    """
    while True:
        now = read_texts(root)
        changed = {
            hashlib.sha256(content).hexdigest(): hashlib.sha256(now[path]).hexdigest()
            for path, content in before.items()
            if path in now and now[path] != content
        } | digests
        if not changed:
            return now
        short = {f"sha256:{old[:16]})": f"sha256:{new[:16]})" for old, new in changed.items()}
        for path, content in now.items():
            name = path.relative_to(root).as_posix()
            if path.suffix in TEXT and not name.startswith(CODE):
                replace(path, exchange(content.decode(), changed | short).encode())
        chain(root / "versioning/releases")
        before, digests = now, {}


def exchange(text: str, names: Mapping[str, str]) -> str:
    pattern = "|".join(map(re.escape, names)) or "(?!)"
    return re.sub(pattern, lambda found: names[found[0]], text)


def chain(folder: Path) -> None:
    """Give each line of the log of releases the digest of the line before it."""
    path, before, lines = folder / "log.jsonl", "0" * 64, []
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        manifest = (folder / f"{entry['release']}.json").read_bytes()
        entry |= {"before": before, "manifest": hashlib.sha256(manifest).hexdigest()}
        lines.append(json.dumps(entry, separators=(",", ":"), sort_keys=True, ensure_ascii=False))
        before = hashlib.sha256(lines[-1].encode()).hexdigest()
    replace(path, "".join(f"{line}\n" for line in lines).encode())


def sign(root: Path) -> None:
    """Make a release that changed, in a copy, with new keys whose private halves are kept nowhere.

    Its commit is in that copy only; README.md of the example says so.
    """
    [record] = sorted(root.glob("versioning/releases/release-*.json"))[-1:]
    envelope = record.with_suffix(".dsse.json")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, root.name)
        shutil.copytree(root, copy)
        for made in ("live.json", f"releases/{envelope.name}"):
            (copy / "versioning" / made).unlink(missing_ok=True)
        keys = [path.stem for path in sorted(copy.glob("versioning/keys/*.pub"))]
        options = []
        for key in keys:
            make_key(Path(folder, f"{key}.pem"), copy / f"versioning/keys/{key}.pub")
            options += ["--key", f"{key}={folder}/{key}.pem"]
        who = {"NAME": "Example", "EMAIL": "example@example.org", "DATE": "2026-11-24T08:00:00Z"}
        names = {f"GIT_{one}_{key}": who[key] for one in ("AUTHOR", "COMMITTER") for key in who}
        for command in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "The release")):
            subprocess.run(["git", *command], cwd=copy, check=True, env=os.environ | names)
        run(copy, MLCHARTER, "release", "create", *options)
        publics = [f"versioning/keys/{key}.pub" for key in keys]
        for path in (*publics, "versioning/live.json", f"versioning/releases/{envelope.name}"):
            replace(root / path, (copy / path).read_bytes())


def is_signed(root: Path) -> bool:
    """Return whether the envelope of the release is about its members and verdicts."""
    [record] = sorted(root.glob("versioning/releases/release-*.json"))[-1:]
    envelope = record.with_suffix(".dsse.json")
    if not envelope.exists() or not (root / "versioning/live.json").exists():
        return False
    statement = json.loads(base64.b64decode(json.loads(envelope.read_bytes())["payload"]))
    members = [f"{one['name']}@sha256:{one['digest']['sha256']}" for one in statement["subject"]]
    gates = json.loads(find_frozen(root, "gates").read_bytes())["verdicts"]
    verdicts = {verdict["gate"]: verdict["verdict"] for verdict in gates}
    released = json.loads(record.read_bytes())["members"]
    return bool(members[1:] == released) and bool(statement["predicate"]["gates"] == verdicts)


def make_key(private: Path, public: Path) -> None:
    """Write a new pair of keys."""
    options = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", private)
    subprocess.run(["openssl", "genpkey", *options], check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", metavar="NAME", nargs="*", help="an example; all by default")
    parser.add_argument("--documents", action="store_true", help="run nothing of the examples")
    options = parser.parse_args()
    names = options.names or list_names()
    left = bring(names)
    if left:
        print("resolve, and run it again:", *left, sep="\n")
        sys.exit(1)
    for name in () if options.documents else names:
        evaluate(name)
        run(EXAMPLES / name, MLCHARTER, "export")


if __name__ == "__main__":
    main()

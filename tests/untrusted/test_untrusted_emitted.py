"""What the emitted repository lets nobody do: its CI job that may write, its egress, its readers.

The limits of connections are tested in tests/emitted/serving/test_connections.py, since they need
the web server.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from growth import limited
from hostile_sizes import repeated
from hypothesis import given
from hypothesis import strategies as st

from conftest import ROOT, Render

PACKAGE = ROOT / "template/project/src/{{ package }}"
SOURCE = "https://git.acme.example/charter.git"
ANSWERS = ".copier-answers.yml"
UVX = """#!{python}
import json, os, sys
words = sys.argv[1:]
print(json.dumps(words), file=open({calls!r}, "a"))
rest = words[words.index("mlcharter") + 1 :]
os.execv({python!r}, [{python!r}, "-m", "mlcharter", *rest])
"""
# The real interpreter with the real flags; only the network is left out of `pip install`.
PYTHON = """#!/bin/sh
case "$*" in *"-m pip install"*) exec {python} "$1" "$2" "$3" --version > /dev/null;; esac
exec {python} "$@"
"""


def module(path: str) -> ModuleType:
    """A module of the emitted package that imports nothing of it."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, PACKAGE / path)
    assert spec and spec.loader
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


class Runner:
    """The job `code-scanning`, run as its host does, in a repository with a base and a change."""

    def __init__(self, root: Path, rendered: Path) -> None:
        self.root, self.marker, self.calls = root / "work", root / "ran", root / "calls"
        self.temp, self.output, bin_ = root / "temp", root / "output", root / "bin"
        shutil.copytree(rendered, self.root)
        self.temp.mkdir()
        bin_.mkdir()
        names = {"python": sys.executable, "calls": str(self.calls)}
        for name, text in (("uvx", UVX), ("python", PYTHON)):
            (bin_ / name).write_text(text.format(**names))
            (bin_ / name).chmod(0o755)
        self.path = f"{bin_}{os.pathsep}{os.environ['PATH']}"
        self.git("init", "--quiet")

    @property
    def job(self) -> dict[str, Any]:
        read = yaml.safe_load((self.root / ".github/workflows/ci.yml").read_text())
        found: dict[str, Any] = read["jobs"]["code-scanning"]
        return found

    def git(self, *words: str) -> str:
        command = ["git", "-C", str(self.root), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)
        (self.root / path).chmod(0o755)

    def pin(self, source: str, commit: str) -> None:
        kept = (self.root / ANSWERS).read_text().splitlines()
        lines = [line for line in kept if not line.startswith(("_src_path", "_commit"))]
        pinned = [f"_src_path: {source}", f"_commit: {commit}"]
        self.write(ANSWERS, "\n".join([*pinned, *lines, ""]))

    def commit(self) -> str:
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--no-verify", "--message", "State")
        return self.git("rev-parse", "HEAD")

    def run(self, base: str) -> str:
        """Run the job's check on the commit that is checked out; what it prints."""
        scripts = [step["run"] for step in self.job["steps"] if step.get("id") == "check"]
        done = subprocess.run(
            ["bash", "-e", "-c", "\n".join(scripts)],
            cwd=self.root,
            env={
                **os.environ,
                "PATH": self.path,
                "BASE": base,
                "GITHUB_WORKSPACE": str(self.root),
                "GITHUB_OUTPUT": str(self.output),
                "RUNNER_TEMP": str(self.temp),
            },
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pins(self) -> list[str]:
        """What `uvx` was asked for, a call each."""
        calls = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [words[words.index("--from") + 1] for words in map(json.loads, calls)]


@pytest.fixture
def runner(tmp_path: Path, render: Render) -> Runner:
    return Runner(tmp_path, render(tracks=["applied"], layout="documents", ci="github"))


PYTHON_MARK = "open({marker!r}, 'a')\n"
SHELL_MARK = "#!/bin/sh\ntouch {marker}\n"
INDEX = 'index-url = "https://evil.example/simple"\n'
CHANGE = {
    "Makefile": "%:\n\ttouch {marker}\n$(shell touch {marker})\n",
    "tools/charter.py": PYTHON_MARK,
    "conftest.py": PYTHON_MARK,
    "sitecustomize.py": PYTHON_MARK,
    "usercustomize.py": PYTHON_MARK,
    "mlcharter.py": PYTHON_MARK,
    "mlcharter/__main__.py": PYTHON_MARK,
    "pip.py": PYTHON_MARK,
    "pip/__main__.py": PYTHON_MARK,
    "uv/__main__.py": PYTHON_MARK,
    "click.py": PYTHON_MARK,
    "json.py": PYTHON_MARK,
    "setup.py": PYTHON_MARK,
    "uvx": SHELL_MARK,
    "git": SHELL_MARK,
    "python": SHELL_MARK,
    ".venv/bin/mlcharter": SHELL_MARK,
    ".venv/bin/uvx": SHELL_MARK,
    ".bashrc": "touch {marker}\n",
    "uv.toml": INDEX,
    "pyproject.toml": f"[tool.uv]\n{INDEX}",
    ".python-version": "/proc/self/cwd/python\n",
    ".env": "MLCHARTER=./uvx\nUVX=./uvx\n",
    ".gitattributes": "* filter=x diff=x merge=x\n",
    ".gitconfig": "[core]\n\tfsmonitor = touch {marker}\n",
    ".mlcharter.yml": "extends: ext::touch {marker}\n",
    ANSWERS: "_src_path: https://evil.example/charter.git\n_commit: v9\ntracks: [applied]\n",
    "charter.sarif": '{{"runs": ["planted"]}}\n',
}


@pytest.mark.hostile("code of a change in the job that may write")
@pytest.mark.parametrize("path", CHANGE)
def test_a_change_runs_nothing_and_chooses_nothing(runner: Runner, path: str) -> None:
    runner.pin(SOURCE, "v1.0.0")
    base = runner.commit()
    runner.write(path, CHANGE[path].format(marker=str(runner.marker)))
    runner.commit()

    said = runner.run(base)

    assert runner.pins() == [f"git+{SOURCE}@v1.0.0"]
    assert not runner.marker.exists()
    assert said == ""
    [pin, sarif] = runner.output.read_text().splitlines()
    assert pin == f"mlcharter=git+{SOURCE}@v1.0.0"
    assert sarif == f"sarif={runner.temp}/charter.sarif"
    assert json.loads((runner.temp / "charter.sarif").read_text())["version"] == "2.1.0"


@pytest.mark.hostile("pin that is no https or ssh address")
@pytest.mark.parametrize(
    ("source", "commit"),
    [
        ("/proc/self/cwd/evil", "v1"),
        ("file:///tmp/evil", "v1"),
        ("git+file:///tmp/evil", "v1"),
        ("http://git.acme.example/c.git", "v1"),
        ("ext::sh -c touch% ran", "v1"),
        ("fd::17", "v1"),
        ("--with=evil", "v1"),
        ("https://a.example/$(touch ran).git", "v1"),
        ("https://a.example/`touch ran`.git", "v1"),
        ("https://a.example/c.git;touch ran", "v1"),
        ("https://a.example/c.git#subdirectory=evil", "v1"),
        ("https://a.example/c.git --with evil", "v1"),
        (SOURCE, "--with=evil"),
        (SOURCE, "v1 --with evil"),
        (SOURCE, "v1#subdirectory=evil"),
        (SOURCE, "$(touch ran)"),
        (SOURCE, "../evil"),
        (SOURCE, ""),
        (f"{SOURCE}\n_src_path: https://evil.example/c.git", "v1"),
    ],
)
def test_a_pin_that_is_no_address_is_not_followed(runner: Runner, source: str, commit: str) -> None:
    runner.pin(source, commit)
    base = runner.commit()

    said = runner.run(base)

    assert said.startswith("::notice title=code scanning::the base's _")
    assert runner.pins() == []
    assert [path.name for path in runner.temp.iterdir()] == []
    assert not (runner.root / "ran").exists()


@pytest.mark.hostile("base that is no commit")
@pytest.mark.parametrize("base", ["", "0" * 40, "f" * 40, "HEAD", "--help", "HEAD:x;touch ran"])
def test_without_a_base_nothing_is_uploaded(runner: Runner, base: str) -> None:
    """An empty base would read the answers of the change, from the index."""
    runner.pin("https://evil.example/charter.git", "v9")
    runner.commit()

    said = runner.run(base)

    assert said.startswith("::notice title=code scanning::the")
    assert said.endswith("; nothing is uploaded\n")
    assert runner.pins() == []


def test_a_base_without_answers_is_said(runner: Runner) -> None:
    answers = (runner.root / ANSWERS).read_text()
    (runner.root / ANSWERS).unlink()
    base = runner.commit()
    runner.write(ANSWERS, answers)
    runner.commit()

    assert runner.run(base) == (
        "::notice title=code scanning::the base has no .copier-answers.yml, "
        "so it names no mlcharter; nothing is uploaded\n"
    )


@pytest.mark.parametrize(
    ("source", "commit", "pin"),
    [
        ("gh:acme/charter", "v1.2.0", "git+https://github.com/acme/charter@v1.2.0"),
        ("'https://a.example/c.git'", '"v1"', "git+https://a.example/c.git@v1"),
        ("git@a.example:ml/c.git", "v1", "git+ssh://git@a.example/ml/c.git@v1"),
        ("git+https://a.example/c.git", "v1-3-gabc1234", "git+https://a.example/c.git@abc1234"),
    ],
)
def test_the_base_names_the_mlcharter(runner: Runner, source: str, commit: str, pin: str) -> None:
    runner.pin(source, commit)
    runner.write("ops/runbook.md", (runner.root / "ops/runbook.md").read_text() + "\n[a](b.md)\n")

    assert runner.run(runner.commit()) == ""

    assert runner.pins() == [pin]
    [run] = json.loads((runner.temp / "charter.sarif").read_text())["runs"]
    [found] = run["results"]
    place = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert (found["ruleId"], place) == ("link-broken", "ops/runbook.md")


@pytest.mark.parametrize("layout", ["full", "documents"])
def test_only_the_job_that_runs_no_code_of_the_change_may_write(
    render: Render, layout: str
) -> None:
    root = render(tracks=["applied"], layout=layout, ci="github")
    jobs = yaml.safe_load((root / ".github/workflows/ci.yml").read_text())["jobs"]
    writing = jobs.pop("code-scanning")

    assert {str(job["permissions"]) for job in jobs.values()} == {"{'contents': 'read'}"}
    assert writing["permissions"] == {
        "actions": "read",
        "contents": "read",
        "pull-requests": "read",
        "security-events": "write",
    }
    steps = [step for job in (*jobs.values(), writing) for step in job["steps"]]
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * (len(jobs) + 1)


EGRESS, PARSING = module("rag/egress.py"), module("parsing.py")


@pytest.mark.hostile("address that leads inside")
@pytest.mark.parametrize(
    "address",
    [
        "64:ff9b:1::a9fe:a9fe",
        "64:ff9b::a9fe:a9fe",
        "fec0::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:0:127.0.0.1",
        "fe80::5efe:127.0.0.1",
        "2606:4700::5efe:127.0.0.1",
        "2606:4700::200:5efe:a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "5f00::1",
        "3fff::1",
        "192.88.99.1",
        "240.0.0.1",
        "255.255.255.255",
        "224.0.0.1",
        "ff0e::1",
        "fe80::1%eth0",
        "2606:4700:4700::1111%eth0",
        "0177.0.0.1",
        "2130706433",
    ],
)
def test_an_address_that_leads_inside_is_refused(address: str) -> None:
    assert not EGRESS.is_public(address)


@given(st.text(max_size=60) | st.ip_addresses(v=6).filter(lambda a: int(a) >> 125 != 1).map(str))
def test_only_addresses_of_the_open_internet_are_public(text: str) -> None:
    try:
        public = EGRESS.ipaddress.ip_address(text)
    except ValueError:
        public = None
    mapped = getattr(public, "ipv4_mapped", None)
    if public is None or (public.version == 6 and mapped is None):
        assert EGRESS.is_public(text) is False
    else:
        assert EGRESS.is_public(text) is EGRESS.is_public(str(mapped or public))


@pytest.mark.hostile("JSON that exhausts the stack")
@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 50_000 + "1" + "}" * 50_000,
        "[" * 66 + "]" * 66,
        "[[]," * 500 + "1" + "]" * 500,
        "9" * 5_000,
        "\x00",
        "",
    ],
    ids=lambda text: repr(text[:8]),
)
def test_json_beyond_the_limits_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        PARSING.parsed(text)


def test_json_within_the_limits_is_its_value() -> None:
    assert PARSING.parsed('{"a": [1, "b", null, {"c": []}]}') == {"a": [1, "b", None, {"c": []}]}
    assert PARSING.parsed("[" * 64 + "]" * 64)
    assert PARSING.parsed("3") == 3


def package(*names: str) -> list[Any]:
    """Modules of the emitted package that import one another."""
    for name, path in (("emitted", PACKAGE), ("emitted.rag", PACKAGE / "rag")):
        made = ModuleType(name)
        made.__path__ = [str(path)]
        sys.modules.setdefault(name, made)
    return [importlib.import_module(f"emitted.{name}") for name in names]


CHUNKS, INGEST, INJECTION, TEXT = package("rag.chunks", "rag.ingest", "rag.injection", "rag.text")
HEADER = "---\nsource: tests\nrevised: 2026-01-31\nlicence: CC0-1.0\n---\n"


def indexed(text: str) -> list[Any]:
    """The chunks of a document."""
    corpus = INGEST.ingest({"a.md": (HEADER + text).encode()})
    return list(CHUNKS.chunked(corpus))


READERS = {
    "the filter of instructions": INJECTION.looks_like_an_instruction,
    "sentences": lambda text: list(TEXT.sentences(text)),
    "words": TEXT.tokens,
    "ingestion and chunks": indexed,
}
UNITS = (
    *(
        " ",
        "\t ",
        "a",
        "a1",
        "1.",
        "1,",
        "a ",
        "A. ",
        "# ",
        "#\n",
        " \n",
        "\r\n",
        "use ",
        "ignore ",
    ),
    *("system ", "call the ", "(", "[", "<", "]", ":", "a\u0301", "\ufdfa", "\u0430", "&", "="),
)


@pytest.mark.hostile("time of emitted readers of text")
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_a_long_text_is_read_in_time(reader: str, unit: str) -> None:
    """Linear work takes about a second here, quadratic work minutes."""
    with limited(30):
        READERS[reader](repeated(unit, 300_000) + "!")


@pytest.mark.hostile("redirect that cannot be parsed")
@pytest.mark.parametrize("location", ["//[", "https://[::1", "//[x]/", "https://\u2100.example/"])
def test_a_redirect_that_cannot_be_parsed_is_refused(location: str) -> None:
    def send(target: Any) -> Any:
        return EGRESS.Response(b"", location)

    with pytest.raises(EGRESS.RefusedError):
        EGRESS.fetch(
            "https://a.example/", frozenset(["a.example"]), lambda host: ["93.184.216.34"], send
        )

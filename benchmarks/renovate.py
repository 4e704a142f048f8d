"""Let Renovate itself update filled repositories with our preset, at a host that is faked on loopback.

    python benchmarks/renovate.py --node FOLDER [--write]

--node is the folder with `renovate` and a node that it accepts (`make renovate` installs both).
The host speaks the few requests of Gitea's API that Renovate makes; its repositories are bare ones
in a folder, and Git is told to take them, and this checkout, in the place of their addresses.
Renovate reads engines/renovate.json as a preset from that host, finds v2.0.0 by the tags, and runs
our commands: `uvx` installs mlcharter from Git, and its dependencies from PyPI.
In `acme/filled`, each line of the team has a tag, so that a lost one is counted. In `acme/stuck`,
team and template rewrote the same sentence, so that a person must merge.
--write writes the results into docs/engines.md.
"""

import argparse
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import merge
import merge_cases as cases
from fleet_corpus import WHO, git

import fleet

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/engines.md"
ADDRESS = "https://github.com/mlcharter/mlcharter"
PRESETS, FILLED, STUCK = "acme/presets", "acme/filled", "acme/stuck"
SENTENCE = "Each dataset has a card"
TIME = "2026-12-01T12:00:00Z"


@dataclass
class Host:
    """Bare repositories below a folder, and the pull requests that were opened."""

    folder: Path
    pulls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    comments: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def git(self, name: str, *words: str) -> str:
        return git(f"--git-dir={self.folder / name}.git", *words)

    def describe(self, name: str) -> dict[str, Any]:
        return {
            "id": 1,
            "full_name": name,
            "default_branch": "main",
            "owner": {"id": 1, "login": "acme"},
            "permissions": {"admin": False, "pull": True, "push": True},
            "allow_merge_commits": True,
            "has_issues": False,
        }

    def read_file(self, name: str, path: str) -> dict[str, Any] | None:
        listed = self.git(name, "ls-tree", "--name-only", "main", path)
        if not listed:
            return None
        content = base64.b64encode(self.git(name, "show", f"main:{path}").encode()).decode()
        return {"type": "file", "name": Path(path).name, "path": path, "content": content}

    def open_pull(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        pulls = self.pulls.setdefault(name, [])
        commit = self.git(name, "rev-parse", given["head"]).strip()
        head = {"label": given["head"], "sha": commit, "repo": {"full_name": name}}
        times = {"created_at": TIME, "updated_at": TIME}
        texts = {"title": given["title"], "body": given["body"]}
        pull = {"number": len(pulls) + 1, "state": "open", "mergeable": True, **texts, **times}
        pulls.append(pull | {"base": {"ref": given["base"]}, "head": head})
        return pulls[-1]


class Requests(BaseHTTPRequestHandler):
    """Answers Renovate as Gitea would."""

    def __init__(self, host: Host, *args: Any) -> None:
        self.host = host
        super().__init__(*args)

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self._answer(json.loads(self.rfile.read(length) or b"{}"))

    do_PATCH = do_POST  # noqa: N815

    def _answer(self, given: dict[str, Any]) -> None:
        path = self.path.partition("?")[0].removeprefix("/api/v1/")
        answer = self._find(path, given)
        body = json.dumps(answer).encode()
        self.send_response(404 if answer is None else 200 if self.command == "GET" else 201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _find(self, path: str, given: dict[str, Any]) -> Any:
        if path == "version":
            return {"version": "1.24.0"}
        if path == "user":
            return {"id": 2, "login": "bot", "full_name": "Bot", "email": "bot@acme.example"}
        matched = re.fullmatch(r"repos/(acme/[a-z]+)(?:/(.+))?", path)
        if not matched:
            return None
        name, what = matched.groups()
        if what is None:
            return self.host.describe(name)
        if what.startswith("contents/"):
            return self.host.read_file(name, what.removeprefix("contents/"))
        if what == "pulls" and self.command == "POST":
            return self.host.open_pull(name, given)
        if what == "pulls":
            return self.host.pulls.get(name, [])
        if re.fullmatch(r"issues/\d+/comments", what) and self.command == "POST":
            self.host.comments.setdefault(name, []).append({"id": 1, "body": given["body"]})
            return self.host.comments[name][-1]
        if what.startswith("statuses/"):
            return {"id": 1, "status": "success", "context": "x", "created_at": TIME}
        lists = r"labels|issues|issues/\d+/comments|commits/.+/statuses"
        return [] if re.fullmatch(lists, what) else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--node", type=Path, required=True, help="with `renovate` and `node`")
    parser.add_argument("--write", action="store_true", help="write the table to docs/engines.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        host = Host(work / "host")
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Requests, host))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        env = prepare(work, server.server_port)
        filled = fill_host(host, work, env)
        renovate(given.node.resolve(), work, server.server_port, env)
        lines = judge(host, filled)
        server.shutdown()
    print(*lines, sep="\n")
    if given.write:
        fleet.write("renovate", lines, PAGE)


def prepare(work: Path, port: int) -> dict[str, str]:
    """Make the home of a user for whom Git finds all addresses here; return its environment."""
    home = work / "home"
    home.mkdir()
    places = {f"{ADDRESS}.git": work / "template"}
    places |= {f"http://{who}127.0.0.1:{port}/": work / "host/" for who in ("", "x@")}
    rules = [f'[url "file://{to}/"]\n\tinsteadOf = {url}\n' for url, to in places.items()]
    user = "[user]\n\tname = Ada\n\temail = ada@acme.example\n[init]\n\tdefaultBranch = main\n"
    (home / ".gitconfig").write_text(user + "".join(rules))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_CONFIG", "XDG_"))}
    return kept | {"HOME": str(home)}


def fill_host(host: Host, work: Path, env: dict[str, str]) -> merge.Filled:
    """Make the versions of the template, and three repositories of the first one."""
    template = work / "template"
    git("clone", "--quiet", str(ROOT), str(template))
    git("-C", str(template), "tag", "--force", "v1.0.0")
    pack = template / f"template/project/{cases.PACK}.jinja"
    reworded = cases.guidance_reworded({cases.PACK: pack.read_text()}).docs[cases.PACK]
    pack.write_text(_replace(reworded, SENTENCE, "Every dataset has a card"))
    git("-C", str(template), *WHO, "commit", "--quiet", "--all", "--message=reword")
    git("-C", str(template), "tag", "--force", "v2.0.0")
    project = work / "filled"
    words = ["new", str(project), "--defaults", "--track", "rag", "--tier", "production"]
    words += ["--template", f"{ADDRESS}.git", "--ref", "v1.0.0", "--no-git"]
    subprocess.run([sys.executable, "-m", "mlcharter", *words], env=env, check=True)
    filled = cases.light({path: (project / path).read_text() for path in cases.DOCUMENTS})
    settings = {"extends": ["local>acme/presets:renovate"], "enabledManagers": ["custom.regex"]}
    (project / "renovate.json").write_text(json.dumps(settings))
    publish(host, FILLED, project, filled.docs)
    theirs = _replace(filled.docs[cases.PACK], SENTENCE, "No dataset has a card yet, said Ada,")
    publish(host, STUCK, project, filled.docs | {cases.PACK: theirs})
    presets = work / "presets"
    presets.mkdir()
    publish(host, PRESETS, presets, {"renovate.json": (ROOT / "engines/renovate.json").read_text()})
    return filled


def publish(host: Host, name: str, project: Path, documents: dict[str, str]) -> None:
    """Push documents and what else is in a folder to a new repository of the host."""
    merge.committed(project, documents, "init")
    bare = host.folder / f"{name}.git"
    git("clone", "--quiet", "--bare", str(project), str(bare))
    host.git(name, "branch", "--force", "--move", "main")


def renovate(node: Path, work: Path, port: int, env: dict[str, str]) -> None:
    """Run Renovate once over the repositories, as an administrator of our guide sets it up."""
    guide = PAGE.read_text(encoding="utf-8")
    [allowed] = re.findall(r'```json\n(\{\s+"allowedCommands".*?)```', guide, re.DOTALL)
    settings = json.loads(allowed) | {
        "platform": "gitea",
        "endpoint": f"http://127.0.0.1:{port}/api/v1",
        "token": "x",
        "gitUrl": "endpoint",
        "binarySource": "global",
        "baseDir": str(work / "renovate"),
        "repositories": [FILLED, STUCK],
        "onboarding": False,
        "fetchChangeLogs": "off",  # it would ask GitHub
    }
    (work / "config.json").write_text(json.dumps(settings))
    path = os.pathsep.join((str(node), str(Path(sys.executable).parent), env["PATH"]))
    more = {"PATH": path, "RENOVATE_CONFIG_FILE": str(work / "config.json"), "LOG_LEVEL": "debug"}
    with (work / "renovate.log").open("w") as log:
        words = [str(node / "renovate")]
        done = subprocess.run(words, env=env | more, cwd=work, stdout=log, stderr=log, check=False)
    if done.returncode:
        raise SystemExit(f"renovate failed:\n{(work / 'renovate.log').read_text()[-3000:]}")


def _replace(text: str, old: str, new: str) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


def judge(host: Host, filled: merge.Filled) -> list[str]:
    """Return a table of what Renovate did to each repository."""
    heads = ("repository", "pull request", "version there", "lines of the team lost")
    heads += ("conflict markers", "comment of Renovate")
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for name in (FILLED, STUCK):
        [pull] = host.pulls[name]
        branch = pull["head"]["label"]
        answers = host.git(name, "show", f"{branch}:.copier-answers.yml")
        [version] = re.findall("(?m)^_commit: (.+)$", answers)
        lost = fleet.count_lost(host.folder / f"{name}.git", branch, filled)
        pack = host.git(name, "show", f"{branch}:{cases.PACK}")
        comments = [one["body"].splitlines()[0] for one in host.comments.get(name, [])]
        said = "; ".join(comments).lstrip("# ") or "none"
        cells = (f"`{name}`", pull["title"], version, f"{lost} of {len(filled.homes)}")
        cells += ("yes" if "<<<<<<<" in pack else "no", said)
        lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    main()

"""Write the sources of the site: the guides of docs/, and a reference generated from the code.

    python hooks/website.py FOLDER    # `make site` then builds FOLDER/site

Every command, question, document, rule, config block, term, level, tier, track and function of
`mlcharter.evals` has a place in the reference; a test compares it with the code.
"""

import importlib
import inspect
import json
import posixpath
import re
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click

from mlcharter.cli import cli
from mlcharter.explain import pages
from mlcharter.template import questionnaire

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SOURCE = f"{PROJECT['urls']['Source']}/blob/main"
ASSETS = ("site.css", "site.js", "iframe-worker.js")
Pages = dict[str, str]

NAV = {
    "Start": {"new": "new.md", "adopt and update": "update.md", "check": "check.md"},
    "Guides": {
        "Put your own system in": "own-system.md",
        "Settings, standards and waivers": "settings.md",
        "Judging a change": "diff.md",
        "Deriving alerts": "export.md",
        "Signed releases": "release.md",
        "Many repositories": "fleet.md",
        "Engines": "engines.md",
        "Editors and agents": "editors.md",
        "Gates": "gate.md",
        "Gates on your own scores": "scores.md",
        "Status": "status.md",
        "Crosswalks": "crosswalks.md",
        "Leaving": "leaving.md",
        "Terms": "terms.md",
    },
    "Figures": {
        "Coverage": "coverage.md",
        "Comparisons": "comparisons.md",
        "Merging": "merging.md",
        "Recall": "recall.md",
        "Precision": "precision.md",
        "Speed": "speed.md",
        "Growth": "growth.md",
        "Day one": "day-one.md",
        "Field": "field.md",
        "Markdown": "markdown.md",
    },
}


def write(folder: Path) -> None:
    """Write the sources and the configuration of the site into a new folder."""
    for name, text in list_pages().items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in (ROOT / "docs").rglob("*"):
        if path.suffix in (".svg", ".cast", ".png"):
            into = folder / "docs" / path.relative_to(ROOT / "docs")
            into.parent.mkdir(parents=True, exist_ok=True)
            into.write_bytes(path.read_bytes())
    for name in ASSETS:
        (folder / "docs" / name).write_bytes((ROOT / "hooks" / name).read_bytes())
    for path in (ROOT / "src/mlcharter/schemas").glob("*.json"):
        (folder / "docs/schemas").mkdir(exist_ok=True)
        (folder / "docs/schemas" / path.name).write_bytes(path.read_bytes())
    (folder / "zensical.toml").write_text(_configuration(), encoding="utf-8")


def list_pages() -> Pages:
    """Return every Markdown page of the site by its path."""
    found = {"index.md": _of_repository("README.md"), "security.md": _of_repository("SECURITY.md")}
    for path in sorted((ROOT / "docs").rglob("*.md")):
        name = path.relative_to(ROOT / "docs").as_posix()
        found[name] = _of_repository(f"docs/{name}")
    return found | list_reference()


def list_reference() -> Pages:
    """Return the pages that are generated from the code, with an index of each folder."""
    folders = {
        "commands": {name: _command(name) for name in cli.list_commands(click.Context(cli))},
        "questions": {"questions": _questions()},
        "evals": {module.__name__.rpartition(".")[2]: _library(module) for module in _modules()},
    }
    for folder, names in pages.list_reference().items():
        folders[folder] = {pages.page_name(name): _explained(name) for name in names}
    found: Pages = {}
    for folder, written in folders.items():
        found |= {f"reference/{folder}/{name}.md": text for name, text in written.items()}
        rows = [f"- [{name}]({name}.md): {_title(text)}" for name, text in written.items()]
        heading = HEADINGS[folder]
        found[f"reference/{folder}/index.md"] = f"# {heading}\n\n" + "\n".join(rows) + "\n"
    return found


HEADINGS = {
    "commands": "Commands",
    "questions": "Questions of `new`",
    "documents": "Documents",
    "rules": "Rules",
    "config": "Config blocks",
    "terms": "Terms",
    "scales": "Levels, tiers and tracks",
    "crosswalks": "Crosswalks",
    "evals": "The library `mlcharter.evals`",
}


def _of_repository(name: str) -> str:
    """Return a page of the repository, with links that work on the site."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.sub(r"(?<=\]\()(?!https?:|#)([^)#\s]+)", lambda link: _link(name, link[1]), text)


def _link(page: str, target: str) -> str:
    path = (ROOT / page).parent.joinpath(target).resolve()
    inside = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else target
    pages = {"SECURITY.md": "docs/security.md", "README.md": "docs/index.md"}
    if inside not in pages and not (inside.startswith("docs/") and path.exists()):
        return f"{SOURCE}/{inside}"
    folder = posixpath.dirname(page) or "docs"  # the README is at the top of the site
    return posixpath.relpath(pages.get(inside, inside), folder)


def _explained(name: str) -> str:
    """Return what `mlcharter explain` says about a name, as Markdown."""
    title, _, text = pages.explain(name).partition("\n")
    name, _, title = title.partition(": ")
    return f"# {name}\n\n{_escape(title)}\n{_escape(text)}"


def _escape(text: str) -> str:
    """Fence indented code; escape HTML, and unlink paths of emitted repositories, outside code."""
    text = re.sub(r"(?m)(?:^    .*\n(?:\n(?=    ))?)+", _fence, f"{text}\n")
    parts = re.split(r"(^(~~~~|```).*?^\2$|<!--.*?-->|`[^`\n]*`)", text, flags=re.M | re.S)
    return "".join(
        part if n % 3 == 1 else _plain(part) for n, part in enumerate(parts) if n % 3 != 2
    ).rstrip("\n")


def _fence(block: re.Match[str]) -> str:
    return f"~~~~text\n{textwrap.dedent(block[0])}~~~~\n"


def _plain(part: str) -> str:
    unlinked = re.sub(r"\[([^\]]*)\]\((?!https?:)[^)]*\)", r"\1", part)
    return unlinked.replace("<", "&lt;")


def _command(name: str) -> str:
    context = click.Context(cli, info_name="mlcharter")
    found = cli.get_command(context, name)
    assert found is not None
    about = inspect.cleandoc(found.help or "").partition("\n")[0]
    helps = "\n\n".join(_helps(found, name, context))
    return f"# mlcharter {name}\n\n{about}\n\n{helps}\n"


def _helps(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    """Yield what `--help` prints for a command, and a part for each command in it."""
    context = click.Context(command, info_name=name, parent=parent)
    yield f"```\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield f"## {context.command_path} {inner}"
            yield from _helps(found, inner, context)


def _questions() -> str:
    rows = ["| Answer | Question | Track | Values | Asked |", "|---|---|---|---|---|"]
    for name, question in questionnaire.load(ROOT).items():
        values = ", ".join(map(str, question.choices)) or question.type
        asked = "yes" if question.asked else "with `--customise`"
        cells = [f"`{name}`", question.help or "", question.track or "all", values, asked]
        rows.append(f"| {' | '.join(_escape(cell.replace('|', '/')) for cell in cells)} |")
    return "# Questions\n\nThe answers are in `.copier-answers.yml`.\n\n" + "\n".join(rows) + "\n"


def _modules() -> list[ModuleType]:
    folder = ROOT / "src/mlcharter/evals"
    names = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    return [importlib.import_module(f"mlcharter.evals.{name}") for name in names]


def _library(module: ModuleType) -> str:
    lines = [f"# {module.__name__}", "", _escape(inspect.getdoc(module) or "")]
    for name, member in inspect.getmembers(module):
        public = not name.startswith("_") and getattr(member, "__module__", "") == module.__name__
        if (public and inspect.isroutine(member)) or (public and inspect.isclass(member)):
            call = str(inspect.signature(member)) if inspect.isroutine(member) else ""
            docs = inspect.getdoc(member) or ""
            lines += ["", f"## {name}", "", f"```python\n{name}{call}\n```", ""]
            lines += [f"```text\n{docs}\n```" if "\n" in docs else _escape(docs)]
    return "\n".join(lines) + "\n"


def _title(text: str) -> str:
    """Return the first paragraph under the title of a page."""
    return next((line for line in text.splitlines()[1:] if line.strip()), "")


def _configuration() -> str:
    reference = {heading: f"reference/{folder}/index.md" for folder, heading in HEADINGS.items()}
    nav: list[object] = [{"mlcharter": "index.md"}]
    nav += [
        {part: [{title: page} for title, page in entries.items()]}
        for part, entries in [*NAV.items(), ("Handbook", _handbook()), ("Reference", reference)]
    ]
    nav.append({"Security": "security.md"})
    return (
        "[project]\n"
        f"site_name = {json.dumps(PROJECT['name'])}\n"
        f"site_description = {json.dumps(PROJECT['description'])}\n"
        'docs_dir = "docs"\nsite_dir = "site"\nuse_directory_urls = false\n'
        f'extra_css = ["{ASSETS[0]}"]\nextra_javascript = ["{ASSETS[1]}"]\n'
        f"nav = {_toml(nav)}\n\n"
        # The search works from a folder too, with our script instead of one from elsewhere.
        f'[project.extra]\npolyfills = ["{ASSETS[2]}"]\n\n[project.plugins.offline]\n\n'
        "[project.theme]\nfont = false\n"
        'features = ["navigation.indexes", "content.code.copy", "search.highlight"]\n'
        + _palette("default", "light", "dark")
        + _palette("slate", "dark", "light")
    )


def _handbook() -> dict[str, str]:
    """Return the pages of the handbook by title, in the order of its first page."""
    first = (ROOT / "docs/handbook/index.md").read_text(encoding="utf-8")
    listed = re.findall(r"(?m)^- \[(.+?)\]\((.+?)\)", first)
    return {"About": "handbook/index.md"} | {title: f"handbook/{page}" for title, page in listed}


def _palette(scheme: str, mode: str, other: str) -> str:
    icon = {"light": "lucide/sun", "dark": "lucide/moon"}[mode]
    return (
        f'[[project.theme.palette]]\nscheme = "{scheme}"\n'
        f'media = "(prefers-color-scheme: {mode})"\n'
        f'toggle.icon = "{icon}"\ntoggle.name = "Switch to {other} mode"\n'
    )


def _toml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    return json.dumps(value)


if __name__ == "__main__":
    write(Path(sys.argv[1]))

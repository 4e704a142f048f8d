"""One HTML page that needs nothing else: it loads no file and sends no request."""

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from mlcharter.fleet.reporting import DUE_DAYS, MOST_EXCUSES, Day, Fleet
from mlcharter.fleet.rows import Failing, Row
from mlcharter.support.plain import plain

PAGE = Path(__file__).parents[1] / "page"
_MOST_FINDINGS = 50  # shown of a repository
_WIDTH, _HEIGHT = 600, 120  # of the trend, in units of its SVG


def render(fleet: Fleet) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_finalize,
    )
    environment.globals |= {"link": _link, "page": _page, "most": _MOST_FINDINGS}
    environment.filters["short"] = _short
    style, script = (environment.get_template(name).render() for name in ("page.css", "page.js"))
    return environment.get_template("report.html").render(
        fleet=fleet,
        due_days=DUE_DAYS,
        most_excuses=MOST_EXCUSES,
        lines=dict(_lines(fleet.trend)),
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
    )


def _finalize(value: object) -> object:
    """Return a value without control characters; what a template marks as safe is ours."""
    return plain(value) if type(value) is str else value


def _short(version: str) -> str:
    """Return the version of a template, a commit by its first 12 digits."""
    return version[:12] if re.fullmatch(r"[0-9a-f]{40}", version) else version


def _hash(text: str) -> str:
    """Return the source of the Content-Security-Policy that allows this inline text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _lines(trend: tuple[Day, ...]) -> Iterator[tuple[str, str]]:
    """Yield the points of a line of the trend: what share of the repositories passes."""
    days = [day.date.toordinal() for day in trend]
    span = max(days[-1] - days[0], 1)
    for name in ("adopted", "passing"):
        points = []
        for day, at in zip(trend, days, strict=True):
            x = _WIDTH * (at - days[0]) / span
            y = _HEIGHT * (1 - getattr(day, name) / max(day.repositories, 1))
            points.append(f"{x:.1f},{y:.1f}")
        yield name, " ".join(points)


def _page(row: Row) -> str:
    """Return the address of a repository's page at its host; empty if that is not known."""
    url = re.sub(r"\A(?:ssh://)?git@([\w.-]+)[:/]", r"https://\1/", row.url).removesuffix(".git")
    return url if re.fullmatch(r"https://[\w.-]+(:\d+)?/[\w./~-]+", url) else ""


def _link(row: Row, failing: Failing) -> str:
    """Return the address of a finding's line at the host."""
    page = _page(row)
    if not page:
        return ""
    between = "/-/blob/HEAD/" if "gitlab" in page.split("/")[2] else "/blob/HEAD/"
    return f"{page}{between}{quote(failing.path, errors='replace')}#L{failing.line}"

"""For a person: a bar for each document and each area, and what to do next."""

from collections.abc import Iterator

import click

from mlcharter.status.progress import AreaStanding, Count, Standing
from mlcharter.support.plain import plain, plain_message

_WIDTH = 20


def render(standing: Standing) -> str:
    lines = [click.style(f"{_name(standing)}, {standing.tier}", bold=True), _levels(standing), ""]
    lines += [*_documents(standing), "", *_areas(standing), "", *_steps(standing)]
    return "\n".join(lines) + "\n"


def _name(standing: Standing) -> str:
    return f"{plain(standing.name)}: {', '.join(map(plain, standing.tracks))}"


def _levels(standing: Standing) -> str:
    """Which level holds, and how many things keep it from the next ones."""
    missing = 0
    parts = []
    for level, found in standing.left.items():
        missing += found
        parts.append(f"{level} lacks {missing}" if missing else f"{level} holds")
    return f"held to {standing.level}; {', '.join(parts)}"


def _bar(count: Count) -> str:
    """Full only when everything is done."""
    full = int(_WIDTH * count.share)
    return f"[{click.style('#' * full, fg='green')}{'.' * (_WIDTH - full)}]"


def _of(count: Count) -> str:
    return f"{count.done}/{count.of}" if count.of else "-"


def _documents(standing: Standing) -> Iterator[str]:
    paths = {
        document.path: plain(standing.prefix + document.path) for document in standing.documents
    }
    width = max((len(path) for path in paths.values()), default=0)
    yield click.style(_row("documents", width, " " * (_WIDTH + 2), _HEADS), bold=True)
    for document in standing.documents:
        counts = (document.sections, document.items, document.configs)
        cells = [_of(count) for count in counts]
        yield _row(paths[document.path], width, _bar(document.all), cells) + _waived(document.items)


_HEADS = ["sections", "items", "configs"]


def _row(name: str, width: int, bar: str, cells: list[str]) -> str:
    sized = (cell.rjust(len(head)) for cell, head in zip(cells, _HEADS, strict=True))
    return f"{name.ljust(width)}  {bar}  {'  '.join(sized)}"


def _waived(count: Count) -> str:
    return f"  {count.waived} waived" if count.waived else ""


def _areas(standing: Standing) -> Iterator[str]:
    score = "no score" if standing.score is None else f"{standing.score} of 100"
    yield click.style(f"readiness: {score}", bold=True)
    titles = [plain(area.title) for area in standing.areas]
    width = max(map(len, titles))
    for title, area in zip(titles, standing.areas, strict=True):
        yield f"{title.ljust(width)}  {_bar(area.items)}  {_area(area)}"
    if standing.beside.of or standing.beside.waived:
        proven = f"{_of(standing.beside)} items{_waived(standing.beside)}"
        yield f"{'asked for by the organisation'.ljust(width)}  {_bar(standing.beside)}  {proven}"
    yield (
        f"The score is a share of the {standing.points} points that apply: what is proven, of the "
        f"items that {standing.tier} requires. It speaks of this repository and of no person."
    )


def _area(area: AreaStanding) -> str:
    if not area.applies:
        return f"does not apply: nothing required{_waived(area.items).replace('  ', ', ')}"
    points = f"{area.score:.1f} of {area.points} points"
    return f"{points.rjust(17)}  {_of(area.items)} items{_waived(area.items)}"


def _steps(standing: Standing) -> Iterator[str]:
    if not standing.steps:
        yield click.style("next: nothing; every level holds", fg="green")
        return
    yield click.style("next", bold=True)
    for n, step in enumerate(standing.steps, 1):
        place = click.style(f"{plain(standing.prefix + step.path)}:{step.line}", bold=True)
        yield f"{n}. {place}  {plain_message(step.what)}"
        yield f"   {plain(step.why)} [{plain(step.rule)}]"

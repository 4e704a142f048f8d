"""Text for a terminal: a bar for each document and area, and the next steps."""

from collections.abc import Iterator

import click

from mlcharter.charter.readiness_areas import WEIGHING
from mlcharter.charter.settings import LEVELS
from mlcharter.status.judgements import Count
from mlcharter.status.progress import AreaProgress, Progress
from mlcharter.support.plain import plain, plain_message

_WIDTH = 20


def render(progress: Progress) -> str:
    lines = [click.style(f"{_name(progress)}, {progress.tier}", bold=True), levels(progress), ""]
    lines += [
        *_documents(progress),
        *_left_out(progress),
        "",
        *_areas(progress),
        "",
        *_starter(progress),
        *_start(progress),
        *_steps(progress),
    ]
    return "\n".join(lines) + "\n"


def _name(progress: Progress) -> str:
    return f"{plain(progress.name)}: {', '.join(map(plain, progress.tracks))}"


def _join(progress: Progress, path: str) -> str:
    """Return the path of a file from the working directory."""
    return path if progress.root == "." else f"{progress.root}/{path}"


def levels(progress: Progress) -> str:
    """Return which levels pass, and how many findings are open for the others."""
    missing = 0
    parts = []
    for level in LEVELS:
        missing += getattr(progress.left, level)
        starter = progress.left.starter if level != "draft" else 0
        open_ = [f"{missing} open"] * bool(missing) + [f"{starter} of the starter"] * bool(starter)
        parts.append(f"{level} has {' and '.join(open_)}" if open_ else f"{level} passes")
    return f"checked at level {progress.level}; {', '.join(parts)}"


def _bar(count: Count) -> str:
    """Return a bar, which is full only if everything is done."""
    full = int(_WIDTH * count.share)
    return f"[{click.style('#' * full, fg='green')}{'.' * (_WIDTH - full)}]"


def _of(count: Count) -> str:
    return f"{count.done}/{count.of}" if count.of else "-"


def _documents(progress: Progress) -> Iterator[str]:
    paths = [plain(_join(progress, document.path)) for document in progress.documents]
    width = max(map(len, paths), default=0)
    yield click.style(_row("documents", width, " " * (_WIDTH + 2), _HEADS), bold=True)
    for path, document in zip(paths, progress.documents, strict=True):
        cells = list(map(_of, (document.sections, document.items, document.configs)))
        yield _row(path, width, _bar(document.all), cells) + _waived(document.items)


def _left_out(progress: Progress) -> Iterator[str]:
    """Yield how many parts do not apply or are kept elsewhere, with their names."""
    for what, names in (
        ("not applicable", progress.not_applicable),
        ("provided elsewhere", progress.provided_elsewhere),
        ("excluded by the organisation", progress.excluded),
    ):
        if names:
            yield f"{what}: {len(names)} ({', '.join(map(plain, names))})"


_HEADS = ["sections", "items", "configs"]


def _row(name: str, width: int, bar: str, cells: list[str]) -> str:
    sized = (cell.rjust(len(head)) for cell, head in zip(cells, _HEADS, strict=True))
    return f"{name.ljust(width)}  {bar}  {'  '.join(sized)}"


def _waived(count: Count) -> str:
    return f"  {count.waived} waived" if count.waived else ""


def _areas(progress: Progress) -> Iterator[str]:
    yield click.style(score(progress), bold=True)
    titles = [plain(area.title) for area in progress.areas]
    width = max(map(len, titles))
    for title, area in zip(titles, progress.areas, strict=True):
        yield f"{title.ljust(width)}  {_bar(area.items)}  {_area(area)}"
    if progress.beside.of or progress.beside.waived:
        items = f"{_of(progress.beside)} items{_waived(progress.beside)}"
        yield f"{'required by the organisation'.ljust(width)}  {_bar(progress.beside)}  {items}"
    yield explain(progress)


def score(progress: Progress) -> str:
    """Return the score, with what is normal for one of 0."""
    if progress.score is None:
        return "readiness: no score"
    if progress.score == 0:
        return (
            "readiness: 0 of 100, which is normal at first: items get evidence while the system "
            "is built"
        )
    return f"readiness: {progress.score} of 100"


def explain(progress: Progress) -> str:
    """Return what the score means."""
    return (
        f"Readiness is the share of {progress.points} points that items with evidence have, of all "
        f"that tier {progress.tier} requires: {WEIGHING}. It is about this repository, not about "
        "people."
    )


def _area(area: AreaProgress) -> str:
    if not area.applies:
        return f"does not apply: nothing required{_waived(area.items).replace('  ', ', ')}"
    points = f"{area.score} of {area.points} points"
    return f"{points.rjust(17)}  {_of(area.items)} items{_waived(area.items)}"


def _starter(progress: Progress) -> Iterator[str]:
    if progress.starter:
        places = "place is" if progress.starter == 1 else "places are"
        yield f"starter: {progress.starter} {places} left; `mlcharter starter list`"
        yield ""


def _start(progress: Progress) -> Iterator[str]:
    if progress.start:
        place = "" if progress.root == "." else f", in {plain(progress.root)}"
        yield click.style(f"start here{place}", bold=True)
        for n, step in enumerate(progress.start, 1):
            mark = click.style("x", fg="green") if step.done else " "
            yield f"[{mark}] {n}. {plain_message(f'`{step.command}` {step.what}')}"
            if step.then and not step.done:
                yield f"       then {plain_message(step.then)}"
        yield ""


def _steps(progress: Progress) -> Iterator[str]:
    if not progress.next:
        yield click.style("next: nothing; every level passes", fg="green")
        return
    yield click.style("next", bold=True)
    for n, step in enumerate(progress.next, 1):
        place = click.style(f"{plain(_join(progress, step.path))}:{step.line}", bold=True)
        yield f"{n}. {place}  {plain_message(step.what)}"
        yield f"   {plain(step.why)} [{plain(step.rule)}]"

"""Markdown for the summary of a job: tables of documents and areas, and the next steps."""

from collections.abc import Iterator

from mlcharter.status.judgements import Count
from mlcharter.status.outputs import text as text_output
from mlcharter.status.progress import AreaProgress, Progress
from mlcharter.support.plain import markdown_code, markdown_text


def render(progress: Progress) -> str:
    lines = [f"# {markdown_text(progress.name)}", "", text_output.levels(progress), ""]
    lines += ["| Document | Sections | Items | Config blocks |", "|---|---|---|---|"]
    for document in progress.documents:
        counts = map(_of, (document.sections, document.items, document.configs))
        lines.append(f"| {markdown_text(document.path)} | {' | '.join(counts)} |")
    lines += [
        "",
        f"{text_output.score(progress)}.",
        "",
        "| Area | Points | Items |",
        "|---|---|---|",
    ]
    lines += [f"| {' | '.join(_area(area))} |" for area in progress.areas]
    lines += ["", text_output.explain(progress)]
    if progress.next:
        lines += ["", "Next:", ""]
    for n, step in enumerate(progress.next, 1):
        place = markdown_code(f"{step.path}:{step.line}")
        lines.append(f"{n}. {place} {markdown_text(step.what)} ({markdown_text(step.why)})")
    return "\n".join(lines) + "\n"


def _area(area: AreaProgress) -> Iterator[str]:
    yield markdown_text(area.title)
    yield f"{area.score} of {area.points}" if area.applies else "does not apply"
    yield _of(area.items)


def _of(count: Count) -> str:
    waived = f", {count.waived} waived" if count.waived else ""
    return (f"{count.done}/{count.of}" if count.of else "-") + waived

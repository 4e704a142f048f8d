"""The coverage table as a picture, written by hand so that the same numbers give the same bytes."""

from collections.abc import Sequence
from html import escape

WIDE, NARROW, LINE = 170, 86, 22


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as SVG; the first column is wide and left, the others end at the right."""
    width, height = WIDE + NARROW * (len(header) - 1) + 16, LINE * (len(rows) + 2) + 20
    parts = [_text(8, 20, title, bold=True)]
    for y, row in enumerate([header, *rows], start=1):
        for x, cell in enumerate(row):
            across = WIDE + NARROW * x if x else 8
            parts.append(_text(across, 20 + LINE * y, cell, bold=y == 1, end=x > 0))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' role="img" font-family="sans-serif" font-size="13">\n<title>{escape(title)}</title>\n'
        f'<rect width="{width}" height="{height}" fill="white"/>\n'
        f'<line x1="8" x2="{width - 8}" y1="48" y2="48" stroke="#767676"/>\n'
    )
    return head + "\n".join(parts) + "\n</svg>\n"


def _text(x: float, y: float, words: str, *, bold: bool = False, end: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    anchor = ' text-anchor="end"' if end else ""
    return f'<text x="{x}" y="{y}"{weight}{anchor} fill="#222222">{escape(words)}</text>'

"""Small pictures for the reports, written by hand so that the same numbers give the same bytes."""

from collections.abc import Sequence
from html import escape

import numpy as np

from .environment import Floats

COLOURS = ("#1f5fa8", "#c2410c", "#15803d", "#7e22ce", "#64748b", "#b91c1c")
FONT = 'font-family="sans-serif" font-size="12"'


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; the first column is wide and left, the others are right."""
    wide, narrow, line = 230, 86, 22
    width, height = wide + narrow * (len(header) - 1) + 16, line * (len(rows) + 2) + 20
    parts = [_text(8, 20, title, bold=True)]
    for y, row in enumerate([header, *rows]):
        base = 20 + line * (y + 1)
        for x, cell in enumerate(row):
            right = wide + narrow * x
            parts.append(_text(right if x else 8, base, cell, bold=y == 0, end=bool(x)))
    parts.append(f'<line x1="8" x2="{width - 8}" y1="48" y2="48" stroke="#94a3b8"/>')
    return _svg(width, height, parts)


def curves(title: str, across: str, lines: dict[str, Floats]) -> str:
    """Shares from 0 to 1 over equal steps; one colour and one entry of the legend a line."""
    left, top, wide, high = 48, 34, 420, 200
    parts = [_text(8, 20, title, bold=True), _text(left + wide, top + high + 34, across, end=True)]
    for share in (0.0, 0.5, 1.0):
        y = top + high * (1 - share)
        parts.append(f'<line x1="{left}" x2="{left + wide}" y1="{y}" y2="{y}" stroke="#e2e8f0"/>')
        parts.append(_text(left - 8, y + 4, f"{share:.1f}", end=True))
    for i, (name, values) in enumerate(lines.items()):
        chosen = np.unique(np.linspace(0, len(values) - 1, 60).astype(int))
        points = " ".join(
            f"{left + wide * k / (len(values) - 1):.1f},{top + high * (1 - values[k]):.1f}"
            for k in chosen
        )
        colour = COLOURS[i % len(COLOURS)]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}"/>')
        y = top + 14 + 20 * i
        parts.append(f'<rect x="{left + wide + 16}" y="{y - 9}" width="10" height="10" ')
        parts[-1] += f'fill="{colour}"/>'
        parts.append(_text(left + wide + 32, y, name))
    longest = max(len(values) for values in lines.values())
    parts.append(_text(left, top + high + 18, "1"))
    parts.append(_text(left + wide, top + high + 18, str(longest), end=True))
    return _svg(left + wide + 260, top + high + 46, parts)


def _text(x: float, y: float, words: str, *, bold: bool = False, end: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    anchor = ' text-anchor="end"' if end else ""
    return f'<text x="{x}" y="{y}"{weight}{anchor}>{escape(words)}</text>'


def _svg(width: int, height: int, parts: list[str]) -> str:
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT}>'
    return "\n".join([start, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>\n"])

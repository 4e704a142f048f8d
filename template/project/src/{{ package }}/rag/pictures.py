"""Small pictures in SVG, the same bytes for the same numbers."""

from collections.abc import Sequence
from html import escape

Row = tuple[str, float, float, float]
STYLE = "font-family='sans-serif' font-size='13' fill='#222'"


def intervals(title: str, rows: Sequence[Row], low: float, high: float, mark: float) -> str:
    """One line a row of (name, value, lower, upper) on an axis, and a dashed line at `mark`."""
    left, width, height = 230, 430, 26

    def x(value: float) -> float:
        return left + width * (min(max(value, low), high) - low) / (high - low)

    bottom = 40 + height * len(rows)
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' width='800' height='{bottom + 34}' {STYLE}>",
        f"<title>{escape(title)}</title><rect width='100%' height='100%' fill='#fff'/>",
        f"<text x='12' y='24' font-weight='bold'>{escape(title)}</text>",
        f"<path d='M{x(mark):.1f} 36V{bottom}' stroke='#999' stroke-dasharray='4 3'/>",
    ]
    for i, (name, value, lower, upper) in enumerate(rows):
        y = 54 + height * i
        lines += [
            f"<text x='12' y='{y + 4}'>{escape(name)}</text>",
            f"<path d='M{x(lower):.1f} {y}H{x(upper):.1f}' stroke='#1f5f8b' stroke-width='3'/>",
            f"<circle cx='{x(value):.1f}' cy='{y}' r='5' fill='#1f5f8b'/>",
            f"<text x='672' y='{y + 4}'>{value:.3f} [{lower:.3f}, {upper:.3f}]</text>",
        ]
    for value in (low, mark, high):
        place = f"x='{x(value):.1f}' y='{bottom + 20}' text-anchor='middle'"
        lines.append(f"<text {place}>{value:g}</text>")
    return "\n".join([*lines, "</svg>", ""])

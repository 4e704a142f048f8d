"""Small charts as SVG, drawn by hand: no plotting library, and the same bytes in every run."""

from collections.abc import Sequence
from html import escape

LEFT, RIGHT, TOP, BOTTOM = 150, 30, 60, 60
INK, GREY, BLUE, ORANGE = "#222222", "#767676", "#1f6fb2", "#c8590a"

Range = tuple[float, float]


class Chart:
    """A chart over the ranges `x` and `y`; what is drawn later lies on top."""

    def __init__(
        self,
        title: str,
        *,
        x: Range,
        y: Range,
        x_label: str,
        y_label: str = "",
        size: tuple[int, int] = (640, 480),
    ) -> None:
        self.title, self.x, self.y = title, x, y
        self.width, self.height = size
        self._parts: list[str] = []
        middle = (LEFT + self.width - RIGHT) / 2
        self._text(self.width / 2, 28, title, size=16)
        self._text(middle, self.height - 16, x_label)
        if y_label:
            self._text(LEFT - 54, TOP - 14, y_label)
        self.line([(x[0], y[0]), (x[1], y[0])], colour=INK)
        self.line([(x[0], y[0]), (x[0], y[1])], colour=INK)

    def ticks_x(self, values: Sequence[float], form: str = "{:g}") -> None:
        """Labels below the horizontal axis."""
        for value in values:
            self._text(self._across(value), self.height - BOTTOM + 20, form.format(value))

    def ticks_y(self, values: Sequence[float], labels: Sequence[str]) -> None:
        """Labels left of the vertical axis, one a value."""
        for value, label in zip(values, labels, strict=True):
            self._text(LEFT - 10, self._down(value) + 4, label, anchor="end")

    def line(
        self, points: Sequence[tuple[float, float]], *, colour: str = BLUE, dashed: bool = False
    ) -> None:
        """A line through `points`."""
        path = " ".join(f"{self._across(x):.1f},{self._down(y):.1f}" for x, y in points)
        style = 'stroke-dasharray="5 4"' if dashed else 'stroke-width="2"'
        self._parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" {style}/>')

    def dot(self, x: float, y: float, *, colour: str = BLUE) -> None:
        """A point."""
        self._parts.append(
            f'<circle cx="{self._across(x):.1f}" cy="{self._down(y):.1f}" r="4" fill="{colour}"/>'
        )

    def note(self, x: float, y: float, text: str, *, anchor: str = "start") -> None:
        """A word next to a point of the chart."""
        self._text(self._across(x), self._down(y), text, anchor=anchor, colour=GREY, size=12)

    def svg(self) -> str:
        """The whole picture."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}"'
            f' role="img" font-family="sans-serif">\n<title>{escape(self.title)}</title>\n'
            f'<rect width="{self.width}" height="{self.height}" fill="white"/>\n'
        )
        return head + "\n".join(self._parts) + "\n</svg>\n"

    def _across(self, value: float) -> float:
        share = (value - self.x[0]) / (self.x[1] - self.x[0])
        return LEFT + share * (self.width - LEFT - RIGHT)

    def _down(self, value: float) -> float:
        share = (value - self.y[0]) / (self.y[1] - self.y[0])
        return self.height - BOTTOM - share * (self.height - TOP - BOTTOM)

    def _text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: str = "middle",
        colour: str = INK,
        size: int = 13,
    ) -> None:
        self._parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"'
            f' font-size="{size}">{escape(text)}</text>'
        )

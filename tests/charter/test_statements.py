"""Two versions of a file say the same if only their layout differs, and only then."""

import pytest

from mlcharter.charter import statements

TABLE = "| model | AUC |\n|---|---|\n| linear | 0.71 |\n| trees | 0.78 |\n"
ITEMS = "- [x] `a` One.\n- [ ] `b` Two.\n"
SAME = {
    "wrapped prose": ("md", "One two.\nThree.\n", "One\ntwo. Three.\n"),
    "escapes": ("md", "a_b and 1*2\n", "a\\_b and 1\\*2\n"),
    "emphasis": ("md", "*new* and **old**\n", "_new_ and __old__\n"),
    "a setext heading": ("md", "# A\n\n## B\n", "A\n=\n\nB\n---\n"),
    "bullets": ("md", "- a\n  - b\n", "*   a\n    +   b\n"),
    "numbers of steps": ("md", "1. a\n2. b\n", "1. a\n1. b\n"),
    "wide columns": (
        "md",
        TABLE,
        "| model  | AUC  |\n|:-------|-----:|\n| linear | 0.71 |\n| trees  | 0.78 |\n",
    ),
    "rows in another order": (
        "md",
        TABLE,
        "| model | AUC |\n|---|---|\n| trees | 0.78 |\n| linear | 0.71 |\n",
    ),
    "sections in another order": (
        "md",
        "# D\n\n## A\na\n\n## B\nb\n",
        "# D\n\n## B\nb\n\n## A\na\n",
    ),
    "items in another order": ("md", ITEMS, "- [ ] `b` Two.\n- [x] `a` One.\n"),
    "a wrapped quote": ("md", "> One two.\n> Three.\n", "> One\n> two. Three.\n"),
    "a fence of tildes in a list": (
        "md",
        "- a\n\n  ```py\n  if x:\n      y\n  ```\n",
        "-   a\n\n    ~~~py\n    if x:\n        y\n    ~~~\n",
    ),
    "a config block": (
        "md",
        "<!-- config: gates -->\n```yaml\n- {id: a, n: 1}\n```\n",
        "<!-- config: gates -->\n\n```yaml\n- n: 1\n  id: 'a'\n```\n",
    ),
    "keys in another order": ("json", '{"a": 1, "b": 2}', '{"b": 2,\n"a": 1}'),
    "quotes in YAML": ("yaml", "a: 'b'\n", 'a: "b"\n'),
    "code over several lines": ("py", "f('a', 1)\n", 'f(\n    "a",\n    1,\n)\n'),
    "blanks at the ends of lines": ("csv", "a,b\n1,2\n", "a,b  \n1,2\n\n"),
}
OTHER = {
    "a word": ("md", "We must not.\n", "We must now.\n"),
    "a number at the start of a line": ("md", "It took\n14. Then\n", "It took\n15. Then\n"),
    "paragraphs in another order": ("md", "a\n\nb\n", "b\n\na\n"),
    "steps in another order": ("md", "1. a\n2. b\n", "1. b\n2. a\n"),
    "a row": ("md", TABLE, TABLE.replace("0.78", "0.87")),
    "a removed row": ("md", TABLE, TABLE.replace("| linear | 0.71 |\n", "")),
    "values of two rows swapped": (
        "md",
        TABLE,
        "| model | AUC |\n|---|---|\n| linear | 0.78 |\n| trees | 0.71 |\n",
    ),
    "a tick": ("md", ITEMS, ITEMS.replace("[ ]", "[x]")),
    "a link's target": ("md", "[a](b.md)\n", "[a](c.md)\n"),
    "a comment": ("md", "a <!-- until May -->\n", "a <!-- until June -->\n"),
    "text moved to another section": ("md", "# A\na\n# B\nb\n", "# A\n# B\na\n\nb\n"),
    "the level of a heading": ("md", "# A\n\n## B\n", "# A\n\n# B\n"),
    "indentation of code": (
        "md",
        "```py\nif x:\n    y\nz\n```\n",
        "```py\nif x:\n    y\n    z\n```\n",
    ),
    "a pattern in code": ("md", "Match `a\\.b`.\n", "Match `a.b`.\n"),
    "a value in a config block": (
        "md",
        "<!-- config: gates -->\n```yaml\n- {id: a, n: 1}\n```\n",
        "<!-- config: gates -->\n```yaml\n- {id: a, n: 2}\n```\n",
    ),
    "the order of a list": ("json", "[1, 2]", "[2, 1]"),
    "a text for a number": ("json", '{"a": 1}', '{"a": "1"}'),
    "a comment in YAML": ("yaml", "a: 1 # May\n", "a: 1 # June\n"),
    "a statement": ("py", "assert x < 1\n", "assert x < 2\n"),
    "a tuple": ("py", "x = (1,)\n", "x = (1)\n"),
    "a comment in code": ("py", "x = 1  # agreed\n", "x = 1  # not agreed\n"),
    "lines of a log in another order": ("log", "a\nb\n", "b\na\n"),
}
REFUSED = {
    "py": ("def (:\n", "-" * 100_000 + "1\n", "a" + ".b" * 100_000 + "\n"),
    "json": ("{", '{"a": 1, "a": 2}', "[" * 100_000),
    "yaml": ("a: [", "a: &x 1\nb: *x\n", "[" * 100_000),
    "toml": ("a =", "a" + ".b" * 1000 + " = 1\n"),
}


@pytest.mark.parametrize("case", SAME)
def test_layout_says_nothing(case: str) -> None:
    suffix, old, new = SAME[case]
    assert statements.read(f"x.{suffix}", old.encode()) == statements.read(
        f"x.{suffix}", new.encode()
    )


@pytest.mark.parametrize("case", OTHER)
def test_everything_else_does(case: str) -> None:
    suffix, old, new = OTHER[case]
    assert statements.read(f"x.{suffix}", old.encode()) != statements.read(
        f"x.{suffix}", new.encode()
    )


@pytest.mark.parametrize(("suffix", "text"), [(s, t) for s in REFUSED for t in REFUSED[s]])
def test_what_a_parser_refuses_is_read_by_lines(suffix: str, text: str) -> None:
    assert statements.read(f"x.{suffix}", text.encode()) == text.splitlines()


def test_a_binary_file_says_nothing_that_can_be_compared() -> None:
    assert statements.read("x.png", b"\x89PNG\xff") is None


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (["a"], ["b"], "removed `a`, added `b`"),
        (["a", "b"], ["b"], "removed `a`"),
        (["b"], ["a", "b", "c", "d"], "added `a` and 2 more"),
        (["a", "b"], ["b", "a"], "the order changed"),
        (["say `x`"], [], "removed `say 'x'`"),
        (["a" * 99], ["a" * 99 + " b"], f"removed `… {'a' * 20}`, added `… {'a' * 20} b`"),
        (["a" * 99 + "b"], ["a" * 99 + "c"], f"removed `… {'a' * 20}b`, added `… {'a' * 20}c`"),
        (
            [f"{'We waited for the answer. ' * 5}It came."],
            [f"{'We waited for the answer. ' * 5}It never came. {'We left. ' * 20}"],
            "removed `… for the answer. It came.`, "
            "added `… for the answer. It never came. We left. We left. We left. We …`",
        ),
    ],
)
def test_a_change_is_described_from_where_it_begins(
    old: list[str], new: list[str], change: str
) -> None:
    assert statements.describe_change(old, new) == change

"""The plain part of YAML: what is read without libyaml is read as libyaml does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcharter import plainyaml, yamlblock
from mlcharter.yamlblock import parse

PLAIN = """\
# what stands here
gates:
  - id: auc-overall   # on the whole set
    bound: {kind: lower95, at: 0.95}
    slices: [all, "new cards", -1]
  - id: recall
    why: >-
      below this
      the queue doubles
    empty:
steps:
- none
- 'it is: quoted'
query: |
  sum(x{job="a"})
    by (le)
"""


def test_plain_yaml_is_read_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    known = yamlblock._parsed(PLAIN).value
    monkeypatch.setattr(yamlblock, "_parser", None)

    assert parse(PLAIN).value == known
    assert parse("[]\n").value == []
    assert known["gates"][1] == {
        "id": "recall",
        "why": "below this the queue doubles",
        "empty": None,
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n",
        "a: b\n  c\n",
        "a: b: c\n",
        "a: &b c\n",
        "a: 1\na: 2\n",
        "a: [b,\n  c]\n",
        "a: [b, ]\n",
        "a: {b}\n",
        'a: "\\t"\n',
        "a: 'it''s'\n",
        "a: 2026-02-30\n",
        "a: >-\n  b\n\n  c\n",
        "a: |",
        "- - b\n",
        "- a\nb: c\n",
        "---\na: b\n",
        '"a": b\n',
        "[a] # b\n---\n",
    ],
)
def test_what_is_not_plain_is_left_to_libyaml(text: str) -> None:
    with pytest.raises(plainyaml.NotPlainError):
        plainyaml.read(text)


PIECES = """
a key 1 -1 0.5 1e3 2026-01-01 2026-13-01 .inf . .. ... --- &x *x !t !!str % @ ` ? = << é \\ it's
+ / 0x1f -- a#b a:b http://x/y $ (a) null true no ~ # , [ ] { } ' " '' "" 'x' "y" | - : > >- |-
"""
LINES = [
    *("a: 1\n", "b:\n  c: d\n", "- x\n", "- a: 1\n  b: 2\n", "e: {a: b}\n", "g: >-\n  u\n  v\n"),
    *("f: |\n  x\n   y\n\n  z\n", "{a: [b, {c: d}]}", "[1, 2]", "c: ", "- ", "\n- ", "\n  - "),
    *("\n  ", "\n", " ", "  ", " # c", ", "),
]


@settings(deadline=None, max_examples=1000)
@given(st.lists(st.sampled_from((*PIECES.split(), *LINES)), max_size=10).map("".join))
def test_what_is_read_as_plain_is_what_libyaml_reads(text: str) -> None:
    try:
        value = plainyaml.read(text)
    except plainyaml.NotPlainError:
        return
    exact = yamlblock._parsed(text)
    assert (repr(value), None) == (repr(exact.value), exact.problem)

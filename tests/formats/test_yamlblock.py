"""YAML blocks: values, positions, refusals, and inputs that crash other parsers."""

import re
import subprocess
import sys
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcharter.formats import yamlblock
from mlcharter.formats.yamlblock import MAX_NODES, MAX_SIZE, Mark, Problem, parse

GATES = """\
- id: auc-overall
  threshold: 0.95   # agreed with the card team
  slices: [all, "new cards"]

- id: recall
  decided_on: 2026-11-22
  rationale: >
    below this the review queue
    doubles
"""


@pytest.fixture(params=["libyaml", "pure"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test with libyaml and without."""
    if request.param == "pure":
        monkeypatch.setattr(yaml, "__with_libyaml__", False)


FIXES = {
    "by: @lead": "put the value of `by` in quotes",
    "- {id: a, by: @lead}": "put the value of `by` in quotes",
    "op: >=": "put the value of `op` in quotes",
    "expr: `up`": "put the value of `expr` in quotes",
    "reason: we wait: it takes long": "put the value of `reason` in quotes",
    "a:\n\tb: 1": "indent with spaces, not with tabs",
}


@pytest.mark.parametrize(("text", "remedy"), FIXES.items(), ids=list(FIXES))
def test_a_common_mistake_is_reported_with_its_fix(text: str, remedy: str) -> None:
    problem = yamlblock.parse(f"{text}\nlast: 1\n").problem

    assert problem is not None
    assert problem.line == text.count("\n") + 1
    assert problem.message.startswith("not YAML: ")
    assert problem.message.endswith(f"; {remedy}")


def test_a_block_is_plain_data() -> None:
    tree = parse(GATES)
    assert tree.problem is None
    assert tree.value == [
        {"id": "auc-overall", "threshold": 0.95, "slices": ["all", "new cards"]},
        {
            "id": "recall",
            "decided_on": date(2026, 11, 22),
            "rationale": "below this the review queue doubles\n",
        },
    ]


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ((), (1, 1), (1, 1)),
        ((0,), (1, 3), (1, 3)),
        ((0, "threshold"), (2, 3), (2, 14)),
        ((0, "slices", 1), (3, 17), (3, 17)),
        ((1, "decided_on"), (6, 3), (6, 15)),
        ((1, "rationale"), (7, 3), (7, 14)),
        ((1, "bound"), (5, 3), (5, 3)),  # missing: the position of its entry
        ((0, "threshold", "deeper"), (2, 3), (2, 14)),
        ((7,), (1, 1), (1, 1)),
    ],
)
def test_every_key_and_value_has_a_position(
    path: tuple[str | int, ...], key: tuple[int, int], value: tuple[int, int]
) -> None:
    tree = parse(GATES)
    assert tree.key(*path) == Mark(*key)
    assert tree.mark(*path) == Mark(*value)


def test_a_path_is_in_a_tree_even_when_its_value_is_null() -> None:
    tree = parse("a:\nb: {c: }\n")
    assert ("a",) in tree and ("b", "c") in tree and () in tree
    assert ("a", "c") not in tree and ("c",) not in tree and (0,) not in tree


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((0, "threshold"), "0.95"),
        ((0, "slices"), '[all, "new cards"]'),
        ((0, "slices", 1), '"new cards"'),
        ((0,), GATES[2 : GATES.index("\n\n")]),
        ((1, "decided_on"), "2026-11-22"),
    ],
)  # fmt: skip
def test_a_span_cuts_a_value_out_of_the_text(path: tuple[str | int, ...], text: str) -> None:
    (line, column), (end_line, end_column) = parse(GATES).span(*path)
    rows = GATES.splitlines(keepends=True)
    start = sum(map(len, rows[: line - 1])) + column - 1
    end = sum(map(len, rows[: end_line - 1])) + end_column - 1
    assert GATES[start:end] == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("", None),
        ("'null'", "null"),
        ("007", 7),
        ("-12", -12),
        ("+1", 1),
        ("0x1F", 31),
        ("0o17", 15),
        ("0b11", "0b11"),
        ("0x-5", "0x-5"),
        ("0x_5", "0x_5"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("3.", 3.0),
        (".5", 0.5),
        ("-1e-3", -0.001),
        ("1.2.3", "1.2.3"),
        ("-", [None]),
        ("--", "--"),
        (".", "."),
        ("2026-11-22", date(2026, 11, 22)),
        ("2026-1-2", "2026-1-2"),
        ("2026-11-22T23:00:00Z", "2026-11-22T23:00:00Z"),
        ('"2026-11-22"', "2026-11-22"),
        ("2" * 64, "2" * 64),  # a digest without letters is text
        ("9" * 5000, "9" * 5000),  # int() refuses this with an error of its own
        ("٣", "٣"),
        ("=", "="),
        ("a: b", {"a": "b"}),
        ("1: b", {"1": "b"}),
        ("no: b", {"no": "b"}),
        ("null: b", {"null": "b"}),
        ("'<<': b", {"<<": "b"}),
        ("? a\n: b", {"a": "b"}),
        ("[a: 1]", [{"a": 1}]),
        ("---\na: 1\n...\n", {"a": 1}),
        ("|\n a\n b\n", "a\nb\n"),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    tree = parse(text)
    assert (tree.value, tree.problem) == (value, None)
    assert type(tree.value) is type(value)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a: &x 1", 1, 4, "anchor `&x` is not allowed; write the value where it is needed"),
        ("a: &x [1]", 1, 4, "anchor `&x` is not allowed; write the value where it is needed"),
        ("a: 1\nb: *x", 2, 4, "alias `*x` is not allowed; write the value out"),
        ("*x : 1", 1, 1, "alias `*x` is not allowed; write the value out"),
        ("a: !x 1", 1, 4, "tag `!x` is not allowed; write the plain value"),
        ("!!map {}", 1, 1, "tag `tag:yaml.org,2002:map` is not allowed; write the plain value"),
        ("a: ! 1", 1, 4, "tag `!` is not allowed; write the plain value"),
        ("<<: {a: 1}", 1, 1, "merge key `<<` is not allowed; write the keys out"),
        ("a: 1\nb: 2\na: 3", 3, 1, "duplicate key `a` in a mapping; remove one"),
        ("{a: 1, 'a': 2}", 1, 8, "duplicate key `a` in a mapping; remove one"),
        ("{a, a}", 1, 5, "duplicate key `a` in a mapping; remove one"),
        ("'': 1", 1, 1, "a key is empty; name it"),
        ("[a]: 1", 1, 1, "a key is a list or a mapping; use text"),
        ("? {a: 1}\n: 2", 1, 3, "a key is a list or a mapping; use text"),
        ("a: 1\n---\nb: 1", 2, 1, "a second document begins; keep one in a block"),
        ("a: 1\n---\n", 2, 1, "a second document begins; keep one in a block"),
        ("%YAML 1.1\n---\na: 1", 1, 1, "a directive is not allowed; remove it"),
        ("%TAG ! tag:x,\n---\na: 1", 1, 1, "a directive is not allowed; remove it"),
        ("a: .NaN", 1, 4, "`.NaN` is not a finite number; write a number or null"),
        ("a: -.inf", 1, 4, "`-.inf` is not a finite number; write a number or null"),
        ("a: 1e999", 1, 4, "`1e999` is not a finite number; write a number or null"),
        ("a: 2026-02-30", 1, 4, "2026-02-30 is not a valid date; correct it"),
        ("a: 1\n\tb: \x1b", 2, 5, "the character U+001B is not allowed here; remove it"),
        ("a: \x85", 1, 4, "the character U+0085 is not allowed here; remove it"),
        ("a\r\n\u2028", 2, 1, "the character U+2028 is not allowed here; remove it"),
        ("a: \ud800", 1, 4, "the character U+D800 is not allowed here; remove it"),
        ("\ufeffa: 1", 1, 1, "the character U+FEFF is not allowed here; remove it"),
        ("[" * 65, 1, 65, "the block is nested deeper than 64 levels; flatten it"),
        ("- " * 65, 1, 129, "the block is nested deeper than 64 levels; flatten it"),
        ("x" * (MAX_SIZE + 1), 1, 1, f"the block is longer than {MAX_SIZE} characters; split it"),
    ],
)  # fmt: skip
def test_a_refused_block_has_a_problem_with_its_position(
    text: str, line: int, column: int, message: str
) -> None:
    tree = parse(text)
    assert (tree.value, tree.problem) == (None, Problem(line, column, message))
    assert tree.mark("a") == Mark(1, 1)


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: b: c", 1), ("{a: 1", 1), ("a: 'b", 1), ("a: 1\n b: 2", 2), ("a: 1\n\tb: 2", 2)],
)
def test_invalid_yaml_has_a_problem_with_its_line(text: str, line: int) -> None:
    tree = parse(text + "\n")
    assert tree.value is None and tree.problem is not None
    assert tree.problem.message.startswith("not YAML: ")
    assert line <= tree.problem.line <= line + 1


@pytest.mark.parametrize("text", ["[" + "1," * MAX_NODES + "]", "[" + "[]," * MAX_NODES + "]"])
def test_a_block_may_not_have_too_many_parts(text: str) -> None:
    problem = parse(text).problem
    assert problem is not None
    assert problem.message == "the block has more than 20000 parts; split it"


def test_a_block_may_have_64_levels() -> None:
    value = parse("[" * 64 + "]" * 64).value
    for _ in range(63):
        (value,) = value
    assert value == []


@pytest.mark.parametrize(
    "source",
    ["'[' * 100_000", "'{a: ' * 50_000", "'- ' * 100_000",
     "''.join(' ' * i + 'a:\\n' for i in range(700))", "'[' * 100_000 + ']' * 100_000"],
)  # fmt: skip
def test_deep_nesting_does_not_crash_the_process(source: str) -> None:
    script = (
        "import sys, yaml; from mlcharter.formats import yamlblock\n"
        "yaml.__with_libyaml__ = sys.argv[1] == 'True'\n"
        "yamlblock.MAX_SIZE = 10 ** 9\n"
        f"print(yamlblock.parse({source}).problem.message)"
    )
    command = [sys.executable, "-c", script, str(yaml.__with_libyaml__)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "the block is nested deeper than 64 levels; flatten it\n"


@pytest.mark.parametrize(("opening", "depth"), [("- ", 100_000), ("[", 5_000), ("{a: ", 5_000)])
def test_the_events_of_libyaml_work_at_any_depth(opening: str, depth: int) -> None:
    """The reason for reading events: libyaml does not recurse, and newer versions limit the depth.

    In flow style its time is quadratic in the depth, so the depth is smaller.
    """
    script = (
        "import yaml\n"
        "loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader\n"
        "count = 0\n"
        "try:\n"
        f"    for event in yaml.parse({opening!r} * {depth}, Loader=loader): count += 1\n"
        "except yaml.YAMLError as error: print(error)\n"
        "print(count)"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    refused = "exceeded maximum nesting depth" in done.stdout
    assert refused or int(done.stdout.splitlines()[-1]) > depth


# PyYAML writes these strings without quotes: in its YAML 1.1 a float needs a dot and a signed
# exponent. In YAML 1.2, which we read, they are numbers.
NUMBER_IN_YAML_1_2 = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?|0o[0-7]+")

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(-1e6, 1e6).map(lambda number: round(number, 3)),  # without exponents
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8).filter(
        lambda text: not NUMBER_IN_YAML_1_2.fullmatch(text)
    ),
    st.dates(min_value=date(1000, 1, 1)),
)
DATA = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.sampled_from("abc-_ :#'\"0"), min_size=1, max_size=5), inner, max_size=4
        )
    ),
    max_leaves=12,
)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


@settings(deadline=None)
@given(DATA, st.sampled_from([None, True, False]))
def test_what_pyyaml_writes_is_read_back_with_positions(data: object, flow: bool | None) -> None:
    text = yaml.dump(data, Dumper=_Dumper, default_flow_style=flow, sort_keys=False)
    tree = parse(text)
    assert (tree.value, tree.problem) == (data, None)
    _check_places(tree, tree.value, ())


def _check_places(tree: yamlblock.Tree, value: Any, path: tuple[str | int, ...]) -> None:
    assert path in tree
    start, end = tree.span(*path)
    assert tree.key(*path) <= start <= end
    if isinstance(value, dict | list):
        for part, inner in value.items() if isinstance(value, dict) else enumerate(value):
            _check_places(tree, inner, (*path, part))


@settings(deadline=None)
@given(st.text(st.sampled_from("ab:-#&*!|>'\"%@`{}[],? \n\t<0.1\r~\ufeff\x00é"), max_size=40))
def test_parsing_never_raises(text: str) -> None:
    tree = parse(text)
    assert (tree.problem is None) or tree.value is None
    if tree.problem is not None:
        assert tree.problem.line >= 1 and tree.problem.column >= 1 and tree.problem.message

"""A PromQL expression is read into its parts, or refused with a problem."""

import threading

import pytest

from mlcharter.formats import promql


def test_an_expression_has_metrics_labels_windows_and_limits() -> None:
    query = promql.read(
        'sum by (site) (rate(refused_total{why!="late"}[1h]))'
        " / sum by (site) (rate(seen_total[1h]))"
        " > 14.4 * (1 - 0.99) or absent(seen_total offset 5m)"
    )

    assert query.problem is None
    assert query.metrics == ("refused_total", "seen_total")
    assert query.labels == {("why", "late")}
    assert query.windows == (3600, 3600)
    assert query.limits == pytest.approx([0.144])
    assert query.condition


@pytest.mark.parametrize(
    ("expression", "limits"),
    [
        ("a > 700 or a > 1120", [700, 1120]),
        ("a > (14.4 * 0.01) and b > (14.4 * 0.01)", [0.144, 0.144]),
        ("a > 0.5 * b", []),
        ("a > 1 + b", []),
        ("(a > 5) * 2", [5]),
        ("a > bool 1e3", [1000]),
        ("a > -5", [-5]),
    ],
)
def test_a_limit_is_a_product_of_constants(expression: str, limits: list[float]) -> None:
    assert promql.read(expression).limits == pytest.approx(limits)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("", "no expression found in input"),
        ("sum(a", "unclosed left parenthesis"),
        ("sum(a))", "unexpected right parenthesis ')'"),
        ("a > > 1", "invalid promql query"),
        ("a{b=1}", "unexpected character inside braces: '1'"),
        ("rate(a[soon])", "unexpected character inside brackets: 's'"),
        ('a{b="c}', 'unterminated quoted string "'),
        ("suum(a)", "unknown function with name 'suum'"),
        ("12month", "bad number or duration syntax: 12mo"),
        ("rate(a) > 1", "expected type matrix in call to function 'rate', got vector"),
        ("a[5m] > 1", "binary expression must contain only scalar and instant vector types"),
        ("a offset 1e300", "a number in it is too large"),
        (f"a[{'1h' * 99}]", f"not a valid duration string: {'1h' * 35}1…"),
    ],
)
def test_an_expression_that_prometheus_could_not_load_is_refused(
    expression: str, problem: str
) -> None:
    assert promql.read(expression).problem == f"is not valid: {problem}"


@pytest.mark.parametrize(
    "expression",
    [
        "holt_winters(a[1d], 0.5, 0.5) > 1",
        "double_exponential_smoothing(a[1d], 0.5, 0.5) > 1",
        'max_over_time(a{b!~"c"}[1h:5m] offset 1d) > bool 0x1F',
        "a * on (b) group_left (c) d unless a @ end()",
        '{"a.b", c="d"} > Inf',
    ],
)
def test_expressions_of_prometheus_2_and_3_are_read(expression: str) -> None:
    assert promql.read(expression).problem is None


@pytest.mark.hostile("time and memory")
@pytest.mark.parametrize(
    "piece",
    ["(", "a{", '"', "-", "a + ", "[", "sum by (", "1 * ", "5m", "abs(", "1or ", "a AND ", "2^"]
    + ["1atan2 ", "a==", "a!=", "a<", "[5m:1m]", " offset 1h", " @ 1", " by (a)", "{a='b'}", "'"],
)
@pytest.mark.parametrize("end", ["", "a", "1"])
def test_a_long_hostile_expression_is_refused(piece: str, end: str) -> None:
    """A few thousand levels would crash the process."""
    assert promql.read(piece * 50_000 + end).problem
    assert promql.read("a " + piece * 50_000 + end).problem


def test_the_deepest_allowed_expression_fits_a_small_stack() -> None:
    deepest = ["(" * 150 + "a" + ")" * 150, "a" + "+a" * 150, "-" * 150 + "a", "2^" * 150 + "2"]
    read: list[str | None] = []
    before = threading.stack_size(512 * 1024)  # that of a thread on macOS; the main one has 8 MiB
    try:
        thread = threading.Thread(
            target=lambda: read.extend(promql.read(d).problem for d in deepest)
        )
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()

    assert read == [None] * 4


@pytest.mark.parametrize("pattern", ['=~"("', "=~ '('", "!~`(`", '=~ # c\n"("', '=~~"("'])
def test_label_patterns_are_not_compiled(pattern: str) -> None:
    """`(a{100}){100}` and the like take long to compile; a label has its value only."""
    query = promql.read(f"a{{b{pattern}}}")

    assert query.problem is None
    assert query.labels == {("b", "(")}


@pytest.mark.parametrize(
    ("duration", "seconds"), [("90s", 90), ("28d", 2419200), ("1h30m", 5400), ("500ms", 0.5)]
)
def test_a_duration_is_converted_to_seconds(duration: str, seconds: float) -> None:
    assert promql.to_seconds(duration) == seconds


def test_spaces_and_comments_do_not_change_the_text() -> None:
    def text(expression: str) -> str:
        return promql.read(expression).text

    assert text("sum( a )>1 # note") == text("sum(a) > 1")
    assert text("sum by (b) (a)") == text("sum(a) by (b)")
    assert text("a{b='c'}") == text('a{b="c"}') != text('a{b=~"c"}')
    assert text("sum( a") == "sum( a"

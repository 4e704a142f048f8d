"""Alerts of a budget: one a share, one for an unusual day, one for missing data."""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.config.cost.budgets import Budget
from mlcharter.charter.config_entries import Entry
from mlcharter.export.alerts.building import (
    Case,
    Group,
    Rule,
    end,
    has_range,
    hold,
    make_alert,
    record,
    wrap,
)
from mlcharter.support.errors import UserError

SPENT, DAY = "budget:spent", "budget:spent_1d"
DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365}
UNUSUAL = 1.5  # times the highest day of the last 28
LEAST = 0.5  # of the amount that is left for a day


def derive(budget: Entry, charter: Charter) -> Group:
    """Return the rules of a budget; a hard limit pages when it is reached."""
    value = budget.value
    metric = charter.named("unit_metrics").get(value.metric)
    source = charter.named("alerts").get(value.alert)
    if metric is None or source is None:
        missing = f"metric `{value.metric}`" if metric is None else f"alert `{value.alert}`"
        raise UserError(
            f"{budget.subject} names the {missing}, which is not defined",
            hint="define it or correct the id",
        )
    daily = has_range(metric.value.expr)
    seen = DAY if daily else SPENT
    rules = [record(SPENT, wrap(metric, metric.value.expr), budget=value.id)]
    if daily:
        rules.append(record(DAY, wrap(metric, metric.value.expr, "1d"), budget=value.id))
    rules += [_alert_share(value, share, source) for share in value.warn_at]
    if daily:
        rules.append(_alert_unusual(value, source))
    # An increase over a day has a value for a day after the last sample.
    absent = f"absent({_select(seen, value)})"
    rules.append(make_alert(f"{value.id}-absent", absent, "10m", "ticket", source, "no data"))
    cases = [*_list_shares(value, seen), *(_list_days(value) if daily else ())]
    return Group(f"budget-{value.id}", rules, cases)


def _select(name: str, budget: Budget) -> str:
    return f'{name}{{budget="{budget.id}"}}'


def _alert_share(budget: Budget, share: float, source: Entry) -> Rule:
    severity = "page" if share >= 1 and budget.hard else "ticket"
    expr = f"{_select(SPENT, budget)} > {share!r} * {budget.amount!r}"
    summary = f"{share:.4g} of {budget.amount:g} {budget.currency} a {budget.period}"
    return make_alert(_name(budget, share), expr, "5m", severity, source, summary)


def _name(budget: Budget, share: float) -> str:
    return f"{budget.id}-spent-{share * 100:g}".replace(".", "-")


def _alert_unusual(budget: Budget, source: Entry) -> Rule:
    """Return the alert of a day that costs far more than any of the last 28.

    The highest day covers what recurs, such as a weekly job. It is silent in the first week, and
    while a day costs less than half of the amount that a day may cost.
    """
    day = _select(DAY, budget)
    expr = (
        f"{day} > {UNUSUAL} * max_over_time({day}[28d] offset 1d)"
        f" and {day} > {LEAST} * {budget.amount!r} / {DAYS[budget.period]}"
        f" and {day} offset 7d >= 0"
    )
    summary = f"more than {UNUSUAL:g} times the highest day of the last 28"
    return make_alert(f"{budget.id}-anomaly", expr, "5m", "page", source, summary)


def _list_shares(budget: Budget, seen: str) -> Iterator[Case]:
    """Yield series just above and below each share of a budget, and stale ones."""
    calm = {_select(seen, budget): hold(0.0)}
    spent = _select(SPENT, budget)
    yield Case(f"{budget.id}: nothing is spent", {spent: hold(0.0)} | calm)
    for number, share in enumerate(budget.warn_at):
        fires = tuple(_name(budget, share) for share in budget.warn_at[: number + 1])
        above, below = (float(f"{budget.amount * share * by:.6g}") for by in (1.001, 0.999))
        yield Case(f"{fires[-1]}: above", calm | {spent: hold(above)}, fires)
        yield Case(f"{fires[-1]}: below", calm | {spent: hold(below)}, fires[:-1])
    stale = {_select(name, budget): end(1.0) for name in (SPENT, seen)}
    yield Case(f"{budget.id}: stale", stale, (f"{budget.id}-absent",))


def _list_days(budget: Budget) -> Iterator[Case]:
    """Yield nine days: with a weekly peak, with an unusual day, and with one that is cheap."""
    usual = budget.amount / DAYS[budget.period]

    def days(peak: float, last: float, low: int = 16) -> dict[str, str]:
        day, top, end = (f"{float(f'{usual * by:.6g}'):f}" for by in (peak / 4, peak, last))
        return {
            _select(SPENT, budget): hold(0.0, low + 19),
            _select(DAY, budget): f"{day}x{low} {top}x3 {day}x11 {end}x2",
        }

    yield Case(f"{budget.id}: a weekly peak is usual", days(0.8, 1.1), (), 35)
    unusual = (f"{budget.id}-anomaly",)
    yield Case(f"{budget.id}: an unusual day", days(0.8, 1.3), unusual, 35)
    yield Case(f"{budget.id}: an unusual day that is cheap", days(0.1, 0.4), (), 35)
    yield Case(f"{budget.id}: the first week has no pattern", days(0.8, 5.0, 6), (), 25)

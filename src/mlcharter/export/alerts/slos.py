"""Burn-rate alerts of an SLO, and one for missing data."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mlcharter.charter.config.operations.slos import Slo
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
from mlcharter.formats import promql
from mlcharter.support.errors import UserError

BURN = "slo:burn_rate"
# Severity, share of the error budget, long window, short window.
_BURNS = (
    ("page", 0.02, "1h", "5m"),
    ("page", 0.05, "6h", "30m"),
    ("ticket", 0.10, "1d", "2h"),
    ("ticket", 0.10, "3d", "6h"),
)
WINDOWS = tuple(dict.fromkeys(window for _, _, *both in _BURNS for window in both))


class Burn(NamedTuple):
    severity: str
    share: float
    windows: tuple[str, str]
    factor: float


def derive(slo: Entry, alerts: Mapping[str, Entry]) -> Group:
    """Return the rules of an SLO, whose owner and playbook are those of its entry in `alerts`."""
    value = slo.value
    named = [alerts[name] for name in value.alertPolicies if name in alerts]
    if not named:
        raise UserError(
            f"{slo.subject} names no alert that `alerts` has",
            hint="add one of its `alertPolicies` to ops/runbook.md; it says who is alerted",
        )
    burns = list_burns(value)
    rules = [_record(slo, window) for window in WINDOWS]
    rules += [_alert(burn, value, named[0]) for burn in burns]
    absent = f"absent({_select(value.name, '5m')})"
    rules.append(make_alert(f"{value.name}-absent", absent, "2m", "page", named[0], "no data"))
    return Group(f"slo-{value.name}", rules, list(_list_cases(value.name, burns)))


def list_burns(slo: Slo) -> list[Burn]:
    """Return the burn rates that can be reached: no ratio of errors is above 1."""
    window = promql.to_seconds(slo.timeWindow)
    burns = []
    for severity, share, long, short in _BURNS:
        factor = float(f"{share * window / promql.to_seconds(long):.4g}")
        if factor * (1 - slo.target) < 1 and promql.to_seconds(long) < window:
            burns.append(Burn(severity, share, (long, short), factor))
    return burns


def _select(name: str, window: str) -> str:
    return f'{BURN}{{slo="{name}",window="{window}"}}'


def _over(slo: Entry, expression: str, window: str) -> str:
    if not has_range(expression):
        raise UserError(
            f"{slo.subject} needs one window in `good` and in `total`",
            hint="write for example `sum(rate(requests_total[5m]))`",
        )
    return wrap(slo, expression, window)


def _record(slo: Entry, window: str) -> Rule:
    good = _over(slo, slo.value.ratioMetric.good, window)
    total = _over(slo, slo.value.ratioMetric.total, window)
    # Without a good event ever, `good` has no series: that is an outage, not silence.
    expr = f"(1 - ({good} or 0 * {total}) / {total}) / (1 - {slo.value.target!r})"
    return record(BURN, expr, slo=slo.value.name, window=window)


def _alert(burn: Burn, slo: Slo, source: Entry) -> Rule:
    expr = " and ignoring (window) ".join(
        f"{_select(slo.name, window)} > {burn.factor!r}" for window in burn.windows
    )
    long = burn.windows[0]
    summary = f"{burn.share:.0%} of the error budget in {long}"
    return make_alert(f"{slo.name}-burn-{long}", expr, "2m", burn.severity, source, summary)


def _list_cases(name: str, burns: list[Burn]) -> Iterator[Case]:
    """Yield series of the recorded burn rates: just above each limit, ended, stale."""

    def series(rates: Mapping[str, float]) -> dict[str, str]:
        return {_select(name, w): hold(r) for w, r in ({"5m": 0.0} | dict(rates)).items()}

    yield Case(f"{name}: no errors", series(dict.fromkeys(WINDOWS, 0.0)))
    for burn in burns:
        above, below = (float(f"{by * burn.factor:.4g}") for by in (1.05, 0.95))
        alert = f"{name}-burn-{burn.windows[0]}"
        yield Case(f"{alert}: above", series(dict.fromkeys(burn.windows, above)), (alert,))
        yield Case(f"{alert}: ended", series(dict(zip(burn.windows, (above, below), strict=True))))
    stale = {_select(name, window): end(1.0) for window in WINDOWS}
    yield Case(f"{name}: all series are stale", stale, (f"{name}-absent",))

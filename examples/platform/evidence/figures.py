"""Print the figures of the documents: `.venv/bin/python -m evidence.figures [--write]`.

Run it in the whole repository, after `make eval`. With --write, the tables between
`<!-- figures: NAME -->` and `<!-- end figures -->` in the documents, and evidence/figures.json,
are written again. Everything is simulated or counted, so that each run prints the same; the only
numbers from a clock are those of evidence/timings-2026-11.json, which evidence/timings.py measured
once. With --seeds it writes seed-spread-2026-11.csv, which takes some minutes.
"""

import argparse
import csv
import hashlib
import json
import math
import re
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from mlcharter.evals import intervals
from slip_reader.capacity import DEMAND, MONTH_HOURS, PRICE, Demand, price_month
from slip_reader.serving import scorer
from sklearn.neighbors import KNeighborsClassifier

from evals import _platform_load as load
from evals import platform
from evals._platform_parts import SOUND

HERE = Path(__file__).parent
ROOT = HERE.parent
REPORT = ROOT / "reports/platform.json"
TIMINGS = HERE / "timings-2026-11.json"
FIGURES = HERE / "figures.json"
PLOT = HERE / "cost-quality.svg"
SEEDS = HERE / "seed-spread-2026-11.csv"
FIRST = ROOT / "reports/released/2026-10-scorer.json"
LOADS = (0.25, 0.375, 0.5, 0.7, 0.75, 1.0, 1.25, 2.0)
MARKED = re.compile(r"(<!-- figures: (\S+) -->\n).*?(<!-- end figures -->)", re.DOTALL)

Rows = list[dict[str, Any]]


def at_loads() -> Rows:
    """What one instance does at each load: means over the runs, in simulated time."""
    traces = load.traces(platform.SEED)
    rows = []
    for share in LOADS:
        runs = [load.loaded(trace, share) for trace in traces]
        rows.append(
            {
                "load": share,
                "rate": share * load.CAPACITY,
                "p50": round(statistics.mean(run.p50 for run in runs), 4),
                "p99": round(statistics.mean(run.p99 for run in runs), 4),
                "refused": round(statistics.mean(run.refused for run in runs), 4),
            }
        )
    return rows


def accuracies() -> Rows:
    """Each row of the ladder on the same test rows, cheapest first."""
    pixels, shown = scorer.rows()
    test = scorer.is_test(len(shown))
    means = np.array([pixels[~test][shown[~test] == digit].mean(axis=0) for digit in range(10)])
    nearest = KNeighborsClassifier(3).fit(pixels[~test], shown[~test])
    usual = np.bincount(shown[~test]).argmax()
    read = {
        "usual digit": np.full(test.sum(), usual),
        "nearest mean picture": ((pixels[test][:, None] - means) ** 2).sum(axis=2).argmin(axis=1),
        "linear scorer, `release-2026-10`": answers(FIRST.read_bytes(), pixels[test]),
        "linear scorer, `release-2026-11`": answers(scorer.exported(), pixels[test]),
        "three nearest pictures": nearest.predict(pixels[test]),
    }
    right = {name: said == shown[test] for name, said in read.items()}
    cheapest = right["nearest mean picture"]
    return [
        {
            "row": name,
            "right": int(hits.sum()),
            "n": len(hits),
            "only_this": int((hits & ~cheapest).sum()),
            "only_cheapest": int((cheapest & ~hits).sum()),
        }
        | bounds(int(hits.sum()), len(hits))
        for name, hits in right.items()
    ]


def answers(model: bytes, pixels: Any) -> Any:
    backend = scorer.Scorer(model)
    return np.array([backend.answer(scorer.Question(pixels=p))["digit"] for p in pixels.tolist()])


def bounds(hits: int, n: int) -> dict[str, float]:
    found = intervals.wilson(hits, n, unit="row")
    return {"value": found.value, "lower": found.lower, "upper": found.upper}


def errors() -> Rows:
    """The wrong outputs of the release on the test rows, for people to read."""
    pixels, shown = scorer.rows()
    backend = scorer.Scorer(scorer.exported())
    found = []
    for row in np.flatnonzero(scorer.is_test(len(shown))):
        answer = backend.answer(scorer.Question(pixels=pixels[row].tolist()))
        if answer["digit"] != shown[row]:
            found.append({"row": int(row), "shows": int(shown[row])} | answer)
    return found


def spread() -> Iterator[dict[str, Any]]:
    """The gated results that chance decides, under five seeds and on five splits."""
    whole = scorer.is_test
    for seed in range(1, 6):
        order = np.random.default_rng(seed).permutation(len(scorer.rows()[1]))
        scorer.is_test = lambda count, order=order: whole(count)[order]
        platform.drills.exported.cache_clear()
        platform.SEED = seed
        report = platform.measured(
            SOUND,
            platform.on_digits,
            platform.under_load,
            platform.in_outages,
            platform.beside_outages,
            platform.on_canaries,
            platform.on_equal_canaries,
        )
        yield {"seed": seed} | {
            f"{one['metric']}/{one['slice']}": one["value"]
            for one in report.content(command="spread")["results"]
        }
    scorer.is_test = whole
    platform.drills.exported.cache_clear()


def figures() -> dict[str, Any]:
    report = json.loads(REPORT.read_text(encoding="utf-8"))
    timings = json.loads(TIMINGS.read_text(encoding="utf-8"))
    return {
        "load": at_loads(),
        "ladder": accuracies(),
        "errors": errors(),
        "timings": timings,
        "results": report["results"],
    }


# Tables of the documents


def table(*rows: list[str]) -> str:
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(line)} |\n".replace("| --- ", "|---") for line in lines).replace(
        "---|---", "---|---"
    )


def measured(found: dict[str, Any], metric: str, part: str) -> str:
    [one] = [r for r in found["results"] if (r["metric"], r["slice"]) == (metric, part)]
    ends = one["interval"]
    value = f"{one['value']:.3f}"
    return f"{value} [{ends['lower']:.3f}, {ends['upper']:.3f}]" if ends else value


def load_table(found: dict[str, Any]) -> str:
    """What one instance does, by load."""
    rows = [
        [
            f"{100 * one['load']:g} %",
            f"{one['rate']:g}",
            f"{1000 * one['p50']:.0f} ms",
            f"{1000 * one['p99']:.0f} ms",
            f"{100 * one['refused']:.2f} %",
        ]
        for one in found["load"]
    ]
    return table(["Load", "Requests a second", "P50", "P99", "Refused"], *rows)


def demand_table(found: dict[str, Any]) -> str:
    """Little's law, with what is left of the instances."""
    p99 = found_p99(found)
    rows = [
        [
            str(left),
            f"{DEMAND.peak:g}",
            f"{1000 * p99:.0f} ms",
            f"{DEMAND.peak * p99:.1f}",
            str(left * load.SETTINGS.places),
            f"{100 * DEMAND.busy(left, load.CAPACITY):.1f} %",
        ]
        for left in range(DEMAND.instances, 0, -1)
    ]
    head = ["Instances left", "Peak rate per second", "P99 latency", "In flight", "Slots"]
    return table([*head, "Busy at peak"], *rows)


def found_p99(found: dict[str, Any]) -> float:
    [one] = [r for r in found["results"] if (r["metric"], r["slice"]) == ("latency-p99", "load-70")]
    return float(one["interval"]["upper"])


def budget_table(found: dict[str, Any]) -> str:
    """The error budgets of 28 days in requests."""
    rows = [
        [f"`{name}`", f"{100 * target:g} %", f"{DEMAND.window():,}", f"{DEMAND.budget(target):,}"]
        for name, target in (("availability", 0.995), ("full-answers", 0.99), ("latency", 0.99))
    ]
    return table(["SLO", "Target", "Requests in 28 days", "May fail"], *rows)


def ladder_table(found: dict[str, Any]) -> str:
    """Quality, time and cost of each row."""
    times = found["timings"]["answers"]
    rows = []
    for one in found["ladder"]:
        clock = times[one["row"].replace("`", "")]
        difference = (one["only_this"] - one["only_cheapest"]) / one["n"]
        spread = math.sqrt(one["only_this"] + one["only_cheapest"]) / one["n"]
        beside = f"{difference:+.3f} ± {1.96 * spread:.3f}".replace("-", "\N{MINUS SIGN}")
        is_cheapest = one["row"] == "nearest mean picture"
        rows.append(
            [
                one["row"],
                f"{one['value']:.3f} [{one['lower']:.3f}, {one['upper']:.3f}]",
                "" if is_cheapest else beside,
                f"{clock['p95_us']:.0f} µs",
                f"{clock['mean_us'] * PRICE / 3600:.5f} EUR",
            ]
        )
    head = ["Row, cheapest first", "Right, 95 % interval", "Beside the nearest mean picture"]
    return table([*head, "P95 of one answer", "CPU of a million answers"], *rows)


def cost_table(found: dict[str, Any]) -> str:
    """A month of the platform, line by line."""
    lines = price_month(DEMAND)
    rows = [
        [name, f"{count:,g}", unit, f"{price:g} EUR", f"{count * price:.2f} EUR"]
        for name, count, unit, price in lines
    ]
    total = sum(count * price for _, count, _, price in lines)
    answered = DEMAND.month()
    rows.append(["**total**", "", "", "", f"**{total:.2f} EUR**"])
    rows.append(
        [
            "1,000 requests",
            f"{answered / 1000:,g}",
            "thousands",
            "",
            f"{1000 * total / answered:.4f} EUR",
        ]
    )
    return table(["Line", "Count", "Unit", "Price", "Month"], *rows)


def demand_growth_table(found: dict[str, Any]) -> str:
    """What more traffic costs."""
    rows = []
    for factor in (1, 2, 3):
        grown = Demand(DEMAND.slips * factor, DEMAND.stocktake * factor, DEMAND.daily * factor)
        grown = grown.sized(load.CAPACITY)
        total = sum(count * price for _, count, _, price in price_month(grown))
        rows.append(
            [
                f"{factor} ×",
                f"{grown.peak:g}",
                str(grown.instances),
                f"{total:.2f} EUR",
                f"{1000 * total / grown.month():.4f} EUR",
            ]
        )
    return table(["Traffic", "Peak per second", "Instances", "Month", "1,000 requests"], *rows)


def report_table(found: dict[str, Any]) -> str:
    """What the gates rest on."""
    shown = (
        ("right digits", "accuracy", "digits-test"),
        ("P99 at 70 % load, s", "latency-p99", "load-70"),
        ("refused at 70 % load", "turned-away", "load-70"),
        ("P99 at twice the capacity, s", "latency-p99", "load-200"),
        ("refused at twice the capacity", "turned-away", "load-200"),
        ("goodput at twice the capacity", "goodput", "load-200"),
        ("calls into an outage", "calls-into-outage", "outage-fails"),
        ("answered while the backend hangs", "answered-in-outage", "outage-hangs"),
        ("seconds until the breaker closes", "recovery-seconds", "outage-fails"),
        ("bad candidates kept", "kept", "canary-bad"),
        ("sound candidates rolled back", "aborted", "canary-as-good"),
        ("spoilt releases refused", "tampered-refused", "tampered"),
    )
    rows = [[name, f"`{part}`", measured(found, metric, part)] for name, metric, part in shown]
    return table(["What", "Slice", "Value, 95 % interval"], *rows)


def spread_table(found: dict[str, Any]) -> str:
    """The smallest margin of a gate over its standard deviation."""
    with SEEDS.open(encoding="utf-8", newline="") as file:
        runs = list(csv.DictReader(file))
    verdicts = json.loads((ROOT / "reports/released/2026-11-gates.json").read_bytes())["verdicts"]
    rows = []
    for one in verdicts:
        name = f"{one.get('metric')}/{one.get('slice')}"
        if name not in runs[0]:
            continue
        deviation = statistics.stdev(float(run[name]) for run in runs)
        times = f"{abs(one['margin']) / deviation:.1f}" if deviation else "no spread"
        rows.append([f"`{one['gate']}`", f"{one['margin']:.4f}", f"{deviation:.4f}", times])
    return table(
        ["Gate", "Margin", "Standard deviation over five seeds", "Margin / deviation"], *rows
    )


def plot(found: dict[str, Any]) -> str:
    """Draw quality with its interval against cost; each point has its P99."""
    times = found["timings"]["answers"]
    marks = []
    for one in found["ladder"]:
        clock = times[one["row"].replace("`", "")]
        x = 70 + 110 * math.log10(clock["mean_us"] / 0.3)
        top, middle, end = (330 - 300 * one[key] for key in ("upper", "value", "lower"))
        name = f"{one['row'].replace('`', '')}, P99 {clock['p99_us']:.0f} µs"
        marks.append(
            f'<path d="M{x:.0f} {top:.0f}V{end:.0f}" stroke="#888"/>'
            f'<circle cx="{x:.0f}" cy="{middle:.0f}" r="4"/>'
            f'<text x="{x + 8:.0f}" y="{middle + 4 + 14 * (len(marks) == 3):.0f}">{name}</text>'
        )
    euros = [
        f'<text x="{70 + 110 * math.log10(us / 0.3):.0f}" y="350">{us * PRICE / 3600:.5f}</text>'
        for us in (1, 10, 100, 1000)
    ]
    rights = [
        f'<text x="20" y="{334 - 300 * share:.0f}">{share}</text>' for share in (0, 0.5, 0.9, 1)
    ]
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 390" font-size="12">'
    axis = '<text x="250" y="375">EUR of CPU for a million answers, logarithmic</text>'
    return "\n".join([head, *rights, *euros, axis, *marks, "</svg>", ""])


TABLES = {
    "load": load_table,
    "demand": demand_table,
    "budget": budget_table,
    "ladder": ladder_table,
    "cost": cost_table,
    "growth": demand_growth_table,
    "report": report_table,
    "spread": spread_table,
}


def fill(text: str, found: dict[str, Any]) -> str:
    """Return a document with its tables written again."""
    return MARKED.sub(lambda part: f"{part[1]}\n{TABLES[part[2]](found)}\n{part[3]}", text)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seeds", action="store_true")
    options = parser.parse_args()
    if options.seeds:
        rows = list(spread())
        with SEEDS.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return
    found = figures()
    if not options.write:
        print(*(f"{name}\n\n{make(found)}" for name, make in TABLES.items()), sep="\n")
        return
    kept = {name: found[name] for name in ("load", "ladder", "errors")}
    text = json.dumps(kept, indent=1, ensure_ascii=False)
    FIGURES.write_text(f"{text}\n", encoding="utf-8")
    PLOT.write_text(plot(found), encoding="utf-8")
    for path in sorted(ROOT.glob("[!.]*/**/*.md")):
        text = path.read_text(encoding="utf-8")
        if MARKED.search(text):
            path.write_text(fill(text, found), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Evaluate the policy before it meets the world: `python -m evals.rl` writes reports/rl.json.

A log is collected, a policy learned on its earlier half and judged on its later half; then the
instruments are judged themselves, on the environment's table, where the truth is known.
`--study` tries the instruments more often and writes reports/rl/study.json.
`--defect GATE --out FILE` runs the variant in evals/_rl_parts.py that must miss that gate.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from quay_dispatch.digests import canonical, sha256
from quay_dispatch.intervals import bootstrap, clopper_pearson
from quay_dispatch.pictures import BLUE, INK, ORANGE, Chart
from quay_dispatch.reports import Artifact, Dataset, Report, Result
from quay_dispatch.rl import (
    drift,
    exact,
    learners,
    limits,
    ope,
    pictures,
    policies,
    rewards,
    rollout,
    shield,
)
from quay_dispatch.rl.environment import (
    WIND,
    Bools,
    Floats,
    Ints,
    Quay,
    Table,
    quay,
)
from quay_dispatch.rl.logs import Log, collect, halves, problems, simulate

from ._rl_parts import DEFECTS, Parts

PACKAGES = ["gymnasium", "numpy", "pyyaml", "scipy"]
SEED = 7
LOG, TABLE = "quay-log", "quay-table"
EPISODES = 1000
CARE = 0.6
STEP = 0.4
"""How far the candidate goes from who drove towards what was learned."""
BEYOND = 0.4
"""How far beyond the candidate a target goes that the log only just supports."""
RESAMPLES = 200
CANARY_EPISODES = 1000
STREAM = 1000
WINDOW = 300


@dataclass(frozen=True)
class Size:
    """How often the instruments are tried."""

    logs: int = 50
    narrow: int = 50
    streams: int = 5000
    windows: int = 100


STUDY = Size(logs=400, narrow=400, streams=20000, windows=400)


@dataclass(frozen=True)
class Bench:
    """What all measurements share: the table, who drove, who is to drive, and the limits."""

    parts: Parts
    size: Size
    table: Table
    permitted: Bools
    behaviour: Floats
    candidate: Floats
    belief: limits.OpeLimits
    ramp: limits.RolloutLimits


def share(metric: str, slice_: str, hits: int, n: int, unit: str = "group") -> Result:
    """A share of independent trials on the table, with its exact binomial interval."""
    return Result(metric, TABLE, slice_, hits / n, n, clopper_pearson(hits, n, unit=unit))


def counted(metric: str, slice_: str, value: float, n: int) -> Result:
    """What was counted over all n cases there are."""
    return Result(metric, TABLE, slice_, value, n, None)


def averaged(
    metric: str, slice_: str, values: Floats, against: str | None = None, unit: str = "group"
) -> Result:
    """The mean of one value for each trial, with its bootstrap interval over trials."""
    n, mean = len(values), float(values.mean())
    interval = bootstrap(
        lambda rows: float(values[rows].mean()), np.arange(n), unit=unit, seed=SEED
    )
    return Result(metric, TABLE, slice_, mean, n, interval, against)


def learned(log: Log, table: Table, permitted: Bools) -> Floats:
    """The candidate: from who drove, a step towards what the pessimistic learner would do."""
    towards = policies.greedy(learners.penalised_q(log, table, learners.PENALTY)[0])
    return shield.shielded(
        policies.mixed(learners.logged_behaviour(log, table), towards, STEP), permitted
    )


def evaluated(bench: Bench, log: Log) -> list[Result]:
    """The candidate on the later half of the log, and what decides whether to believe it."""
    found = ope.evaluate(
        log,
        bench.parts.target(bench.candidate),
        bench.table,
        resamples=bench.belief.resamples,
        seed=SEED,
        estimators={
            name: bench.parts.ips if name == "ips" else ope.ESTIMATORS[name]
            for name in bench.belief.estimators
        },
    )

    def result(metric: str, estimate: ope.Estimate, against: str | None = None) -> Result:
        interval = estimate.interval()
        return Result(metric, LOG, "later-half", estimate.point, found.episodes, interval, against)

    def fact(metric: str, value: float, n: int) -> Result:
        return Result(metric, LOG, "later-half", value, n, None)

    return [
        *(result(f"value-{name}", estimate) for name, estimate in found.values.items()),
        result("value-dr", found.uplift, "behaviour"),
        result("ess-ratio", found.ess_ratio),
        result("estimator-disagreement", found.disagreement),
        fact("largest-weight", found.largest_weight, found.episodes),
        fact("unsupported-steps", found.unsupported, len(log)),
        counted("true-value", "candidate", exact.value(bench.table, bench.candidate), 1),
        counted("true-value", "behaviour", exact.value(bench.table, bench.behaviour), 1),
    ]


def targets(bench: Bench) -> dict[str, tuple[str, Floats]]:
    """Policies that the estimators are tried on: name -> (slice, policy)."""

    def operator(care: float, along: int) -> Floats:
        return policies.operator(bench.permitted, care, along)

    return {
        "near": ("supported-targets", policies.mixed(bench.behaviour, bench.candidate, 0.5)),
        "candidate": ("supported-targets", bench.candidate),
        "beyond": (
            "supported-targets",
            policies.mixed(bench.candidate, policies.greedy(bench.candidate), BEYOND),
        ),
        "edge-route": ("unsupported-targets", operator(0.9, 2)),
        "far-route": ("unsupported-targets", operator(0.8, 0)),
        "a-bit-careless": ("worse-policies", operator(0.57, 1)),
        "careless": ("worse-policies", operator(0.5, 1)),
        "careless-far-route": ("worse-policies", operator(0.65, 0)),
    }


def repeated(bench: Bench, policy: Floats, seed: int) -> list[ope.Evaluation]:
    """The evaluations of `policy` on fresh logs of the behaviour."""
    return [
        ope.evaluate(
            simulate(bench.table, bench.behaviour, EPISODES, seed=seed + k),
            policy,
            bench.table,
            resamples=RESAMPLES,
            seed=seed + k,
            estimators={**ope.ESTIMATORS, "fqe": bench.parts.fqe},
        )
        for k in range(bench.size.logs)
    ]


@dataclass(frozen=True)
class Tried:
    """One target policy on many logs: whether each interval held the truth, and what was said."""

    slice: str
    truth: float
    found: list[ope.Evaluation]
    covered: dict[str, list[bool]]
    refused: list[bool]
    answers: list[str]

    @property
    def ess_ratio(self) -> float:
        return float(np.median([e.ess_ratio.point for e in self.found]))


def tried(bench: Bench, slice_: str, policy: Floats, seed: int) -> Tried:
    truth = exact.value(bench.table, policy)
    found = repeated(bench, policy, seed)

    def covers(estimate: ope.Estimate) -> bool:
        interval = bench.parts.interval(estimate)
        return interval.lower <= truth <= interval.upper

    return Tried(
        slice=slice_,
        truth=truth,
        found=found,
        covered={name: [covers(e.values[name]) for e in found] for name in ope.ESTIMATORS},
        refused=[bool(bench.parts.objections(e, bench.belief)) for e in found],
        answers=[bench.parts.decide(e, bench.belief) for e in found],
    )


def instruments(bench: Bench) -> tuple[list[Result], str]:
    """Whether intervals hold the exact value, and whether worse policies are ever let through."""
    all_tried = {
        name: tried(bench, slice_, policy, seed=SEED + 10_000 * number)
        for number, (name, (slice_, policy)) in enumerate(targets(bench).items(), start=1)
    }

    def within(slice_: str) -> list[Tried]:
        return [one for one in all_tried.values() if one.slice == slice_]

    admitted = [
        hit
        for one in within("supported-targets")
        for hit, refused in zip(one.covered["dr"], one.refused, strict=True)
        if not refused
    ]
    refusals = [refused for one in within("unsupported-targets") for refused in one.refused]
    worse = [answer for one in within("worse-policies") for answer in one.answers]
    candidate = all_tried["candidate"]
    errors = np.array([abs(e.values["fqe"].point - candidate.truth) for e in candidate.found])
    results = [
        share("coverage-dr", "supported-targets", sum(admitted), len(admitted)),
        share("refused", "unsupported-targets", sum(refusals), len(refusals)),
        share("false-go", "worse-policies", worse.count("go"), len(worse)),
        averaged("fqe-error", "supported-targets", errors),
    ]
    for name, one in all_tried.items():
        n = len(one.found)
        results.append(counted("true-value", f"target-{name}", one.truth, 1))
        results.append(counted("median-ess-ratio", f"target-{name}", one.ess_ratio, n))
        for method, hits in one.covered.items():
            results.append(share(f"coverage-{method}", f"target-{name}", sum(hits), n))
        results.append(share("refused", f"target-{name}", sum(one.refused), n))
        results.append(share("go", f"target-{name}", one.answers.count("go"), n))
    return results, coverage_table(all_tried, bench.size.logs)


def coverage_table(all_tried: dict[str, Tried], logs: int) -> str:
    """The picture of `instruments`: one row for each target policy."""
    rows = []
    for name, one in all_tried.items():
        shares = [np.mean(hits) for hits in (*one.covered.values(), one.refused)]
        go = one.answers.count("go") / logs
        numbers = [f"{number:.2f}" for number in (one.ess_ratio, *shares, go)]
        rows.append([name, f"{one.truth:.3f}", *numbers])
    header = ["target policy", "exact value", "ESS ratio", *ope.ESTIMATORS, "refused", "go"]
    title = f"Share of 95 % intervals that hold the exact value, over {logs} logs for each target"
    return pictures.table(title, header, rows)


def narrow_logs(bench: Bench) -> list[Result]:
    """Learners on short logs of a driver who tries almost nothing else, by exact value."""
    careful = policies.operator(bench.permitted, 0.97)
    names = ("pessimistic", "plain-q", "behaviour-cloning")
    values: dict[str, list[float]] = {name: [] for name in names}
    worst: dict[str, list[float]] = {name: [] for name in names}
    for k in range(bench.size.narrow):
        seed = SEED + 90_000 + k
        log = simulate(bench.table, careful, 200, seed=seed)
        learners_ = {
            "pessimistic": policies.greedy(
                learners.penalised_q(log, bench.table, bench.parts.penalty)[0]
            ),
            "plain-q": policies.greedy(learners.penalised_q(log, bench.table, 0.0)[0]),
            "behaviour-cloning": learners.cloned(log, bench.table),
        }
        for name, policy in learners_.items():
            values[name].append(exact.value(bench.table, policy))
            worst[name].append(worst_returns(bench.table, policy, seed))
    earned = {name: np.array(column) for name, column in values.items()}
    ours = earned["pessimistic"]
    return [
        averaged("learner-value", "narrow-logs", ours),
        averaged("learner-value", "narrow-logs", ours - earned["plain-q"], "plain-q"),
        averaged("learner-value", "narrow-logs", ours - earned["behaviour-cloning"], "cloning"),
        *(averaged("worst-5-percent", f"learner-{name}", np.array(worst[name])) for name in names),
    ]


def worst_returns(table: Table, policy: Floats, seed: int) -> float:
    """The mean return of the worst 5 % of 400 episodes: where falls are, the mean hides them."""
    earned = np.sort(drift.returns(simulate(table, policy, 400, seed=seed), table))
    return float(earned[: len(earned) // 20].mean())


def reward_checks(bench: Bench) -> list[Result]:
    """The shaping by its loops and its optimum, and the rewards that could be gamed."""
    table, parts = bench.table, bench.parts
    shape = parts.shaping(table)
    loops, gaining = rewards.loops(table, shape)
    choices, changed = rewards.changed_choices(table, shape)
    best = policies.greedy(exact.optimal(table))
    drivers = [
        policies.operator(bench.permitted, care, along)
        for care in (0.0, 0.3, 0.5, 0.7, 0.9, 1.0)
        for along in (0, 1, 2)
    ]
    proxies = rewards.proxies(table)
    flagged = [
        parts.gamed(table, paid, rewards.exploit(table, paid), best) for paid in proxies.values()
    ]
    shaped = table.reward + rewards.shaping(table).bonus
    honest = [parts.gamed_honest(table, shaped, driver, bench.behaviour) for driver in drivers]
    ranks = {name: rewards.rank_agreement(table, paid, drivers) for name, paid in proxies.items()}
    return [
        counted("gaining-loops", "every-loop", gaining, loops),
        counted("changed-choices", "every-choice", changed, choices),
        counted("exploits-flagged", "counter-examples", float(np.mean(flagged)), len(flagged)),
        counted("honest-flagged", "honest-policies", sum(honest), len(honest)),
        counted(
            "rank-agreement",
            "honest-policies",
            rewards.rank_agreement(table, parts.trained(table), drivers),
            len(drivers),
        ),
        *(counted("rank-agreement", name, rank, len(drivers)) for name, rank in ranks.items()),
    ]


def shield_checks(bench: Bench) -> list[Result]:
    """Each listed pair is tried by a policy that wants nothing else; the list is compared too."""
    permitted = shield.allowed(bench.table, bench.parts.blocked)
    stopped = 0
    for state, action in shield.UNSAFE:
        wants = np.eye(bench.table.actions)[np.full(bench.table.states, action)]
        stopped += int(shield.shielded(wants, permitted)[state, action] == 0)
    unlisted = len(shield.missing(quay(bench.parts.storm)))
    pairs = bench.table.states * bench.table.actions
    n = len(shield.UNSAFE)
    return [
        counted("shield-blocked", "unsafe-pairs", stopped / n, n),
        counted("shield-unlisted", "every-pair", unlisted, pairs),
    ]


def canary(bench: Bench) -> list[Result]:
    """The candidate through the ramp of the runbook, in gymnasium, behind the shield."""
    ceiling = bench.ramp.violation_ceiling if bench.parts.switch_connected else 0.999
    env = shield.Shield(Quay(quay(bench.parts.canary_wind)), bench.permitted)
    went = rollout.run_canary(
        env,
        bench.parts.canary(bench.candidate),
        rollout.KillSwitch(ceiling, bench.ramp.alpha),
        weights=bench.ramp.weights,
        episodes=CANARY_EPISODES,
        seed=SEED,
    )
    n, fell = len(went.violated), int(went.violated.sum())
    return [
        share("violation-rate", "canary", fell, n, unit="episode"),
        averaged("exploration", "canary", went.exploring, unit="episode"),
        counted("ramp-reached", "canary", went.weights[-1], n),
        counted("budget-spent", "canary", fell / went.budget, n),
    ]


def kill_switch(bench: Bench) -> tuple[list[Result], str]:
    """False trips at the ceiling and delay over it, with the naive rule for comparison."""
    ceiling, parts = bench.ramp.violation_ceiling, bench.parts
    switch = rollout.KillSwitch(ceiling, bench.ramp.alpha, parts.bets)
    generator = np.random.default_rng(SEED)

    def streams(rate: float, n: int) -> Bools:
        return np.asarray(generator.random((n, STREAM)) < rate)

    n = bench.size.streams
    at, half = streams(ceiling, n), streams(ceiling / 2, n)
    trips = parts.tripped(at, switch)
    naive, naive_half = rollout.rate_rule(at, ceiling), rollout.rate_rule(half, ceiling)
    results = [
        share("kill-false-trip", "streams-at-ceiling", int(trips[:, -1].sum()), n),
        share("naive-false-trip", "streams-at-ceiling", int(naive[:, -1].sum()), n),
        share("naive-false-trip", "streams-at-half-ceiling", int(naive_half[:, -1].sum()), n),
    ]
    lines = {"kill-switch, at the ceiling": trips.mean(axis=0)}
    lines["naive rule, at the ceiling"] = naive.mean(axis=0)
    lines["naive rule, at half of it"] = naive_half.mean(axis=0)
    for times in (2, 4):
        over = switch.trips(streams(ceiling * times, n // 5))
        lines[f"kill-switch, at {times} x the ceiling"] = over.mean(axis=0)
        results.append(_delay(over, f"streams-at-{times}x-ceiling"))
    return results, stopped_picture(ceiling, lines)


def stopped_picture(ceiling: float, lines: dict[str, Floats]) -> str:
    """The share of canaries stopped by each episode, a line for each rule and true rate."""
    chart = Chart(
        f"Canaries stopped, ceiling {ceiling:g}",
        x=(0, STREAM),
        y=(0, 1),
        x_label="episodes of the new policy",
        y_label="share",
    )
    chart.ticks_x(range(0, STREAM + 1, 250))
    chart.ticks_y((0, 0.5, 1), ("0", "0.5", "1"))
    styles = ((BLUE, False), (ORANGE, False), (ORANGE, True), (BLUE, True), (INK, False))
    for i, (name, shares) in enumerate(lines.items()):
        colour, dashed = styles[i]
        chart.line([(t + 1, shares[t]) for t in range(0, STREAM, 10)], colour=colour, dashed=dashed)
        height = 0.82 - 0.08 * i
        chart.line([(520, height), (580, height)], colour=colour, dashed=dashed)
        chart.note(595, height - 0.01, name)
    return chart.svg()


def _delay(tripped: Bools, slice_: str) -> Result:
    """The episode by which 95 % of the streams have tripped; the length of one that has not."""
    delays = np.where(tripped[:, -1], tripped.argmax(axis=1) + 1.0, tripped.shape[1])

    def late(rows: Ints) -> float:
        return float(np.percentile(delays[rows], 95))

    groups = np.arange(len(delays))
    interval = bootstrap(late, groups, unit="group", seed=SEED)
    return Result("kill-delay", TABLE, slice_, late(groups), len(delays), interval)


def drift_checks(bench: Bench) -> list[Result]:
    """Monitors on windows of the same policy, of eight times the wind, and of another driver."""
    table, n = bench.table, bench.size.windows
    reference = simulate(table, bench.candidate, EPISODES, seed=SEED)

    def windows(world: Table, policy: Floats, seed: int) -> list[Log]:
        return [simulate(world, policy, WINDOW, seed=seed + k) for k in range(n)]

    clean = windows(table, bench.candidate, 50_000)
    wind = windows(quay(8 * WIND), bench.candidate, 60_000)
    driver = windows(table, bench.behaviour, 70_000)
    alarms = [bool(bench.parts.drifted_clean(reference, log, table)) for log in clean]
    found = [bool(bench.parts.drifted_moved(reference, log, table)) for log in wind + driver]
    return [
        share("log-drift-alarms", "clean-windows", sum(alarms), len(alarms)),
        share("log-drift-found", "moved-windows", sum(found), len(found)),
    ]


@dataclass(frozen=True)
class Done:
    """A run: the report, the pictures by name, and the candidate as it is written down."""

    report: Report
    pictures: dict[str, str]
    policy: dict[str, Any]


def measure(parts: Parts, size: Size) -> Done:
    """Collect the log, learn on its earlier half, and measure everything."""
    table = quay()
    permitted = shield.allowed(table)
    behaviour = policies.operator(permitted, CARE)
    collected = collect(Quay(table), behaviour, 2 * EPISODES, seed=SEED)
    log = parts.read(collected)
    early, late = halves(log)
    bench = Bench(
        parts=parts,
        size=size,
        table=table,
        permitted=permitted,
        behaviour=behaviour,
        candidate=learned(early, table, permitted),
        belief=limits.ope_limits(),
        ramp=limits.rollout_limits(),
    )
    covered, coverage_picture = instruments(bench)
    switched, switch_picture = kill_switch(bench)
    report = Report("rl", SEED)
    report.datasets = [
        Dataset(LOG, collected.digest(), len(collected)),
        Dataset(TABLE, sha256(table.content()), table.states * table.actions),
    ]
    report.artifacts = artifacts(bench, collected)
    report.results = [
        Result("log-problems", LOG, "every-step", len(problems(log, table.states)), len(log), None),
        *evaluated(bench, late),
        *covered,
        *narrow_logs(bench),
        *reward_checks(bench),
        *shield_checks(bench),
        *canary(bench),
        *switched,
        *drift_checks(bench),
    ]
    drawn = {"coverage": coverage_picture, "kill-switch": switch_picture}
    return Done(report, drawn, policies.content(bench.candidate))


def artifacts(bench: Bench, log: Log) -> list[Artifact]:
    """What must move together: the policy, the reward and the environment; and the log."""
    policy = sha256(policies.content(bench.candidate))
    return [
        Artifact("policy", "quay-policy", policy, "reports/rl/policy.json"),
        Artifact("reward", "quay-reward", rewards.digest(bench.table)),
        Artifact("environment", "quay", sha256(bench.table.content())),
        Artifact("experience", LOG, log.digest()),
    ]


def main() -> None:
    """Write the report of the sound system, of a longer study, or of one broken on purpose."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    words.add_argument("--defect", choices=sorted(DEFECTS), help="run this broken variant")
    words.add_argument("--study", action="store_true", help="try the instruments more often")
    words.add_argument("--out", type=Path, help="where the report goes")
    words.add_argument("--out-dir", type=Path, default=Path("reports"))
    given = words.parse_args()
    if given.defect:
        if not given.out:
            words.error("--defect needs --out, so that it never replaces the real report")
        command = f"python -m evals.rl --defect {given.defect}"
        measure(DEFECTS[given.defect], Size()).report.write(
            given.out, command=command, packages=PACKAGES
        )
        return
    folder: Path = given.out_dir
    out: Path = given.out or folder / ("rl/study.json" if given.study else "rl.json")
    done = measure(Parts(), STUDY if given.study else Size())
    command = "python -m evals.rl --study" if given.study else "python -m evals.rl"
    done.report.write(out, command=command, packages=PACKAGES)
    prefix = "rl/study" if given.study else "rl"
    for name, picture in done.pictures.items():
        (folder / f"{prefix}-{name}.svg").write_text(picture, encoding="utf-8")
    if not given.study:
        (folder / "rl").mkdir(exist_ok=True)
        (folder / "rl/policy.json").write_bytes(canonical(done.policy) + b"\n")


if __name__ == "__main__":
    main()

"""The numbers of the study behind the release: `python evidence/study.py`, in the whole repository.

Exact values are by dynamic programming on the simulator's quay; estimates are on the later half of
data/log.csv. With a folder as argument it also writes the three tables that people read.
"""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from mlcharter.evals import fitted, logs, ope

from quay_dispatch.rewards import PAYS, ROWS, best, exact, fell
from quay_dispatch.rl import learn, policy, simulator
from quay_dispatch.rl.simulator import Driver
from scipy import stats

def mixed(now: Driver, towards: Driver, step: float) -> Driver:
    return {
        cell: {
            move: (1 - step) * now[cell].get(move, 0) + step * towards.get(cell, now[cell]).get(move, 0)
            for move in simulator.MOVES
        }
        for cell in simulator.CELLS
    }


def chosen(actions: dict[str, int]) -> Driver:
    """A table of what a learner chose, by its names of cells."""
    return {
        (int(name[1]), int(name[3])): {policy.ACTIONS[action]: 1.0}
        for name, action in actions.items()
    }


def chances(table: Driver, states: pd.DataFrame) -> Any:
    rows = [table.get((int(c[1]), int(c[3])), {}) for c in states["cell"]]
    return np.array([[row.get(move, 0.0) for move in policy.ACTIONS] for row in rows])


def returns(table: Driver, trips: int, seed: int) -> pd.DataFrame:
    """Simulated trips: moves, return, how they ended and where."""
    log = pd.DataFrame(simulator.rows(table, trips, seed))
    log["earned"] = log["reward"] * simulator.GAMMA ** log["step"]
    last = log.groupby("episode").last()
    found = pd.DataFrame({"moves": last["step"] + 1, "return": log.groupby("episode")["earned"].sum()})
    ends = np.where(last["violation"] == 1, "fell", np.where(last["terminated"] == 1, "arrived", "cut"))
    return found.assign(ends=ends, last_cell=last["cell"], last_move=last["action"])


def estimate(log: logs.Log, table: Driver) -> str:
    target = chances(table, log.states)
    seen = log.as_seen_by(target, **fitted.cross_fitted(log, target, discount=simulator.GAMMA))
    value = ope.value(seen, "dr", discount=simulator.GAMMA, seed=7)
    ratio = ope.support(seen, seed=7).ess_ratio
    return f"{value.value:.3f} [{value.lower:.3f}, {value.upper:.3f}] | {ratio.value:.2f} | {ratio.lower:.2f}"


def ladder(early: logs.Log, later: logs.Log) -> dict[str, Driver]:
    """Print a row for each policy: estimate, ESS ratio, exact value, falls, worst twentieth."""
    now = simulator.driver()
    seen = early.table.groupby(["cell", "action"]).size().unstack(fill_value=0)
    shares = seen.div(seen.sum(axis=1), axis=0)
    cloned = {(int(c[1]), int(c[3])): dict(shares.loc[c]) for c in shares.index}
    pessimist = chosen(learn.penalised_best(early.table))
    plain = chosen(learn.penalised_best(early.table, penalty=0.0))
    rows = {
        "any permitted move": simulator.driver(care=0.0),
        "route program": now,
        "behaviour cloning": {**now, **cloned},
        "candidate": mixed(now, pessimist, learn.STEP),
        "step of 0.4": mixed(now, pessimist, 0.4),
        "step of 0.6": mixed(now, pessimist, 0.6),
        "route program without random moves": simulator.driver(care=1.0),
        "plain, greedy": {**now, **plain},
        "pessimistic, greedy": {**now, **pessimist},
        "best": {**now, **best()},
    }
    for name, table in rows.items():
        trips = returns(table, 400, 1)["return"].sort_values()
        print(
            f"| {name} | {estimate(later, table)} | {exact(table):.3f} "
            f"| {exact(table, fell, gamma=1.0):.4f} | {trips[:20].mean():.3f} |"
        )
    return rows


def seeds() -> list[dict[str, Any]]:
    """Eight logs, each with a learner of its own."""
    found = []
    for seed in range(7, 15):
        table = pd.DataFrame(simulator.rows(simulator.driver(), simulator.EPISODES, seed))
        early, later = logs.Log(table, policy.ACTIONS).split(0.5)
        served = mixed(simulator.driver(), chosen(learn.penalised_best(early.table)), learn.STEP)
        target = chances(served, later.states)
        seen = later.as_seen_by(target, **fitted.cross_fitted(later, target, discount=0.98))
        gain = ope.value(seen, "dr", discount=0.98, seed=7, against_behaviour=True)
        support = ope.support(seen, seed=7)
        more = exact(served) - exact(simulator.driver())
        found.append(
            {
                "seed": seed,
                "uplift": f"{gain.value:.4f}",
                "lower95": f"{gain.lower:.4f}",
                "ess_ratio": f"{support.ess_ratio.value:.3f}",
                "largest_weight": f"{support.largest_weight:.1f}",
                "exact_uplift": f"{more:.4f}",
                "decision": "go" if gain.lower >= 0.02 else "no-go",
            }
        )
    return found


def fitted_q(log: logs.Log, table: Driver) -> float:
    """The mean value of the first state of a trip, by the fitted Q of the other half."""
    target = chances(table, log.states)
    values = fitted.cross_fitted(log, target, discount=simulator.GAMMA)["v"]
    return float(values[log.first].mean())


def by_cell(log: logs.Log, table: Driver) -> list[dict[str, Any]]:
    """Of each cell: visits, the least taken permitted move, ESS ratio, moves that are outside.

    The ESS ratio is that of the weights of single moves, over the visits.
    """
    found = []
    target = chances(table, log.states)
    weight = target[np.arange(len(target)), log.action] / log.table["propensity"].to_numpy()
    outside = log.unsupported(target)
    for name, rows in log.table.groupby("cell"):
        moves = rows["allowed"].iloc[0].split()
        shares = [(rows["action"] == move).mean() for move in moves]
        here = (log.table["cell"] == name).to_numpy()
        ratio = weight[here].sum() ** 2 / (weight[here] ** 2).sum() / len(rows)
        found.append(
            {
                "cell": name,
                "visits": len(rows),
                "least_taken_share": f"{min(shares):.3f}",
                "ess_ratio": f"{ratio:.3f}",
                "outside_share": f"{outside[here].mean():.3f}",
            }
        )
    return found


def entropy(table: Driver) -> float:
    each = [-sum(p * np.log(p) for p in table[cell].values() if p > 0) for cell in ROWS]
    return float(np.mean(each))


def rewards() -> None:
    """Print what the best policy for each reward earns by it and by today's, and its rank."""
    honest = best()
    for name, pays in PAYS.items():
        cheat = best(pays)
        print(
            f"{name}: earns {exact(cheat, pays):.3f}, the honest best {exact(honest, pays):.3f}; "
            f"is worth {exact(cheat):.3f} of {exact(honest):.3f}"
        )
    drivers = [simulator.driver(care / 10, along) for care in range(4, 10) for along in (0, 1, 2)]
    wanted = [
        exact(one, lambda before, after, reward: float(after == simulator.CRANE), gamma=1.0, moves=9)
        for one in drivers
    ]
    for name, pays in PAYS.items():
        earned = [exact(one, pays) for one in drivers]
        rank = float(stats.spearmanr(earned, wanted).statistic)
        drawn = np.random.default_rng(7).integers(0, 18, (2000, 18))
        each = [stats.spearmanr(np.array(earned)[d], np.array(wanted)[d]).statistic for d in drawn]
        low, high = np.quantile(each, [0.025, 0.975])
        print(f"{name}: rank correlation with arrivals {rank:.3f} [{low:.3f}, {high:.3f}]")


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    rewards()
    early, later = logs.Log(logs.load("data/log.csv"), policy.ACTIONS).split(0.5)
    rows = ladder(early, later)
    served, now = rows["candidate"], rows["route program"]
    for wind in (0.0, 0.01, 0.03, 0.08):
        falls = exact(served, fell, wind, 1.0)
        print(f"wind {wind}: {exact(served, wind=wind):.3f}, {exact(now, wind=wind):.3f}, falls {falls:.3f}")
    print(f"fitted Q of the candidate: {fitted_q(later, served):.3f}")
    print(f"entropy {entropy(served):.2f}, {entropy(now):.2f}")
    spread = seeds()
    gains = np.array([float(row["uplift"]) for row in spread])
    print(f"seeds: sd {gains.std(ddof=1):.4f}, least {min(row['lower95'] for row in spread)}")
    cells = by_cell(later, served)
    trips = returns(served, 1000, 1).sort_values(["return", "moves"])
    print(trips["ends"].value_counts().to_dict(), trips[:30]["ends"].value_counts().to_dict())
    print(f"best paid: {trips['return'].max():.3f}")
    worst = trips[:30].reset_index().rename(columns={"episode": "trip"})
    print(worst.groupby(["ends", "last_cell", "moves"]).size().to_string())
    if len(sys.argv) > 1:
        folder = Path(sys.argv[1])
        write(folder / "seed-spread-2026-11.csv", spread)
        write(folder / "log-by-cell-2026-11.csv", cells)
        worst["return"] = worst["return"].map("{:.3f}".format)
        write(folder / "trips-read-2026-11.csv", worst.to_dict("records"))
    print(json.dumps(cells))


if __name__ == "__main__":
    main()

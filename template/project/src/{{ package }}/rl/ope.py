"""What a policy would earn, from the log of another one, and whether that may be believed.

Estimators of the expected discounted return, all per decision:
ips, importance sampling; snips, the same with weights that add up to one at every step;
dr, doubly robust; wdr, the same with such weights; fqe, fitted Q evaluation.
dr and wdr use a Q that was fitted on the other half of the episodes.

Q is a table with one entry per (state, action): the least-squares fit is then the mean, and
fqe is dynamic programming on the observed frequencies. With a function approximator fqe has a
bias that the tests here do not show.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ..intervals import LEVEL, Interval
from .environment import Floats, Table
from .limits import OpeLimits
from .logs import Log


@dataclass(frozen=True)
class Trajectories:
    """A log seen by a target policy, as arrays over n episodes and H steps, padded after the end.

    `weight` (n, H) is the product of target / behaviour up to each step, `reward` (n, H),
    `start` (n,) the fitted value of the first state, `error` (n, H) what each step brought over
    its fitted Q, `discount` (H,). `unsupported` counts steps where the target may do what the
    behaviour could not; the weights cannot show that.
    `made` and `paid` are the sums of each episode, see `counts`.
    """

    weight: Floats
    reward: Floats
    start: Floats
    error: Floats
    discount: Floats
    unsupported: int
    made: sparse.csr_array
    paid: sparse.csr_array


@dataclass(frozen=True)
class Problem:
    """A log, a target and the table that gives both their shape."""

    seen: Trajectories
    policy: Floats
    table: Table


def ips(problem: Problem, drawn: Floats) -> Floats:
    seen = problem.seen
    return np.asarray(_mean(seen.weight * seen.reward @ seen.discount, drawn))


def snips(problem: Problem, drawn: Floats) -> Floats:
    seen = problem.seen
    steps = (drawn @ (seen.weight * seen.reward)) / (drawn @ seen.weight)
    return np.asarray(steps @ seen.discount)


def dr(problem: Problem, drawn: Floats) -> Floats:
    seen = problem.seen
    return _mean(seen.start + seen.weight * seen.error @ seen.discount, drawn)


def wdr(problem: Problem, drawn: Floats) -> Floats:
    seen = problem.seen
    steps = (drawn @ (seen.weight * seen.error)) / (drawn @ seen.weight)
    return np.asarray(_mean(seen.start, drawn) + steps @ seen.discount)


def fqe(problem: Problem, drawn: Floats) -> Floats:
    """The value of the first state only, which needs no Q: cheap enough to be resampled."""
    seen, policy, table = problem.seen, problem.policy, problem.table
    chance, reward = observed(drawn @ seen.made, drawn @ seen.paid, table)
    moves = np.einsum("sa,bsan->bsn", policy, chance)
    earned = np.einsum("sa,bsa->bs", policy, reward)
    later = np.zeros((len(drawn), table.states))
    for _ in range(table.horizon):
        future = np.where(table.terminal, 0.0, later)
        later = earned + table.gamma * np.matmul(moves, future[:, :, None])[:, :, 0]
    return np.asarray(later[:, table.start])


Estimator = Callable[[Problem, Floats], Floats]
ESTIMATORS: dict[str, Estimator] = {"ips": ips, "snips": snips, "dr": dr, "wdr": wdr, "fqe": fqe}
"""Each takes how often every episode was drawn, (B, n), and returns B estimates."""


def _mean(values: Floats, drawn: Floats) -> Floats:
    return np.asarray(drawn @ values / drawn.sum(axis=1))


def observed(made: Floats, paid: Floats, table: Table) -> tuple[Floats, Floats]:
    """Frequencies (B, S, A, S) and mean rewards (B, S, A), of B sets of sums as in `counts`."""
    pairs = (len(made), table.states, table.actions)
    sums = np.ascontiguousarray(made).reshape(*pairs, table.states)
    seen = np.maximum(sums.sum(axis=3), 1)
    return sums / seen[:, :, :, None], np.ascontiguousarray(paid).reshape(pairs) / seen


def fitted_q(made: Floats, paid: Floats, policy: Floats, table: Table) -> Floats:
    """FQE: Q (B, H, S, A) of `policy` from B sets of sums; a pair never seen is worth 0."""
    chance, reward = observed(made, paid, table)
    stages = np.empty((len(made), table.horizon, table.states, table.actions))
    later = np.zeros((len(made), table.states))
    for step in reversed(range(table.horizon)):
        future = np.where(table.terminal, 0.0, later)
        stages[:, step] = reward + table.gamma * np.einsum("bsan,bn->bsa", chance, future)
        later = (stages[:, step] * policy).sum(axis=2)
    return stages


def counts(log: Log, table: Table) -> tuple[sparse.csr_array, sparse.csr_array]:
    """How often each episode made each (s, a, s'), (n, S*A*S), and earned at (s, a), (n, S*A)."""
    row = np.unique(log.episode, return_inverse=True)[1]
    pair = log.state * table.actions + log.action
    episodes, pairs = int(row.max()) + 1, table.states * table.actions
    cell = pair * table.states + log.next_state
    cells = pairs * table.states
    made = sparse.csr_array((np.ones(len(log)), (row, cell)), shape=(episodes, cells))
    return made, sparse.csr_array((log.reward, (row, pair)), shape=(episodes, pairs))


def trajectories(log: Log, policy: Floats, table: Table) -> Trajectories:
    """The log as arrays for `policy`, with Q from the other half of the episodes (odd and even)."""
    row = np.unique(log.episode, return_inverse=True)[1]
    made, paid = counts(log, table)
    n = made.shape[0]
    half = np.arange(n) % 2
    other = np.stack([half != 0, half != 1]).astype(float)
    stages = fitted_q(other @ made, other @ paid, policy, table)
    values = np.concatenate([(stages * policy).sum(axis=3), np.zeros((2, 1, table.states))], axis=1)
    ratio, reward, error = np.ones((n, table.horizon)), *np.zeros((2, n, table.horizon))
    ratio[row, log.step] = policy[log.state, log.action] / log.propensity
    reward[row, log.step] = log.reward
    fold = half[row]
    after = values[fold, log.step + 1, log.next_state] * ~log.terminated
    fitted = stages[fold, log.step, log.state, log.action]
    error[row, log.step] = log.reward + table.gamma * after - fitted
    unsupported = ((policy[log.state] > 0) & (log.behaviour == 0)).any(axis=1).sum()
    return Trajectories(
        weight=ratio.cumprod(axis=1),
        reward=reward,
        start=values[half, 0, table.start],
        error=error,
        discount=np.power(table.gamma, np.arange(table.horizon, dtype=np.float64)),
        unsupported=int(unsupported),
        made=made,
        paid=paid,
    )


@dataclass(frozen=True)
class Estimate:
    """A point and its bootstrap values (B,), all from the same resamples of whole episodes."""

    point: float
    resampled: Floats

    def interval(self) -> Interval:
        """The percentile interval; of width 0 where the log says nothing, which is no support."""
        tail = 100 * (1 - LEVEL) / 2
        lower, upper = np.percentile(self.resampled, [tail, 100 - tail])
        return Interval(float(lower), float(upper), "bootstrap", "episode")


@dataclass(frozen=True)
class Evaluation:
    """A target policy on one log: `uplift` is dr minus what the same episodes really earned.

    `largest_weight` is that of any episode up to any step: a weight that later falls has counted.
    """

    values: dict[str, Estimate]
    uplift: Estimate
    ess_ratio: Estimate
    disagreement: Estimate
    largest_weight: float
    unsupported: int
    episodes: int


def evaluate(
    log: Log,
    policy: Floats,
    table: Table,
    *,
    resamples: int,
    seed: int,
    estimators: dict[str, Estimator] = ESTIMATORS,
) -> Evaluation:
    """Estimate the value of `policy` by all `estimators`, with one bootstrap over episodes.

    Where no episode of a resample has any weight, an estimate is not a number, and `objections`
    refuses it.
    """
    seen = trajectories(log, policy, table)
    n = len(seen.weight)
    drawn = np.concatenate([np.ones((1, n)), resampled(n, resamples, seed)])
    problem = Problem(seen, policy, table)
    total = seen.weight[:, -1]
    with np.errstate(invalid="ignore"):
        values = {name: estimator(problem, drawn) for name, estimator in estimators.items()}
        ess = (drawn @ total) ** 2 / (drawn @ total**2) / n
    spread = np.ptp(np.stack(list(values.values())), axis=0)
    earned = _mean(seen.reward @ seen.discount, drawn)

    def estimate(all_values: Floats) -> Estimate:
        return Estimate(float(all_values[0]), all_values[1:])

    return Evaluation(
        values={name: estimate(value) for name, value in values.items()},
        uplift=estimate(values["dr"] - earned),
        ess_ratio=estimate(ess),
        disagreement=estimate(spread),
        largest_weight=float(seen.weight.max()),
        unsupported=seen.unsupported,
        episodes=n,
    )


def resampled(n: int, resamples: int, seed: int) -> Floats:
    """How often each of n episodes was drawn, (B, n), in B draws of n with replacement."""
    drawn = np.random.default_rng(seed).integers(0, n, (resamples, n))
    cells = (drawn + n * np.arange(resamples)[:, None]).ravel()
    return np.bincount(cells, minlength=resamples * n).reshape(resamples, n).astype(np.float64)


def objections(evaluation: Evaluation, limits: OpeLimits) -> list[str]:
    """Why the log does not support the estimate; an empty list if it is admissible.

    A ratio of effective sample size below the limit, or weights of 0 everywhere, give intervals
    that look sure and are wrong: the answer is then "insufficient support", never "go".
    Ratio and disagreement are judged on their bounds, as `mlcharter gate` does.
    """
    ess, disagreement = evaluation.ess_ratio.interval(), evaluation.disagreement.interval()
    checks = {
        "ess ratio": not ess.lower >= limits.min_ess_ratio,
        "largest weight": not evaluation.largest_weight <= limits.max_weight,
        "estimators disagree": not disagreement.upper <= limits.max_disagreement,
        "interval of width 0": any(
            not e.interval().upper > e.interval().lower for e in evaluation.values.values()
        ),
        "actions without support": evaluation.unsupported > 0,
    }
    return [name for name, failed in checks.items() if failed]


def decide(evaluation: Evaluation, limits: OpeLimits) -> str:
    """`go`, `no-go` or `insufficient support`; only the first one lets a canary begin."""
    if objections(evaluation, limits):
        return "insufficient support"
    return "go" if evaluation.uplift.interval().lower >= limits.go_threshold else "no-go"

"""Several agents: how far a population is from being beaten, and how different its members are.

A zero-sum matrix game, payoffs (m, k) to the row player. Self-play alone runs in circles, so a
policy is judged by its exploitability against best responses, never by its last opponent.
Put the payoffs of your own agents, measured on frozen opponents, in place of the game here.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

ROCK_PAPER_SCISSORS = np.array([[0.0, -1.0, 2.0], [1.0, 0.0, -1.0], [-2.0, 1.0, 0.0]])
"""Rock beats scissors for two: the equilibrium is (1, 2, 1) / 4 and not the even mixture."""


def exploitability(payoff: Floats, row: Floats, column: Floats) -> float:
    """What best responses to the strategies `row` (m,) and `column` (k,) win together; >= 0."""
    return float((payoff @ column).max() - (row @ payoff).min())


def fictitious_play(payoff: Floats, rounds: int) -> tuple[Floats, Floats]:
    """The mean strategies after `rounds` best responses to each other's past."""
    counts = [np.zeros(size) for size in payoff.shape]
    counts[0][0] = counts[1][0] = 1.0
    for _ in range(rounds - 1):
        row, column = (payoff @ counts[1]).argmax(), (counts[0] @ payoff).argmin()
        counts[0][row] += 1
        counts[1][column] += 1
    return counts[0] / rounds, counts[1] / rounds


def last_responses(payoff: Floats, rounds: int) -> tuple[Floats, Floats]:
    """The pure strategies after `rounds` of best responses to the last opponent alone."""
    row, column = 0, 0
    for _ in range(rounds - 1):
        row, column = int(payoff[:, column].argmax()), int(payoff[row].argmin())
    return np.eye(len(payoff))[row], np.eye(payoff.shape[1])[column]


def worst_payoff(payoff: Floats, row: Floats, opponents: Floats) -> float:
    """What `row` (m,) earns from the frozen opponent (n, k) that suits it least."""
    return float((row @ payoff @ opponents.T).min())


def population(payoff: Floats, size: int, *, seed: int, spread: float = 0.3) -> Floats:
    """`size` strategies (size, m): each a best response to the mean of those before it.

    `spread` mixes in a random strategy, so that members that play the same move still differ.
    """
    generator = np.random.default_rng(seed)
    members = [generator.dirichlet(np.ones(len(payoff)))]
    while len(members) < size:
        opponent = np.mean(members, axis=0)
        best = np.eye(len(payoff))[(payoff @ opponent).argmax()]
        members.append((1 - spread) * best + spread * generator.dirichlet(np.ones(len(payoff))))
    return np.array(members)


def diversity(members: Floats) -> float:
    """The effective number of different strategies in `members` (n, m), from 1 to min(n, m).

    The exponential of the entropy of the eigenvalues of their cosine similarities.
    """
    unit = members / np.linalg.norm(members, axis=1, keepdims=True)
    shares = np.linalg.eigvalsh(unit @ unit.T / len(unit))
    shares = shares[shares > 1e-12]
    return float(np.exp(-(shares * np.log(shares)).sum()))

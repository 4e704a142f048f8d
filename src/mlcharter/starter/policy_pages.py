"""Write the pages of code of a policy that is learned from a decision log."""

import json
from collections.abc import Mapping, Sequence

_POLICY = '''\
"""The policy: how probable each action is in a state. Write your own in its place.

It imitates the policy of the log, and goes a step from there to what earned more; policy.json has
what `python -m {package}.rl.learn` has learned. The eval judges `propensities`.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from . import shield

Floats = npt.NDArray[np.float64]
Policy = Callable[[pd.DataFrame], Floats]

ACTIONS: tuple[str, ...] = {actions}
FEATURES: dict[str, type] = {features}
"""What the policy sees of a state: columns of data/log.csv, with their types."""
DISCOUNT = {discount!r}
"""What a reward a step later is worth, of 1."""
SMOKE: dict[str, Any] = {smoke}
"""A state that a service asks about before it is ready."""
FILE = Path(__file__).with_name("policy.json")


def propensities(states: pd.DataFrame) -> Floats:
    """Return the probability of each action after the shield, shape (states, actions).

    `states` has the columns of FEATURES; each row of the result adds up to 1.
    """
    return load(FILE.read_bytes())(states)


def load(data: bytes, part: str = "policy") -> Policy:
    """Return the policy in the bytes of FILE, or with `part` "baseline" the imitation alone."""
    content = json.loads(data)
    if content["actions"] != list(ACTIONS):
        raise ValueError("the policy was made for other actions")
    step = content["step"] if part == "policy" else 0.0

    def policy(states: pd.DataFrame) -> Floats:
        x = encoded(states, content["columns"])
        permitted = shield.permitted(states, ACTIONS)
        chances = softmax(x @ np.array(content["imitation"]), permitted)
        values = np.where(permitted, x @ np.array(content["values"]), -np.inf)
        best = np.eye(len(ACTIONS))[values.argmax(axis=1)]
        return np.asarray((1 - step) * chances + step * best)

    return policy


def encoded(states: pd.DataFrame, columns: dict[str, Any]) -> Floats:
    """Return a constant, numbers by mean and scale, and texts as 0 and 1; a gap is the mean."""
    parts = [np.ones((len(states), 1))]
    for name, known in columns.items():
        if "values" in known:
            texts = states[name].astype(str).to_numpy()
            parts.append(np.array([texts == value for value in known["values"]]).T)
        else:
            numbers = states[name].to_numpy(dtype=np.float64, na_value=np.nan)
            parts.append(np.nan_to_num((numbers - known["mean"]) / known["scale"])[:, None])
    return np.hstack(parts)


def softmax(scores: Floats, permitted: shield.Bools) -> Floats:
    """Return probabilities of what is permitted, by scores of shape (states, actions)."""
    inside = np.where(permitted, scores, -np.inf)
    powers = np.exp(inside - inside.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
'''
LEARN = '''\
"""Learn policy.json from the earlier half of the log, whose later half judges the policy.

Two linear models of the state: one of what the policy of the log did, and one for each action of
the discounted reward that followed, which counts less the seldomer the log shows the action; what
it never shows is never done. If the log has violations, each one costs a price (a Lagrange
multiplier): the least one at which the policy violates no more often than the log.
Run it as a module, after the log or this page has changed.
"""

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from mlcharter.evals import logs, ope, risk
from scipy.optimize import minimize

from . import shield
from .policy import ACTIONS, DISCOUNT, FEATURES, FILE, Floats, encoded, load, softmax

STEP = 0.2
"""The probability that moves to the best action, over all decisions of an episode."""
PESSIMISM = 2.0
"""Standard errors by which the mean reward of an action counts less."""
NEVER = 1e4
"""The penalty of an action that the log never shows, in standard deviations or as a score."""
RIDGE = 1.0
MOST_VALUES = 20
"""Values of a text that count each on their own."""


def columns(states: pd.DataFrame) -> dict[str, Any]:
    """How each feature becomes numbers; the mask is for the shield."""
    found: dict[str, Any] = {}
    for name, kind in FEATURES.items():
        if name == "allowed":
            continue
        if kind is str:
            frequent = states[name].astype(str).value_counts().index[:MOST_VALUES]
            found[name] = {"values": sorted(frequent)}
        else:
            numbers = states[name].astype(float)
            found[name] = {"mean": numbers.mean(), "scale": numbers.std(ddof=0) or 1.0}
    return found


def returns(log: logs.Log, reward: Floats) -> Floats:
    """The discounted reward from each row to the end of its episode."""
    later, found = 0.0, np.zeros(len(log))
    for row in reversed(range(len(log))):
        ends = row + 1 == len(log) or log.first[row + 1]
        later = reward[row] + (0.0 if ends else DISCOUNT * later)
        found[row] = later
    return found


def imitation(x: Floats, action: npt.NDArray[np.intp], permitted: shield.Bools) -> Floats:
    """The weights of a multinomial logistic model of the action, shape (inputs, actions)."""
    shape, taken = (x.shape[1], len(ACTIONS)), np.eye(len(ACTIONS))[action]

    def loss(flat: Floats) -> tuple[float, Floats]:
        chances = softmax(x @ flat.reshape(shape), permitted)
        likelihood = np.log(np.maximum((chances * taken).sum(axis=1), 1e-300)).sum()
        slope = x.T @ (chances - taken) + RIDGE * flat.reshape(shape)
        return RIDGE * float(flat @ flat) / 2 - float(likelihood), slope.ravel()

    options = {"maxiter": 300}
    done = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options=options)
    found = np.asarray(done.x.reshape(shape))
    found[0] -= np.where(taken.any(axis=0), 0.0, NEVER)
    return found


def values(x: Floats, action: npt.NDArray[np.intp], earned: Floats, spread: float) -> Floats:
    """The weights of a ridge regression of what was earned, less a penalty, for each action.

    `spread` is the standard deviation of the returns.
    """
    weights = np.zeros((x.shape[1], len(ACTIONS)))
    seen = np.bincount(action, minlength=len(ACTIONS))
    penalty = np.where(seen > 0, PESSIMISM / np.sqrt(np.maximum(seen, 1)), NEVER)
    weights[0] = earned.mean() - (spread + 1e-9) * penalty
    for number in range(len(ACTIONS)):
        rows, more = x[action == number], (earned - earned.mean())[action == number]
        gram = rows.T @ rows + RIDGE * np.eye(x.shape[1])
        weights[:, number] += np.linalg.solve(gram, rows.T @ more)
    return weights


def learned(log: logs.Log) -> dict[str, Any]:
    """The content of policy.json."""
    known = columns(log.observed)
    x = encoded(log.observed, known)
    permitted = shield.permitted(log.observed, ACTIONS)
    earned = returns(log, log.reward)
    content: dict[str, Any] = {
        "actions": list(ACTIONS),
        "columns": known,
        "imitation": imitation(x, log.action, permitted).round(6).tolist(),
        "values": values(x, log.action, earned, float(earned.std())).round(6).tolist(),
        "step": round(STEP * len(log.episodes) / len(log), 6),
    }
    return content | constrained(log, x, earned, content) if "violation" in log.table else content


def constrained(log: logs.Log, x: Floats, plain: Floats, content: dict[str, Any]) -> dict[str, Any]:
    """The price of a violation, and the values at that price; `plain` are returns without it."""

    def priced(price: float) -> dict[str, Any]:
        earned = returns(log, log.reward - price * log.violation)
        found = values(x, log.action, earned, float(plain.std())).round(6).tolist()
        return {"price": round(price, 6), "values": found}

    def rate(price: float) -> float:
        chances = load(json.dumps(content | priced(price)).encode())(log.observed)
        return ope.rate(log.as_seen_by(chances), log.violated()).value

    most = 100 * float(np.ptp(plain) + 1)
    try:
        return priced(risk.price(rate, float(log.violated().mean()), most=most))
    except ValueError:  # no price is enough, by this log
        return priced(most)


def main() -> None:
    log = logs.Log(logs.load("data/log.csv"), ACTIONS)
    content = learned(log.split(0.5)[0])
    FILE.write_text(json.dumps(content) + "\\n", encoding="utf-8")


if __name__ == "__main__":
    main()
'''
_SHIELD = '''\
"""The shield: actions that no policy may take, whatever it has learned.

People write the rules; nothing here is learned. {about}
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def permitted(states: pd.DataFrame, actions: Sequence[str]) -> Bools:
    """Return which actions are permitted in each state, shape (states, actions)."""
{body}


def shielded(propensities: Floats, permitted: Bools) -> Floats:
    """Return `propensities` (states, actions) without what is not permitted.

    Where nothing is left, any permitted action is equally likely.
    """
    kept = propensities * permitted
    total = kept.sum(axis=1, keepdims=True)
    instead = permitted / permitted.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, kept / np.where(total > 0, total, 1), instead))
'''
_NOTHING = """\
    return np.ones((len(states), len(actions)), dtype=bool)"""
_MASK = """\
    masks = [str(value).split() for value in states["allowed"]]
    return np.array([[action in mask for action in actions] for mask in masks], dtype=bool)"""


def write_policy(
    package: str,
    actions: Sequence[str],
    features: Mapping[str, str],
    smoke: Mapping[str, object],
    discount: float,
) -> str:
    """Return the text of `policy.py`; `features` are names with `float` or `str`."""
    return _POLICY.format(
        package=package,
        actions=_lines("()", [_text(action) for action in actions]),
        features=_lines("{}", [f"{_text(name)}: {kind}" for name, kind in features.items()]),
        smoke=_lines("{}", [f"{_text(name)}: {_text(value)}" for name, value in smoke.items()]),
        discount=float(discount),
    )


def write_shield(masked: bool) -> str:
    """Return the text of `shield.py`: the mask of the log, or nothing is forbidden yet."""
    about = "It permits what the mask `allowed` does." if masked else "Nothing is forbidden yet."
    return _SHIELD.format(about=about, body=_MASK if masked else _NOTHING)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(brackets: str, entries: Sequence[str]) -> str:
    """Return entries in brackets, one a line."""
    inside = "".join(f"    {entry},\n" for entry in entries)
    return f"{brackets[0]}\n{inside}{brackets[1]}" if entries else brackets

"""A CSV or Parquet file with one row a decision: the log of the policy that acts today.

Needs no simulator. Columns are `episode`, `action`, `propensity`, `reward`, the features of the
state, `step` unless each episode has one row, and if there are, the mask `allowed`, `violation`,
`terminated`, `time` and `…_version`. Writes a first policy, which is learned from the earlier half.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from mlcharter.formats.report import Report
from mlcharter.markdown.document import PLACEHOLDER
from mlcharter.starter import documents, log_proposals, policy_pages, profile
from mlcharter.starter.documents import cell
from mlcharter.starter.log_proposals import DATASET, LOG
from mlcharter.starter.tracks import Edit, Own
from mlcharter.support.errors import UserError

EXAMPLE = "mlcharter starter replace LOG --discount 1"
OPTIONS = [
    click.Option(
        ["--action", "actions"], multiple=True, help="A known action; repeatable, else from LOG."
    ),
    click.Option(
        ["--discount"],
        type=click.FloatRange(0, 1, min_open=True),
        default=1.0,
        help="What a reward a step later is worth, of 1.  [default: 1]",
    ),
]
LARGEST = 16 * 1024 * 1024  # bytes of a log that is kept in Git
MOST_ERRORS = 4  # standard errors by which 1 / propensity may miss the number of actions
_CARD = """\
# Data card: decision log

Owner: {owner}

Reviewed:

The log that policies are judged on, without a simulator.

## Origin
<!-- section: decision-log-origin -->

| Field | Value |
|---|---|
| id and digest in the evaluation pack | `decision-log` |
| rows, episodes, period | {rows} rows, {episodes} episodes; {period} |
| file | `data/log.csv` |
| licence or contract, and a link to its text | {licence} |

{placeholder}

## What is in it
<!-- section: decision-log-content -->

One row a decision{mask}.

| Action | Taken | Least propensity | Mean reward |
|---|---|---|---|
{actions}

| Feature of the state | Values | Missing |
|---|---|---|
{features}

{placeholder}

## Use
<!-- section: decision-log-use -->

{placeholder}

## Keeping
<!-- section: decision-log-keeping -->

{placeholder}
"""


@dataclass(frozen=True)
class DecisionLog(Own):
    """A decision log that meets its contract; `log` is a `mlcharter.evals.logs.Log`."""

    log: Any = field(repr=False)
    content: bytes = field(repr=False)
    discount: float
    licence: str | None
    track = "rl"
    programs = ("rl.learn",)
    keeps = ("src/*/serving/backends/rl.py", "src/*/serving/decisions.py")
    served = "fill in rl_rollout in ops/runbook.md, then the service serves your policy"

    def render(self) -> list[str]:
        log = self.log
        kind = "a bandit" if len(log) == len(log.episodes) else "sequences"
        lines = [f"{len(log)} decisions in {len(log.episodes)} episodes, {kind}"]
        lines += [f"its policy never takes `{name}`, so no log can tell" for name in self._untried]
        if not self._masked:
            lines.append("without a mask `allowed`, the shield forbids nothing: write yours")
        return lines

    def list_data(self) -> dict[str, bytes]:
        return {LOG: self.content}

    def write_pages(self, answers: Mapping[str, object]) -> dict[str, bytes]:
        folder = f"src/{answers['package']}/rl"
        policy = policy_pages.write_policy(
            str(answers["package"]), self.log.actions, self._features, self._smoke, self.discount
        )
        return {
            f"{folder}/policy.py": policy.encode(),
            f"{folder}/learn.py": policy_pages.LEARN.encode(),
            f"{folder}/shield.py": policy_pages.write_shield(self._masked).encode(),
            "docs/cards/data_decision_log.md": self._write_card(str(answers["owner"])).encode(),
        }

    def list_edits(self, answers: Mapping[str, object]) -> dict[str, Sequence[Edit]]:
        return {
            documents.LICENCES: [documents.add_licence(DATASET, LOG, self.licence)],
            documents.SAFETY: [documents.add_personal_data(DATASET, answers, ["episode"])],
        }

    def propose(self, report: Report) -> dict[str, str]:
        return log_proposals.propose(self.log, self.discount, self.licence, report)

    @property
    def _masked(self) -> bool:
        return not self.log.allowed.all()

    @property
    def _untried(self) -> list[str]:
        taken = set(self.log.action.tolist())
        return [name for n, name in enumerate(self.log.actions) if n not in taken]

    @property
    def _features(self) -> dict[str, str]:
        """The type of each column that a policy sees."""
        kinds = {
            str(n): "str" if c.dtype.kind in "OSU" else "float" for n, c in self.log.states.items()
        }
        return kinds | ({"allowed": "str"} if self._masked else {})

    @property
    def _smoke(self) -> dict[str, object]:
        """The first state without a gap, or one of zeros and empty texts."""
        whole = self.log.states.dropna()
        first = whole.iloc[0].to_dict() if len(whole) else {}
        made = {"str": str, "float": float}
        smoke = {n: made[k](first.get(n, made[k]())) for n, k in self._features.items()}
        return smoke | ({"allowed": " ".join(self.log.actions)} if self._masked else {})

    def _write_card(self, owner: str) -> str:
        log, times = self.log, self.log.table.get("time")
        period = "from when to when is not written yet"
        if times is not None:
            period = f"{cell(str(times.min()))} to {cell(str(times.max()))}"
        rows = [
            f"| {cell(name)} | {taken} | {least:.3g} | {mean:.3g} |"
            for name, _, taken, least, mean in log.coverage().itertuples(index=False)
        ]
        features = [
            f"| {cell(str(name))} | {_values(column)} | {int(column.isna().sum())} |"
            for name, column in self.log.states.items()
        ]
        return _CARD.format(
            owner=owner,
            rows=len(log),
            episodes=len(log.episodes),
            period=period,
            licence=self.licence or "not written yet",
            mask=", with the actions that were possible" if self._masked else "",
            actions="\n".join(rows),
            features="\n".join(features),
            placeholder=PLACEHOLDER,
        )


def read(data: Path, options: Mapping[str, Any]) -> DecisionLog:
    """Return the log of a CSV or Parquet file; one UserError has all that is wrong with it."""
    profile.load_pandas()
    from mlcharter.evals import logs

    content = profile.read_csv(data, LARGEST)
    table = profile.parse_csv(data, content, dtype=dict.fromkeys(logs.TEXT, "object"))
    actions = list(options["actions"]) or _infer_actions(table)
    problems = logs.find_problems(table, actions)
    problems += _find_implausible(table, len(actions)) if not problems else []
    if problems:
        raise UserError(
            f"{data} is no decision log yet:\n" + "\n".join(f"  - {one}" for one in problems),
            hint="correct the file; row 0 is the first one below the header, and "
            "`pydoc mlcharter.evals.logs` describes each column",
        )
    return DecisionLog(
        logs.Log(table, actions), content, float(options["discount"]), options["licence"]
    )


def _infer_actions(table: Any) -> list[str]:
    """Return the names in the mask, or else those that were taken."""
    from mlcharter.evals import logs

    if "allowed" in table:
        return sorted({name for value in table["allowed"] for name in str(value).split()})
    return sorted({logs.action_name(value) for value in table.get("action", ())} - {""})


def _find_implausible(table: Any, actions: int) -> list[str]:
    """Return why no policy can be judged on a log that meets its contract."""
    inverse = 1 / table["propensity"].astype(float)
    error = float(inverse.std()) / len(table) ** 0.5
    found = []
    if table["episode"].nunique() < 10:
        found.append("the log has fewer than 10 episodes; half of them judge the policy")
    if float(table["propensity"].min()) >= 1:
        found.append("column `propensity` is 1 in every row: such a log shows no other policy")
    elif float(inverse.mean()) - MOST_ERRORS * error > actions:
        found.append(
            f"column `propensity` is too small: 1 / propensity has a mean of {inverse.mean():.3g}, "
            f"and of probabilities of {actions} actions at most {actions}"
        )
    return found


def _values(column: Any) -> str:
    if column.dtype.kind in "OSU":
        values = sorted(map(str, column.dropna().unique()))
        return ", ".join(map(cell, values)) if len(values) <= profile.MOST_VALUES else "many texts"
    return f"{column.min():g} to {column.max():g}"

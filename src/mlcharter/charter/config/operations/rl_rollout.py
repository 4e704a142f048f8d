"""The online rollout of a policy: exploration, limit of violations, and kill switch.

`exploration_max` is a share of decisions, `violation_ceiling` a share of episodes.
With `automatic`, the serving code aborts a step without a person, so its alert may be a ticket.
The kill switch is an anytime-valid test (e-process) with the false-alarm rate `alpha`.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, PERSON
from mlcharter.formats.models import Duration, Entry, Id, Part, Share, Text


class Step(Part, frozen=True, kw_only=True):
    weight: Annotated[float, Meta(gt=0, le=100)]
    bake: Duration
    abort_alert: Id


class KillSwitch(Part, frozen=True, kw_only=True):
    command: Text
    max_delay_episodes: Annotated[int, Meta(gt=0)]


class RlRollout(Entry, frozen=True, kw_only=True):
    steps: Annotated[list[Step], Meta(min_length=2)]
    automatic: bool = False
    exploration_max: Share
    violation_ceiling: Annotated[float, Meta(gt=0, lt=1)]
    alpha: Annotated[float, Meta(gt=0, le=0.1)]
    test: Literal["e-process"]
    kill_switch: KillSwitch
    taxonomy: Annotated[list[Id], Meta(min_length=1)]


MODEL = RlRollout
WEAKER = {
    "*": LESS,
    "steps": {"*": LESS, "weight": MORE, "bake": LESS, "abort_alert": ANY},
    "automatic": PERSON,
    "exploration_max": MORE,
    "violation_ceiling": MORE,
    "alpha": PERSON,
    "test": ANY,
    "kill_switch": {"*": LESS, "command": PERSON, "max_delay_episodes": MORE},
    "taxonomy": LESS,
}

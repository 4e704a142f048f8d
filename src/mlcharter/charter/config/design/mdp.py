"""The Markov decision process: observations, actions, and what ends an episode.

`terminal` ends the task. `truncation` only stops the episode: the value of its last state is not
zero.
`reward` is the registered reward (`reward/<name>@sha256:…`).
"""

from typing import Annotated

from msgspec import Meta

from mlcharter.formats.directions import LESS, PERSON
from mlcharter.formats.models import Entry, Ref, Text


class Mdp(Entry, frozen=True, kw_only=True):
    observation: Text
    actions: Text
    horizon: Annotated[int, Meta(gt=0)]
    gamma: Annotated[float, Meta(gt=0, le=1)]
    terminal: Text
    truncation: Text
    partially_observed: bool
    reward: Ref


MODEL = Mdp
WEAKER = {
    "*": LESS,
    "observation": PERSON,
    "actions": PERSON,
    "horizon": PERSON,
    "gamma": PERSON,
    "terminal": PERSON,
    "truncation": PERSON,
    "partially_observed": PERSON,
    "reward": PERSON,
}

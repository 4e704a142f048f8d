"""What happens when the error budget is spent, and who may override it.

`spent` is the share of the error budget from which an action applies.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mlcharter.formats.directions import ANY, LESS, MORE, PERSON
from mlcharter.formats.models import Duration, Entry, Owner, Part, Share


class Action(Part, frozen=True, kw_only=True):
    spent: Share
    action: Literal["review", "freeze"]


class ErrorBudgetPolicy(Entry, frozen=True, kw_only=True):
    window: Duration
    actions: Annotated[list[Action], Meta(min_length=1)]
    override_by: Owner


MODEL = ErrorBudgetPolicy
WEAKER = {
    "*": LESS,
    "window": PERSON,
    "actions": {"*": LESS, "spent": MORE, "action": ("freeze", "review")},
    "override_by": ANY,
}

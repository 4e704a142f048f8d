"""The gate that every tool call passes: a model proposes a call, and code decides.

What a tool may do is in the config block `tools` of the safety checklist; what a model is told of
it, in data/rag/tools.json. A tool needs both, and neither changes without a review.
Whatever a document talked a model into, a call without its scopes, its approval or its allowance
does not happen, and each call, refused or failed ones too, is in the ledger.

    gate = Gate(read_rules(), {"find-passages": find}, Ledger(Path("state/tools.sqlite")))
    session = Session("c-81", "ada", frozenset(["handbook:read"]))
    gate.call(session, "find-passages", {"question": "tide"})
"""

from .gate import ApprovalNeededError, Gate, UnsettledError
from .ledger import Ledger, TamperedError, verify
from .mcp import Remote
from .requests import Context, Request, Session
from .rules import Rule, read_rules

__all__ = [
    "ApprovalNeededError",
    "Context",
    "Gate",
    "Ledger",
    "Remote",
    "Request",
    "Rule",
    "Session",
    "TamperedError",
    "UnsettledError",
    "read_rules",
    "verify",
]

"""What an alert without an expression is derived from."""

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry

KEYS = ("expr", "wait", "severity")
"""What an entry of `alerts` has if it is not derived."""
ALWAYS = ("slo/", "budget/", "probe/")
"""What the subjects start with whose alerts are derived in any case."""
DERIVED = (*ALWAYS, "slice/", "drift/", "vendor/", "policy/")
"""What the subjects start with whose alerts are derived if they have no expression."""
TICKETS = ("slice/", "drift/", "vendor/")
"""What the subjects start with whose derived alerts are tickets."""
LISTED = "SLOs, budgets, probes, slices, drift, quotas of vendors and policies"


def find_gates(charter: Charter, slice: str) -> list[Entry]:
    """Return the gates of a slice that compare a metric itself, not its difference to another."""
    gates = charter.entries("gates")
    return [gate for gate in gates if gate.value.slice == slice and gate.value.against is None]


def find_quotas(vendor: Entry) -> dict[str, float]:
    """Return the quotas of a vendor a minute, by key."""
    keys = ("requests_per_minute", "tokens_per_minute")
    quotas = {key: getattr(vendor.value, key) for key in keys}
    return {key: quota for key, quota in quotas.items() if quota is not None}


def find_missing_source(charter: Charter, alert: Entry) -> str | None:
    """Return what an alert without an expression lacks to be derived, as a clause, or None."""
    kind, _, name = alert.value.subject.partition("/")
    if kind == "slice" and not find_gates(charter, name):
        return f"no gate of `gates` is on the slice `{name}` itself"
    if kind == "vendor":
        vendor = charter.named("vendors").get(name)
        if vendor is None or not find_quotas(vendor):
            return f"the vendor `{name}` has no quota in `vendors`"
    if kind == "policy" and charter.entry("rl_rollout") is None:
        return "`rl_rollout` is not filled in"
    if kind == "risk":
        return "a risk has no number"
    return None

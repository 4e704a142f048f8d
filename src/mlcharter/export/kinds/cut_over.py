"""The vendors' cut-over table, for whoever is on call: what cuts over when, and to what.

It joins `vendors` with the alerts and degrade modes that they name.
"""

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.support.errors import UserError
from mlcharter.support.plain import markdown_code, markdown_text

PATHS = ("ops/cut_over.md",)
SOURCES = ("vendors",)
_HEAD = """\
# Vendors: cut-over

Written by `mlcharter export cut-over` from config blocks; edit those.
The fallback stays until a person goes back.

| Vendor | Alert | After failures | Fallback | Users get | Call | Playbook |
|---|---|---|---|---|---|---|
"""


def render(charter: Charter) -> dict[str, str]:
    """Return the table as Markdown, with a row a vendor."""
    rows = [_row(vendor, charter) for vendor in charter.entries("vendors")]
    return {PATHS[0]: _HEAD + "".join(rows)} if rows else {}


def _row(vendor: Entry, charter: Charter) -> str:
    value = vendor.value
    alert = charter.named("alerts").get(value.cut_over.alert)
    if alert is None:
        missing = f"the alert `{value.cut_over.alert}`, which is not defined"
        raise UserError(
            f"{vendor.subject} cuts over on {missing}",
            hint="define it in ops/runbook.md or correct the id",
        )
    mode = charter.named("degrade_modes").get(value.fallback)
    if mode is not None:
        users = mode.value.behaviour.replace("-", " ")
    elif value.fallback in charter.named("vendors"):
        users = "the full answer"
    else:
        raise UserError(
            f"{vendor.subject} has the fallback `{value.fallback}`, which is not defined",
            hint="name another vendor, or a degrade mode of ops/runbook.md",
        )
    playbook = alert.value.runbook
    cells = (
        f"{markdown_code(value.id)}, {markdown_text(value.role)}",
        markdown_code(value.cut_over.alert),
        str(value.cut_over.after_failures),
        markdown_code(value.fallback),
        users,
        markdown_text(alert.value.owner),
        f"[{playbook[1:]}](runbook.md{playbook})",
    )
    return "| " + " | ".join(cells) + " |\n"

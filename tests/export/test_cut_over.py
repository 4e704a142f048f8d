"""The vendors' cut-over table."""

from pathlib import Path

import pytest
from test_derived_alerts import VENDORS
from test_prometheus import block, files, open_charter

from mlcharter.export.kinds import cut_over
from mlcharter.support.errors import UserError

MODES = block(
    "degrade_modes",
    "- {id: baseline, alert: burn, vendor: null, behaviour: cached-or-abstain, test: tests/t.py}\n",
)
VENDORS = VENDORS.replace("alert: quota", "alert: burn")
HEAD = """\
| Vendor | Alert | After failures | Fallback | Users get | Call | Playbook |
|---|---|---|---|---|---|---|
"""


def table(root: Path, more: str) -> str:
    with open_charter(root, files(more=more)) as charter:
        text = cut_over.render(charter)[cut_over.PATHS[0]]
    return text.partition(HEAD)[2]


def test_a_row_joins_a_vendor_with_its_alert_and_its_degrade_mode(tmp_path: Path) -> None:
    row = table(tmp_path, VENDORS + MODES)

    assert row == (
        "| `quay-ai`, answers | `burn` | 3 | `baseline` | cached or abstain "
        "| \\@&#8203;acme/ops | [burn](runbook.md#burn) |\n"
    )


def test_another_vendor_gives_the_full_answer(tmp_path: Path) -> None:
    entry = VENDORS.partition("```yaml\n")[2].partition("```")[0]
    other = entry.replace("id: quay-ai", "id: other").replace("baseline", "quay-ai")

    rows = table(tmp_path, VENDORS + block("vendors", other) + MODES).splitlines()

    assert rows[1].startswith("| `other`, answers | `burn` | 3 | `quay-ai` | the full answer |")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (VENDORS, "has the fallback `baseline`, which is not defined"),
        (
            VENDORS.replace("alert: burn", "alert: lost") + MODES,
            "cuts over on the alert `lost`, which is not defined",
        ),
    ],
)
def test_what_is_not_defined_is_an_error(tmp_path: Path, more: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        table(tmp_path, more)


def test_a_hostile_role_makes_no_cell_link_or_html(tmp_path: Path) -> None:
    evil = VENDORS.replace("role: answers", 'role: "x | [y](javascript:z) <b> @ops \\n| z |"')

    row = table(tmp_path, evil + MODES)

    assert row.count("\n") == 1
    assert row.replace("\\|", "").count("|") == 8
    assert "[y](" not in row
    assert "<b>" not in row

"""Write the alerts of ops/runbook.md as rules of Prometheus and try them: `python -m tools.alerts`.

Writes build/alerts.yml, then has promtool run each rule on the series of tests/platform/alerts.yml.
Exit code 1 where a rule fires or stays silent against them, 2 where there is no promtool.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

RUNBOOK, RULES = Path("ops/runbook.md"), Path("build/alerts.yml")
SERIES = Path("tests/platform/alerts.yml")


def alerts(text: str) -> list[dict[str, Any]]:
    """The entries of every config block `alerts` in a runbook that are filled in."""
    blocks = re.findall(r"^<!-- config: alerts -->\n```yaml\n(.*?)^```", text, re.M | re.S)
    return [entry for block in blocks for entry in yaml.safe_load(block) if entry["id"]]


def rule(alert: dict[str, Any]) -> dict[str, Any]:
    """One alert as Prometheus wants it; who is woken finds the playbook in it."""
    return {
        "alert": alert["id"],
        "expr": alert["expr"],
        "for": alert["wait"],
        "labels": {"severity": alert["severity"], "owner": alert["owner"]},
        "annotations": {"runbook": f"{RUNBOOK}{alert['runbook']}"},
    }


def main() -> int:
    """Write the rules and try them."""
    rules = [rule(alert) for alert in alerts(RUNBOOK.read_text(encoding="utf-8"))]
    RULES.parent.mkdir(exist_ok=True)
    groups = {"groups": [{"name": "runbook", "rules": rules}]}
    RULES.write_text(yaml.safe_dump(groups, sort_keys=False, width=1000), encoding="utf-8")
    print(f"{RULES}: {len(rules)} rules")
    promtool = shutil.which("promtool")
    if promtool is None:
        print("not tried: there is no promtool; install your system's Prometheus", file=sys.stderr)
        return 2
    words = [["check", "rules", str(RULES)], ["test", "rules", str(SERIES)]]
    return max(subprocess.run([promtool, *these], check=False).returncode for these in words)


if __name__ == "__main__":
    sys.exit(main())

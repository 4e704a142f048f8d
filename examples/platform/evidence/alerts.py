"""Try every alert on series with promtool, and print for each one where it fired.

    python evidence/alerts.py > reports/released/2026-11-alerts.log

Run it in the whole repository; it needs promtool and PyYAML. Exit code 1 if promtool fails.
"""

import subprocess
import sys
from collections import Counter

import yaml

RULES = "ops/prometheus/rules.yml"
FILES = ("ops/prometheus/tests.yml", "tests/platform/alerts.yml")
COSTS = "tests/platform/costs.yml"


def main() -> int:
    for words in (["check", "rules", RULES], ["test", "rules", *FILES, COSTS]):
        print("$ promtool", *words, flush=True)
        done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stdout, done.stderr)
            return 1
        print(*(line for line in done.stdout.splitlines() if line.strip()), sep="\n")
    fired, looked = Counter[str](), 0
    for path in FILES:
        with open(path, encoding="utf-8") as file:
            tests = yaml.safe_load(file)["tests"]
        looked += len(tests)
        for test in tests:
            expected = [one for case in test["promql_expr_test"] for one in case["exp_samples"]]
            fired.update(one["labels"].split('"')[1] for one in expected)
    with open(RULES, encoding="utf-8") as file:
        groups = yaml.safe_load(file)["groups"]
    for name in (rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule):
        silent = looked - fired[name]
        print(f"{name:28} fires on {fired[name]} of {looked} sets of series, silent on {silent}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

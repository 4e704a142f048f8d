"""The filled-in examples are whole: nothing of the template is lost, and every proof is there."""

import csv
import datetime
import hashlib
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from conftest import EXAMPLES as NAMES
from conftest import ROOT, Render
from mlcharter.charter import config_entries
from mlcharter.charter.charter import Charter
from mlcharter.check import engine
from mlcharter.check.rules.structure import starter_left
from mlcharter.cli import cli
from mlcharter.evals import digests as evals_digests
from mlcharter.evals import questions
from mlcharter.export import exporting
from mlcharter.markdown import document
from mlcharter.markdown.checklist import Item
from mlcharter.markdown.document import Document, Section
from mlcharter.support.files import Folder

EXAMPLES = ROOT / "examples"
TODAY = datetime.date(2026, 12, 1)
FORMS = ("docs/adr/template.md", "ops/postmortems/template.md")
FOLDERS = ("docs", "ops", "safety", "cost", "versioning")
HANDLE = re.compile(r"@[a-z]+/[a-z-]+")
# What was measured, in prose: 0.947 [0.894, 0.974]; signed differences are between rows of a table.
MEASURED = re.compile(r"(?<![\u2212+.\d-])(\d\.\d{3}) \[(\d\.\d{3}), (\d\.\d{3})\]")
# Claims of a test that runs on each change; what is tried once (a leak, a deletion) is recorded.
IN_A_TEST = r"\b(?:in a test|a test (?:compares|holds|finds|forces|sends|changes)|have? a test)\b"
# Keys of config blocks whose value is a file; some are relative to docs/, as in the template.
FILES = {
    *("adr", "anchors", "assessment", "card", "corpus", "evidence", "file", "labels", "path"),
    *("produced_by", "guidance", "rubric", "sbom", "suite", "test"),
}


def documents(root: Path) -> dict[str, Document]:
    """Every Markdown file of the charter's folders that is no form, by path."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.md")):
            name = path.relative_to(root).as_posix()
            if name not in FORMS:
                found[name] = document.parse(path.read_text(encoding="utf-8"), name)
    return found


@dataclass(frozen=True)
class Example:
    """A repository in examples/ that holds documents."""

    root: Path

    @cached_property
    def documents(self) -> dict[str, Document]:
        return documents(self.root)

    @cached_property
    def answers(self) -> dict[str, Any]:
        read = yaml.safe_load((self.root / ".copier-answers.yml").read_text(encoding="utf-8"))
        assert isinstance(read, dict)
        return read

    @cached_property
    def owners(self) -> set[str]:
        return set(HANDLE.findall((self.root / "CODEOWNERS").read_text(encoding="utf-8")))

    @cached_property
    def not_applicable(self) -> dict[str, Any]:
        path = self.root / ".mlcharter.yml"
        read = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
        found = read.get("not_applicable", {})
        assert isinstance(found, dict)
        return found

    @property
    def report(self) -> Path:
        """The newest frozen report of its track."""
        [track] = self.answers["tracks"]
        return max((self.root / "reports/released").glob(f"*-{track}.json"))

    def entries(self, kind: str) -> list[Any]:
        """The entries of a config block in all documents, as plain data."""
        values = [c.value for read in self.documents.values() for c in read.configs_of(kind)]
        return [
            entry for value in values for entry in (value if isinstance(value, list) else [value])
        ]


FILLED = [Example(EXAMPLES / name) for name in NAMES]
ITEMS = [
    pytest.param(example, name, item, id=f"{example.root.name}-{item.id}")
    for example in FILLED
    for name, read in example.documents.items()
    for item in read.items
]


@pytest.fixture(scope="module", params=FILLED, ids=lambda example: example.root.name)
def example(request: pytest.FixtureRequest) -> Example:
    found = request.param
    assert isinstance(found, Example)
    return found


@pytest.fixture(scope="module")
def rendered(render: Render, example: Example) -> dict[str, Document]:
    """What a team with the same answers receives."""
    return documents(render(**example.answers))


@pytest.fixture(scope="module")
def charter(example: Example) -> Charter:
    return engine.open_charter(Folder(example.root), TODAY)


def test_check_finds_nothing_at_the_level_of_a_release(example: Example) -> None:
    done = CliRunner().invoke(cli, ["check", "--level", "release", str(example.root)])
    assert done.exit_code == 0, done.output


def test_no_document_section_config_block_or_item_of_the_template_is_lost(
    example: Example, rendered: dict[str, Document]
) -> None:
    assert rendered.keys() <= example.documents.keys()
    for name, given in rendered.items():
        ours = example.documents[name]  # which may have more: parts of a higher tier
        assert {s.id for s in given.sections} <= {s.id for s in ours.sections}, name
        assert not Counter(c.kind for c in given.configs) - Counter(c.kind for c in ours.configs)
        sentences = {item.id: item.sentence for item in ours.items}
        assert {i.id: sentences.get(i.id) for i in given.items} == {
            i.id: i.sentence for i in given.items
        }, name


def test_items_of_a_higher_tier_say_what_the_template_says(
    example: Example, render: Render
) -> None:
    given = documents(render(**example.answers | {"tier": "critical"}))
    said = {item.id: item.sentence for read in given.values() for item in read.items}
    ours = {item.id: item.sentence for read in example.documents.values() for item in read.items}

    assert {i: ours[i] for i in ours.keys() & said.keys()} == {
        i: said[i] for i in ours.keys() & said.keys()
    }


def test_every_guidance_is_kept(example: Example, rendered: dict[str, Document]) -> None:
    for name, given in rendered.items():
        ours = {block.text for block in example.documents[name].blocks if block.kind == "guidance"}
        asked = {block.text for block in given.blocks if block.kind == "guidance"}
        lost = asked - ours - {f"{starter_left.MARKER}\n"}
        assert not lost, name


def test_the_forms_are_those_of_the_template(example: Example, render: Render) -> None:
    root = render(**example.answers)
    for form in FORMS:
        assert (example.root / form).read_bytes() == (root / form).read_bytes()


def test_no_placeholder_is_left(example: Example) -> None:
    for name, read in example.documents.items():
        text = "\n".join(read.lines)
        assert not [block for block in read.blocks if block.kind == "placeholder"], name
        assert not re.search(r"lorem|ipsum|\bTBD\b|\bTODO\b|@@|\{\{", text, re.IGNORECASE), name
        for field in read.fields:
            assert field.value, f"{name}: {field.name}"


def words(section: Section) -> set[str]:
    return {
        line.strip()
        for block in section.blocks
        if block.kind in ("paragraph", "list", "table")
        for line in block.text.splitlines()
        if line.strip() and not re.match(r"[-*] \[|\|[-|]+\|$", line.strip())
    }


def test_every_section_says_something_of_its_own(
    example: Example, rendered: dict[str, Document]
) -> None:
    silent = []
    for name, given in rendered.items():
        for section in given.sections:
            if section.id is None:
                continue
            asks = any(block.kind in ("guidance", "placeholder") for block in section.blocks)
            ours = example.documents[name].section(section.id)
            assert ours is not None
            if asks and not words(ours) - words(section):
                silent.append(f"{name}#{section.id}")
    assert not silent


def test_every_config_block_is_valid(example: Example, charter: Charter) -> None:
    assert [
        c.problem for read in example.documents.values() for c in read.configs if c.problem
    ] == []
    assert [problem for _, read in charter.readings for problem in read.problems] == []
    assert not [config.kind for config, read in charter.readings if read.blank]
    assert {config.kind for config, _ in charter.readings} <= set(config_entries.kinds())


def files(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from files(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from files(inner, key)
    elif key in FILES and value is not None:
        yield value


def test_every_file_that_a_config_block_names_exists(example: Example) -> None:
    named = [
        (name, path)
        for name, read in example.documents.items()
        for config in read.configs
        if config.kind not in ("experiment", "rl_rollout")  # their `test` is one of statistics
        for path in files(config.value)
    ]
    assert len(named) > 30
    for name, path in named:
        places = (example.root / path, example.root / Path(name).parent / path)
        assert any(place.exists() for place in places), f"{name}: {path}"


def test_the_alerts_are_those_that_the_documents_promise_and_that_were_tried(
    example: Example, charter: Charter
) -> None:
    files = list(exporting.derive(charter, ["prometheus", "grafana", "openslo"]))
    derived = next(file for file in files if file.path == "ops/prometheus/rules.yml")
    alerts = re.findall(r"(?m)^  - alert: (\S+)$", derived.text or "")
    [log] = (example.root / "reports/released").glob("*-alerts.log")
    tried = re.findall(r"(?m)^([a-z0-9-]+) +fires .* silent", log.read_text(encoding="utf-8"))

    assert {file.state for file in files} == {"current"}
    assert sorted(tried) == sorted(alerts)


def test_every_link_leads_somewhere(example: Example) -> None:
    readme = (example.root / "README.md").read_text(encoding="utf-8")
    for name, read in {**example.documents, "README.md": document.parse(readme)}.items():
        for link in read.links:
            if link.external:
                continue
            path = os.path.normpath(Path(name).parent / link.path) if link.path else name
            assert (example.root / path).exists(), f"{name}:{link.line}: {link.target}"
            if link.fragment:
                assert link.fragment in example.documents[path].anchors, f"{name}:{link.line}"


@pytest.mark.parametrize(("example", "name", "item"), ITEMS, scope="function")
def test_every_item_is_proven_or_waived(example: Example, name: str, item: Item) -> None:
    if item.id in example.not_applicable:
        assert not (item.ticked or item.evidence or item.waiver)
        return
    assert item.ticked == bool(item.evidence) == (item.waiver is None)
    for proof in item.evidence:
        path = example.root / Path(name).parent / proof.target
        assert path.is_file(), proof.target
        assert proof.digest == hashlib.sha256(path.read_bytes()).hexdigest()[:16], proof.target
    if item.waiver:
        assert item.waiver.until is not None
        assert TODAY < item.waiver.until < datetime.date(2028, 1, 1)
        assert item.waiver.by in example.owners
        assert len(item.waiver.reason.split()) > 3


@pytest.mark.parametrize(("example", "name", "item"), ITEMS, scope="function")
def test_what_a_test_must_hold_is_proven_by_a_test(example: Example, name: str, item: Item) -> None:
    """By a file of tests, or the log of a run; not by a page that says there is one."""
    if not item.ticked or not re.search(IN_A_TEST, item.sentence):
        return
    shown = [proof.target for proof in item.evidence]
    assert [path for path in shown if "tests/" in path or path.endswith((".log", ".xml"))], shown


def test_few_items_are_waived(example: Example) -> None:
    items = [item for read in example.documents.values() for item in read.items]
    waived = [item.id for item in items if item.waiver]
    assert len(waived) <= len(items) / 6, waived


def test_every_owner_is_a_code_owner(example: Example) -> None:
    for name, read in example.documents.items():
        assert set(HANDLE.findall("\n".join(read.lines))) <= example.owners, name


def test_the_frozen_report_passes_every_gate(example: Example) -> None:
    done = CliRunner().invoke(cli, ["gate", "--format", "json", str(example.report)])
    assert done.exit_code == 0, done.output
    verdicts = json.loads(done.output)["verdicts"]
    assert {verdict["verdict"] for verdict in verdicts} == {"pass"}
    decided = [v["gate"] for v in verdicts if v["config"] == "gates"]
    assert decided == [gate["id"] for gate in example.entries("gates")]


def test_what_prose_says_was_measured_stands_in_a_report_or_in_evidence(example: Example) -> None:
    known = set()
    for path in (example.root / "reports").rglob("*.json"):
        for result in json.loads(path.read_text(encoding="utf-8")).get("results", ()):
            if ends := result["interval"]:
                numbers = (result["value"], ends["lower"], ends["upper"])
                known.add(tuple(f"{abs(number):.3f}" for number in numbers))
    for path in (example.root / "evidence").glob("figures.json"):
        for row in json.loads(path.read_bytes())["ladder"]:
            known.add(tuple(f"{row[name]:.3f}" for name in ("value", "lower", "upper")))
    for path in (example.root / "evidence").rglob("*.md"):
        known |= set(MEASURED.findall(path.read_text(encoding="utf-8")))
    said = {
        (name, *numbers)
        for name, read in example.documents.items()
        for numbers in MEASURED.findall("\n".join(read.lines))
    }
    assert said
    assert not [one for one in said if one[1:] not in known]


def test_the_experiment_is_as_large_as_its_power_asks(example: Example) -> None:
    """Two-sided z-test of two shares, with the pooled share under the null hypothesis."""
    [plan] = example.entries("experiment")
    first, second = plan["baseline"], plan["baseline"] + plan["mde"]
    pooled = (first + second) / 2
    z = statistics.NormalDist().inv_cdf
    under_null = z(1 - plan["alpha"] / 2) * math.sqrt(2 * pooled * (1 - pooled))
    spread = math.sqrt(first * (1 - first) + second * (1 - second))
    n = ((under_null + z(plan["power"]) * spread) / plan["mde"]) ** 2
    assert plan["n_per_arm"] == math.ceil(n)


def test_every_example_is_named_where_examples_are_listed() -> None:
    for page, prefix in (("README.md", ""), ("docs/new.md", "../")):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert set(re.findall(rf"\]\({prefix}examples/(\w+)\)", text)) == set(NAMES), page


def find(name: str) -> Example:
    return next(example for example in FILLED if example.root.name == name)


def test_the_experiment_on_reading_lists_counts_enough_malignant_masses() -> None:
    """Lists are opened on working days; a mass counts if its histology comes within 31 days."""
    triage = find("applied")
    [plan] = triage.entries("experiment")
    correlation, malignant_a_list = 0.025, 577 / 330  # evidence/baseline-2026-05.md
    holidays = 3  # at each of two sites, with two lists a working day

    lists_an_arm = (plan["days"] // 7 * 5 - holidays) * 2 * 2 / 2
    counted = lists_an_arm * malignant_a_list * (1 - 0.07) * (1 - 0.05)
    needed = plan["n_per_arm"] * (1 + (malignant_a_list - 1) * correlation)

    assert counted >= needed
    assert (lists_an_arm, int(counted), math.ceil(needed)) == (124, 191, 178)
    written = (triage.root / "docs/design_doc.md").read_text(encoding="utf-8")
    assert "248 lists, 124 an arm" in written
    assert "an arm counts 191" in written
    assert "which is 178" in written
    ramp = [step for canary in triage.entries("canary") for step in canary["steps"]]
    assert [step["bake"] for step in ramp if step["weight"] == 50] == [f"{plan['days']}d"]


def test_margins_of_gates_are_above_two_standard_deviations_over_ten_splits() -> None:
    """The evidence of `seed-spread`; probes of leaks have no spread over splits."""
    root = find("applied").root
    with (root / "evidence/seed-spread-2026-11.csv").open(encoding="utf-8", newline="") as file:
        splits = list(csv.DictReader(file))
    verdicts = json.loads((root / "reports/released/2026-11-gates.json").read_bytes())["verdicts"]
    margins = {verdict["gate"]: verdict["margin"] for verdict in verdicts}
    columns = {
        "auc-overall": "auc",
        "auc-over-one-column": "auc_over_one_column",
        "auc-beside-boosted": "auc_beside_boosted",
        "brier-overall": "brier",
        "calibration-overall": "calibration_error",
        **{f"brier-outline-{name}": f"brier_{name}" for name in ("smooth", "middle", "rough")},
    }
    probes = {"no-near-duplicates", "no-column-tells-all", "probe-shuffled-labels"}
    assert margins.keys() == columns.keys() | probes
    times = {
        gate: margins[gate] / statistics.stdev(float(split[column]) for split in splits)
        for gate, column in columns.items()
    }
    assert len(splits) == 10
    assert min(times.values()) > 2
    assert round(min(times.values()), 1) == 2.4


def test_every_truth_of_the_reading_lists_has_had_its_follow_up() -> None:
    """Benign masses are known after 230 days for 95 %: evidence/label-delay.md."""
    manifest = json.loads((find("applied").root / "data/northbank_2026.manifest.json").read_bytes())
    card = (find("applied").root / "docs/cards/data.md").read_text(encoding="utf-8")
    [newest] = re.findall(r"to (\d+ \w+ \d{4}); one in sixteen", card)
    age = datetime.date.fromisoformat(manifest["frozen_on"]) - date(newest)
    assert age >= datetime.timedelta(days=231)


def date(text: str) -> datetime.date:
    return datetime.datetime.strptime(text, "%d %B %Y").date()


def test_the_experiment_of_the_tug_counts_enough_trips() -> None:
    """Three trips of a half shift are washed out, and one day in ten has no trips."""
    tug = find("rl")
    [plan] = tug.entries("experiment")
    correlation = 0.015  # evidence/baseline-2026-05.md, query 5

    counted = (40 - 3) * (1 - 0.03)  # of a half shift
    needed = 2 * plan["n_per_arm"] * (1 + (counted - 1) * correlation)
    days = needed / (2 * counted)

    assert plan["days"] * 0.9 >= days
    assert (round(counted, 1), round(needed, -1), round(days, 1)) == (35.9, 3020, 42.1)
    written = (tug.root / "docs/design_doc.md").read_text(encoding="utf-8")
    assert "35.9 count" in written
    assert "need 3,020 trips" in written
    assert "takes 42.1 days" in written
    for kind in ("canary", "rl_rollout"):
        [rollout] = tug.entries(kind)
        assert [s["bake"] for s in rollout["steps"] if s["weight"] == 50] == [f"{plan['days']}d"]


def test_the_experiment_of_the_forms_counts_enough_loading_runs() -> None:
    platform = find("platform")
    [plan] = platform.entries("experiment")
    runs, a_week = 2 * plan["n_per_arm"], 5 * 120
    written = (platform.root / "docs/design_doc.md").read_text(encoding="utf-8")

    assert plan["days"] / 7 * a_week >= runs
    assert f"{plan['n_per_arm']:,} runs an arm are {runs:,} in all" in written
    assert f"{a_week} a week, so it takes {runs / a_week:.1f} weeks" in written
    [canary] = platform.entries("canary")
    assert [s["bake"] for s in canary["steps"] if s["weight"] == 50] == [f"{plan['days']}d"]


def test_what_the_platform_says_of_its_load_follows_from_the_simulation() -> None:
    """At 70 % an instance spends more than a budget of one nine more; the incident was at 125 %."""
    root = find("platform").root
    figures = json.loads((root / "evidence/figures.json").read_bytes())
    at = {one["load"]: one for one in figures["load"]}
    [slo] = [slo for slo in find("platform").entries("slos") if slo["name"] == "availability"]
    budget = 20 * 800_000 * (1 - slo["target"])
    asked = 17 * 60 * at[1.25]["rate"]

    assert 0.001 < at[0.7]["refused"] < 1 - slo["target"]
    assert at[0.375]["refused"] < 0.0001
    assert at[0.75]["refused"] > at[0.7]["refused"]
    assert budget / 2 < asked * at[1.25]["refused"] < budget
    [incident] = root.glob("ops/postmortems/2026-*.md")
    written = incident.read_text(encoding="utf-8")
    assert f"{at[1.25]['rate']:g} requests a second" in written
    assert f"of {asked:,.0f} asked" in written
    assert f"{budget:,.0f} requests may fail" in written


def test_the_rows_of_the_platform_s_ladder_are_those_of_its_report() -> None:
    example = find("platform")
    figures = json.loads((example.root / "evidence/figures.json").read_bytes())
    [released] = [one for one in figures["ladder"] if one["row"].endswith("`release-2026-11`")]
    report = json.loads(example.report.read_bytes())["results"]
    [accuracy] = [one for one in report if one["metric"] == "accuracy"]
    [gate] = [gate for gate in example.entries("gates") if gate["metric"] == "accuracy"]

    assert (released["right"] / released["n"], released["n"]) == (
        pytest.approx(accuracy["value"], abs=1e-6),
        accuracy["n"],
    )
    assert len(figures["errors"]) == released["n"] - released["right"] == 26
    cheaper = [one["lower"] for one in figures["ladder"] if one["row"] == "nearest mean picture"]
    assert cheaper < [gate["threshold"]] <= [released["lower"]]


def test_the_bill_of_the_platform_adds_up() -> None:
    """Three instances from 19 October, 09:00; each line is count times price."""
    text = (find("platform").root / "evidence/invoice-2026-10.md").read_text(encoding="utf-8")
    lines = re.findall(
        r"(?m)^\| [a-z ]+ \| (?:.*: )?([\d.]+) .*? \| ([\d.]+) EUR \| ([\d.]+) EUR \| ([\d.]+) EUR",
        text,
    )
    [total] = re.findall(r"(?m)^\| total \| \| \| ([\d.]+) EUR \| ([\d.]+) EUR", text)
    ours, charged = (sum(float(line[place]) for line in lines) for place in (2, 3))

    assert len(lines) == 3
    assert float(lines[0][0]) == 3 * ((31 - 18) * 24 - 9)
    for count, price, amount, _ in lines:
        assert float(count) * float(price) == pytest.approx(float(amount), abs=0.006)
    assert (f"{ours:.2f}", f"{charged:.2f}") == total
    assert f"Ours is {100 * (charged - ours) / charged:.1f} % below" in text
    assert f"45.00 EUR, {100 * (45 - charged) / charged:.1f} % too high" in text


@pytest.mark.parametrize("name", ["applied", "rag", "rl"])
def test_the_bill_of_october_is_price_times_count_and_as_far_off_as_stated(name: str) -> None:
    example = find(name)
    bill = (example.root / "evidence/invoice-2026-10.md").read_text(encoding="utf-8")
    prices = {entry["price"] for entry in example.entries("price_table")}
    row = r"\| [^|]+ \| ([\d.]+) EUR[^|]*\| ([\d,.]+)[^|]*\| ([\d,.]+) \| ([\d,.]+) \|"
    lines = [[float(cell.replace(",", "")) for cell in found] for found in re.findall(row, bill)]
    assert len(lines) > 1
    for price, count, ours, _ in lines:
        assert price in prices
        assert price * count == pytest.approx(ours)
    ours, billed = (sum(line[n] for line in lines) for n in (2, 3))
    [stated, forecast, too_low] = re.findall(
        r"Difference ([\d.]+) %; forecast of September ([\d,]+) EUR, (?:so )?([\d.]+) % too low",
        bill,
    )[0]
    assert abs(billed / ours - 1) * 100 == pytest.approx(float(stated), abs=0.06)
    assert (1 - float(forecast.replace(",", "")) / billed) * 100 == pytest.approx(
        float(too_low), abs=0.06
    )


def test_units_of_work_cost_what_the_bill_and_the_prices_say() -> None:
    """Per mass ordered and read, per answer, and per trip."""
    texts = {
        name: (find(name).root / "cost/cost_dashboard_spec.md").read_text(encoding="utf-8")
        for name in ("applied", "rag", "rl")
    }
    assert f"cost {(640 + 11) / 1228:.2f} EUR to order one" in texts["applied"]
    assert f"at nine masses an hour, {96 / 9:.2f} EUR of a reader" in texts["applied"]
    assert (
        f"971 EUR of serving and reading went into 868 answers, {971 / 868:.2f} EUR each"
        in (texts["rag"])
    )
    assert f"{3 * 240} EUR of serving and {52 * 43:,} EUR of reading next quarter" in texts["rag"]
    trips = 2231
    hosts, watching, crane = (420 + 133.2) / trips, 12 * 88 / trips, 915 * 3.1 / trips
    said = f"{hosts:.2f} EUR of hosts and simulation, {watching:.2f} EUR of quayside's watching"
    assert f"{said}, and {crane:.2f} EUR of crane minutes" in texts["rl"]
    assert f"costs {915 * 3.1 / 30:.0f} EUR of crane a month" in texts["rl"]


@pytest.mark.parametrize(("name", "watts", "seconds"), [("applied", 90, 11), ("rl", 18, 16)])
def test_energy_follows_from_watts_and_hours(name: str, watts: int, seconds: int) -> None:
    text = (find(name).root / "cost/cost_dashboard_spec.md").read_text(encoding="utf-8")
    month = watts * 24 * 365.25 / 12 / 1000
    assert f"{watts} W at the plug, {int(month)} kWh a month" in text
    assert (
        f"evaluation {seconds * 65 / 3600:.1f} Wh ({seconds} CPU seconds at an assumed 65 W)"
        in (text)
    )


def test_four_weeks_have_eighty_reading_lists() -> None:
    runbook = (find("applied").root / "ops/runbook.md").read_text(encoding="utf-8")
    lists = 20 * 2 * 2  # working days, sites, half days
    [slo] = [slo for slo in find("applied").entries("slos") if slo["name"] == "list-ready"]
    assert (slo["timeWindow"], round(lists * (1 - slo["target"]), 1)) == ("28d", 0.8)
    assert f"28 days have {lists}, so the budget of `list-ready` is 0.8 of a list" in runbook


@pytest.mark.parametrize("name", ["applied", "rl"])
def test_the_deployment_names_the_manifest_of_the_release_by_digest(name: str) -> None:
    root = find(name).root
    [release] = find(name).entries("joint_release")
    manifest = (root / f"versioning/releases/{release['id']}.json").read_bytes()
    [deployment] = root.glob("deploy/*.yaml")
    named = re.findall(r"--sha256, ([0-9a-f]{64})", deployment.read_text(encoding="utf-8"))
    assert named == [hashlib.sha256(manifest).hexdigest()]


@pytest.mark.parametrize("name", ["applied", "rl"])
def test_a_dry_run_fetched_a_member_of_the_release(name: str) -> None:
    [release] = find(name).entries("joint_release")
    log = (find(name).root / "evidence/deploy-dry-run.txt").read_text(encoding="utf-8")
    [line] = re.findall(r"(?m)^fetch .*$", log)
    refs = [member.split("@sha256:") for member in release["members"]]
    assert [part for part, digest in refs if part in line and digest[:8] in line]


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not here")
def test_known_series_give_the_stated_cost_of_a_unit(example: Example, tmp_path: Path) -> None:
    """The evidence of `unit-cost-tested`; with another price, each of them fails."""
    [costs] = example.root.glob("tests/*/costs.yml")
    other = tmp_path / "costs.yml"
    text = costs.read_text(encoding="utf-8")
    other.write_text(
        re.sub(r"value: ([\d.]+)", lambda found: f"value: {float(found[1]) * 2}", text)
    )

    for path, code in ((costs, 0), (other, 1)):
        done = subprocess.run(
            ["promtool", "test", "rules", str(path)], capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr


def digests(path: Path) -> set[str]:
    """Of a file's bytes, and of the values in it or in a folder, as a dataset is named."""
    if path.is_dir():
        values: Any = {file.name: file.read_text(encoding="utf-8") for file in path.iterdir()}
        return {of_values(values)}
    content = path.read_bytes()
    found = {hashlib.sha256(content).hexdigest()}
    if path.name == "questions.csv":
        found.add(questions.digest(path))
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in content.splitlines()]
        found |= {of_values(rows), evals_digests.rows(rows)}
    return found


def of_values(values: Any) -> str:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def test_digests_are_those_of_the_files(example: Example) -> None:
    refs = set()
    for entry in example.entries("registry"):
        refs.add(entry["ref"])
        if entry["path"]:
            assert entry["ref"].split(":")[1] in digests(example.root / entry["path"]), entry["ref"]
    for dataset in example.entries("datasets"):
        assert f"dataset/{dataset['id']}@sha256:{dataset['sha256']}" in refs
    [release] = example.entries("joint_release")
    assert set(release["members"]) <= refs
    kept = example.root / "versioning/releases" / f"{release['id']}.json"
    assert json.loads(kept.read_text(encoding="utf-8"))["members"] == release["members"]
    made = json.loads(example.report.read_text(encoding="utf-8"))["artifacts"]
    parts = {f"{one['kind']}/{one['name']}@sha256:{one['sha256']}" for one in made}
    assert {part for part in parts if not part.startswith("split/")} <= set(release["members"])


def test_the_log_of_releases_is_a_chain(example: Example) -> None:
    before = "0" * 64
    folder = example.root / "versioning/releases"
    for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        manifest = (folder / f"{entry['release']}.json").read_bytes()
        assert entry["before"] == before
        assert entry["manifest"] == hashlib.sha256(manifest).hexdigest()
        before = hashlib.sha256(line.encode()).hexdigest()


def test_the_tests_of_its_own_code_pass(example: Example) -> None:
    """They need no package of the team's, unlike those of the shipped slice in tests/<track>."""
    [track] = example.answers["tracks"]
    own = [f.parent for f in example.root.glob("tests/*/__init__.py") if f.parent.name != track]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, own)]
    python = os.pathsep.join([str(example.root / "src"), str(example.root)])
    environment = {**os.environ, "PYTHONPATH": python, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*command, f"--rootdir={example.root}"],
        cwd=example.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert own
    assert done.returncode == 0, done.stdout + done.stderr

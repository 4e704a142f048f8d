"""What excuses findings is shown with them, and excuses no change without an owner's approval."""

# ruff: noqa: E501 (a row of a table is one line)

import json
from pathlib import Path

import pytest
from small_charter import FILES, TODAY, Edit, compare

from mlcharter.check import engine
from mlcharter.diff import approvals
from mlcharter.diff.approvals import Approvals
from mlcharter.support.files import Folder

PACK, SETTINGS, BASELINE = "docs/eval_pack.md", ".mlcharter.yml", ".mlcharter-baseline.json"
STANDARD = "standard.yml"
TEAMS = {"@acme/fraud": ["@ada"], "@acme/leads": ["@grace"]}
LOWER: Edit = (PACK, "threshold: 0.9\n", "threshold: 0.8\n")


def setting(text: str) -> Edit:
    return (SETTINGS, "review_days: 90\n", f"review_days: 90\n{text}\n")


def known(root: Path, rule: str, shown: str) -> Edit:
    """Record the first finding of a rule in the baseline, under the name of `shown`."""
    result = engine.check(engine.open_charter(Folder(root), TODAY), level="release")
    finding, name = next((f, n) for f, n in result.fingerprints.items() if f.rule == rule)
    entry = {"fingerprint": name, "rule": shown, "path": finding.path, "message": "harmless"}
    text = json.dumps({**entry, "since": "2026-11-01"})
    return (BASELINE, '"findings": [', f'"findings": [\n{text},')


EXCUSES: dict[str, tuple[Edit, str, str, str]] = {
    # what: the edit, who owns the file, the note, and one of the lines
    "item": (
        (PACK, "`seeds` Results hold for several seeds.", "`seeds` Results hold for several seeds. Waived until 2027-02-01 by @bo: later."),
        "ada",
        "excuses 1 requirement",
        "docs/eval_pack.md:10: Results hold for several seeds.",
    ),
    "item of the template": (
        (PACK, "- [ ] `seeds`", "- [ ] `gates-before-results` Thresholds come first. Waived until 2027-02-01 by @bo: later.\n- [ ] `seeds`"),
        "ada",
        "excuses 1 requirement and 1 finding",
        "docs/eval_pack.md:10: `gates-before-results` is required from tier",
    ),
    "entry": (
        (PACK, "  decided_on: 2026-11-01\n  rationale: what the shop", "  waived: {until: 2027-02-01, by: '@bo', reason: later}\n  decided_on: 2026-11-01\n  rationale: what the shop"),
        "ada",
        "excuses 1 requirement and 1 finding",
        'docs/eval_pack.md:34: `gates` "latency-max": id: latency-max, metric: latency',
    ),
    "allow": (
        (SETTINGS, "allow:\n", "allow:\n  - {rule: proof-missing, until: 2027-01-01, by: '@bo', reason: later}\n"),
        "grace",
        "accepts `proof-missing` in `*` until 2027-01-01; excuses 1 finding",
        "proof-missing]",
    ),
    "not applicable": (
        setting("not_applicable: {docs/cards/data.md: {by: '@bo', reason: none}}"),
        "grace",
        "",
        "document docs/cards/data.md",
    ),
    "elsewhere": (
        setting("provided_elsewhere: {docs/cards/data.md: 'https://wiki.acme.example/card'}"),
        "grace",
        "",
        "document docs/cards/data.md",
    ),
    "ignore": (setting("ignore: [proof-*]"), "grace", "excuses 1 finding", "proof-missing]"),
    "select": (setting("select: [link-*, section-*, item-*, doc*, config-*, supp*]"), "grace", "", "proof-missing]"),
}  # fmt: skip


@pytest.mark.parametrize("kind", EXCUSES)
def test_what_excuses_is_shown_with_all_that_it_excuses(base: Path, kind: str) -> None:
    edit, _, note, line = EXCUSES[kind]

    (found,) = [d for d in compare(base, edit).differences if d.effect == "weakens"]

    assert found.note == note or not note
    assert line in "\n".join(found.excuses)


@pytest.mark.parametrize("kind", EXCUSES)
def test_what_excuses_the_same_change_needs_the_approval_of_its_owner(
    base: Path, kind: str
) -> None:
    """Bo, who is no owner, writes it; the owner of the settings does not own the threshold."""
    edit, owner, _, _ = EXCUSES[kind]
    found = compare(base, LOWER, edit)

    def fails(*people: str) -> bool:
        return approvals.apply(found, Approvals(frozenset(people)), TEAMS).fails

    assert fails()
    assert fails("bo")
    assert fails("ada") is (owner == "grace")
    assert fails("grace")
    assert not fails("ada", owner)


def test_an_exclusion_of_the_organisation_is_shown_with_what_it_excuses(tmp_path: Path) -> None:
    for path, text in (FILES | {STANDARD: "review_days: 100\n"}).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(
            text.replace("level: complete", f"extends: {STANDARD}\nlevel: complete")
        )
    before = engine.open_charter(Folder(tmp_path), TODAY)
    assert before.settings.above
    (tmp_path / STANDARD).write_text("review_days: 100\nexclude: [docs/cards/data.md]\n")
    after = engine.open_charter(Folder(tmp_path), TODAY)

    from mlcharter.diff import comparing

    (found,) = comparing.compare(before, after, "base").differences
    assert (found.effect, found.subject, found.path) == ("weakens", "setting `exclude`", STANDARD)
    assert "document docs/cards/data.md" in found.excuses
    assert found.needs == "needs the approval of @acme/fraud"


def test_a_baseline_entry_is_shown_with_the_finding_and_not_with_what_it_says(base: Path) -> None:
    """The entry names a harmless rule, but its fingerprint is that of another finding."""
    edit = known(base, "proof-missing", "link-broken")

    found = compare(base, edit)

    (entry,) = found.differences
    assert (entry.effect, entry.note) == ("weakens", "excuses 1 finding")
    assert [text.rpartition(" ")[2] for text in entry.excuses] == ["[proof-missing]"]
    assert found.fails


def test_a_baseline_entry_of_no_finding_excuses_nothing(base: Path) -> None:
    entry = '{"fingerprint": "bb", "rule": "x", "path": "a", "message": "", "since": "2026-11-01"}'
    (found,) = compare(base, (BASELINE, '"findings": [', f'"findings": [\n{entry},')).differences

    assert (found.note, found.excuses) == ("excuses nothing now", ())


def test_each_of_many_waivers_is_shown_with_what_it_excuses(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two checks say that: one of the change, and one without all waivers."""
    checks = []
    check = engine.check
    monkeypatch.setattr(engine, "check", lambda *a, **b: checks.append(1) or check(*a, **b))
    rows = [f"- [ ] `own-{n}` A check." for n in range(12)]
    waived = "\n".join(f"{row} Waived until 2027-02-01 by @bo: later." for row in rows)
    entry, allow = EXCUSES["entry"][0], EXCUSES["allow"][0]

    found = compare(base, (PACK, "- [ ] `seeds`", f"{waived}\n- [ ] `seeds`"), entry, allow)

    notes = [d.note for d in found.differences if d.effect == "weakens"]
    assert notes == [
        EXCUSES["allow"][2],
        *["excuses 1 requirement"] * 12,
        "excuses 1 requirement and 1 finding",
    ]
    assert len(checks) == 2


def test_a_finding_that_two_waivers_hide_is_shown_with_both(base: Path) -> None:
    """Without either of them alone the other still hides it."""
    gate = "  decided_on: 2026-11-01\n  rationale: what the rules"
    waived = f"  waived: {{until: 2027-02-01, by: '@bo', reason: later}}\n{gate}"

    found = compare(base, (PACK, gate, waived), EXCUSES["allow"][0])

    excused = [[text for text in d.excuses if "proof-" in text] for d in found.differences]
    assert [len(texts) for texts in excused] == [1, 1], excused

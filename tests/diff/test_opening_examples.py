"""The two changes of the filled-in example that `check` accepts, which `diff` was written for."""

from small_charter import TODAY, lines

from checkout import ROOT
from mlcharter.check import engine
from mlcharter.diff import comparing
from mlcharter.diff.difference import Comparison
from mlcharter.support.files import Folder, Overlay

EXAMPLE = ROOT / "examples/applied"


def change(edits: dict[str, tuple[str, str]]) -> Comparison:
    """Return the differences of one replacement in each of some files; "" adds a file."""
    overlay = {}
    for path, (old, new) in edits.items():
        text = (EXAMPLE / path).read_text() if old else ""
        assert old in text, f"{path} does not say {old!r}"
        overlay[path] = (text.replace(old, new, 1) if old else new).encode()
    trees = (Folder(EXAMPLE), Overlay(Folder(EXAMPLE), overlay))
    before, after = (engine.open_charter(tree, TODAY) for tree in trees)
    return comparing.compare(before, after, "base")


def test_a_threshold_lowered_in_the_eval_pack_the_frozen_gates_and_the_design_document() -> None:
    found = change(
        {
            "docs/eval_pack.md": ("  threshold: 0.95\n", "  threshold: 0.9\n"),
            "docs/design_doc.md": ('op: ">=", threshold: 0.95,', 'op: ">=", threshold: 0.9,'),
            "reports/released/2026-11-gates.json": ('"threshold": 0.95,', '"threshold": 0.9,'),
        }
    )

    assert lines(found) == [
        'weakens: decision success "auc" threshold: 0.95 → 0.9',
        'weakens: gates "auc-overall" threshold: 0.95 → 0.9',
        "weakens: released file: released → changed",
    ]
    assert [d.needs for d in found.differences] == [
        "needs the approval of @northbank/cytology-board or @northbank/cytology-ml",
        "needs the approval of @northbank/cytology-ml",
        "revert it",
    ]


def test_an_allow_entry_of_a_stranger_for_the_proofs_that_the_same_change_breaks() -> None:
    allow = "allow:\n  - {rule: proof-missing, until: 2027-02-01, by: '@bo', reason: later}\n"
    settings = ("not_applicable:\n", f"{allow}not_applicable:\n")
    found = change({".mlcharter.yml": settings, "evals/applied.py": ("\n", "\n# Broken.\n")})

    (entry,) = found.differences
    assert (entry.effect, entry.subject) == ("weakens", 'setting `allow "proof-missing"`')
    assert entry.note == "accepts `proof-missing` in `*` until 2027-02-01; excuses 11 findings"
    assert entry.excuses[0] == (
        'docs/eval_pack.md:109: `gates` "auc-overall" or what evals/applied.py reads changed '
        "since the gate was proven; run `mlcharter prove` [proof-missing]"
    )
    assert entry.needs == "needs the approval of @northbank/cytology-ml"
    assert found.fails

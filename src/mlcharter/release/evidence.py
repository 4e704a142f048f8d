"""What a release rests on: frozen reports, the verdicts on its gates, proofs.

All is read from the commit of the release and decided again. What the settings of `check` allow or
exclude changes nothing here.
"""

from collections.abc import Iterator

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.check import engine, eval_reports
from mlcharter.formats.report import Report
from mlcharter.gate import inputs, proofs
from mlcharter.gate.measurements import LAST_RELEASE
from mlcharter.gate.verdict import Verdict

_LET_THROUGH = ("pass", "warn", "waived")
_FROZEN = ("-gates.json", "-tests.xml", "-installed.txt", "-sbom.json")


class Evidence(Struct, frozen=True):
    """`gates` has the verdict on each gate, `paths` the files that show it."""

    reports: dict[str, Report]
    verdicts: dict[str, Verdict]
    paths: tuple[str, ...]

    @property
    def gates(self) -> dict[str, str]:
        return {gate: verdict.verdict for gate, verdict in sorted(self.verdicts.items())}


def lets_through(verdict: str, tier: str) -> bool:
    """Return whether a verdict lets a release through; a prototype may have a starter's."""
    return verdict in _LET_THROUGH or (verdict == "starter" and tier == "prototype")


def collect(charter: Charter) -> Evidence:
    """Return the evidence of a commit; `find_problems` says whether it suffices."""
    reports = eval_reports.reports(charter)
    verdicts = {verdict.gate: verdict for verdict in eval_reports.verdicts(charter) or ()}
    kept = eval_reports.kept_verdicts(charter)
    for gate in charter.entries("gates"):
        # The newest frozen report is of this release, so the one before is no longer known.
        if gate.value.against == LAST_RELEASE and isinstance(kept, eval_reports.Kept):
            verdicts |= {id: kept.verdicts[id] for id in (gate.value.id,) if id in kept.verdicts}
    frozen = (path for suffix in _FROZEN if (path := charter.frozen(suffix)) is not None)
    extra = [proofs.PATH] if charter.is_file(proofs.PATH) else []
    return Evidence(reports, verdicts, (*reports, *frozen, *extra))


def find_problems(charter: Charter, release: Entry, evidence: Evidence) -> Iterator[str]:
    """Yield what forbids to release on this evidence, each as a sentence."""
    if not evidence.reports:
        yield "there is no eval report in reports/released; run `make release`, or save one there"
    for path, report in evidence.reports.items():
        if difference := inputs.find_difference(report, charter.tree):
            yield f"`{path}` is stale: {difference}"
    yield from _find_ungated(charter, release, evidence)
    yield from _find_unproven(charter)
    yield from _find_unmeasured(charter, release, evidence)


def _find_ungated(charter: Charter, release: Entry, evidence: Evidence) -> Iterator[str]:
    blocking = [gate.value.id for gate in charter.every("gates") if gate.value.on_fail == "block"]
    if not blocking:
        yield "no gate blocks a merge; decide one in `gates`"
    for id in dict.fromkeys((*blocking, *release.value.gates)):
        verdict = evidence.verdicts.get(id)
        if verdict is None:
            yield f"gate `{id}` has no verdict on the frozen reports"
        elif not lets_through(verdict.verdict, charter.tier):
            yield f"gate `{id}`: {verdict.verdict}, {verdict.why}"


def _find_unproven(charter: Charter) -> Iterator[str]:
    found = engine.findings(charter, engine.load(["proof-missing"]))
    return (f"{finding.path}:{finding.line}: {finding.message}" for finding in found)


def _find_unmeasured(charter: Charter, release: Entry, evidence: Evidence) -> Iterator[str]:
    """Yield the members that no report names: gates passed, but on something else.

    The digest of what was measured covers its data and its embedder. A reward trains a policy, and
    is in none of its evals.
    """
    measured: set[str] = set()
    for report in evidence.reports.values():
        measured |= {artifact.sha256 for artifact in report.artifacts}
        measured |= {dataset.sha256 for dataset in report.datasets}
        measured |= set(report.inputs.files.values() if report.inputs else ())
    covered: set[str] = set()
    for entry in charter.every("registry"):
        if entry.value.ref[-64:] in measured:
            parts = (*entry.value.datasets, entry.value.embedder or "")
            covered |= {part[-64:] for part in parts}
    for ref in release.value.members:
        name, _, digest = ref.partition("@sha256:")
        if digest not in measured | covered and not name.startswith("reward/"):
            yield f"`{name}`: no frozen report measured these bytes"

"""What a release rests on: frozen reports, the verdicts on its gates, proofs.

All is read from the commit of the release and decided again. What the settings of `check` allow or
exclude changes nothing here.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.charter.config_entries import Entry
from mlcharter.check import engine, eval_reports
from mlcharter.formats.report import Report
from mlcharter.gate import inputs, proofs
from mlcharter.gate.measurements import LAST_RELEASE
from mlcharter.gate.verdict import Verdict

_LET_THROUGH = ("pass", "warn", "waived")
OF_DATA = ("dataset", "experience", "feature")  # pinned by digest; their bytes stay elsewhere
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

    Data that something measured was made from counts as measured, since a release has its digest
    only. So does nothing else that `registry` merely says: whoever edits it could name any file.
    A reward trains a policy, and is in none of its evals; no service loads one.
    """
    measured: set[str] = set()
    registry = charter.named("registry")
    for ref, entry in registry.items():
        if _is_measured(entry.value, evidence):
            measured |= {ref, *(one for one in entry.value.datasets if _kind(one) in OF_DATA)}
    for ref in release.value.members:
        name = ref.partition("@")[0]
        registered = registry.get(ref)
        if registered is not None and registered.value.kind != _kind(ref):
            yield f"`{name}` is registered with the kind `{registered.value.kind}`"
        elif ref not in measured and _kind(ref) != "reward":
            yield f"`{name}`: no frozen report measured these bytes"
        elif stale := _find_other(ref, evidence):
            yield f"`{name}`: `{stale}` measured other bytes"


def _is_measured(registered: Any, evidence: Evidence) -> bool:
    """Return whether a report measured what is registered.

    It is an artifact of a report, a dataset that one read, or a file that it read at this path. The
    digest of another file that was read does not count: that was not used as this member.
    """
    name, _, digest = registered.ref.partition("@sha256:")
    for report in evidence.reports.values():
        if digest in _list_artifacts(report, name):
            return True
        if _kind(name) in OF_DATA and digest in {one.sha256 for one in report.datasets}:
            return True
        if report.inputs and report.inputs.files.get(registered.path) == digest:
            return True
    return False


def _find_other(ref: str, evidence: Evidence) -> str | None:
    """Return the report that measured another version of a member, whose gates say nothing."""
    name, _, digest = ref.partition("@sha256:")
    for path, report in evidence.reports.items():
        versions = _list_artifacts(report, name)
        if versions and digest not in versions:
            return path
    return None


def _list_artifacts(report: Report, name: str) -> set[str]:
    """Return the digests of the artifacts of a report with this `kind/name`."""
    return {one.sha256 for one in report.artifacts if f"{one.kind}/{one.name}" == name}


def _kind(ref: str) -> str:
    return ref.partition("/")[0]

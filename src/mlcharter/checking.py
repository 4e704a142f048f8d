"""Every rule over a charter: findings, sorted, and which of them fail."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType

from mlcharter import answers, baseline, history, plugins, policy, rule, specification
from mlcharter.charter import Charter
from mlcharter.demands import Demands
from mlcharter.finding import Finding
from mlcharter.judged import Judged, Outcome, Result
from mlcharter.policy import LEVELS
from mlcharter.template import embedded_root


def open_charter(
    root: Path,
    today: datetime.date,
    *,
    branch: str | None = None,
    organisation: Path | None = None,
) -> Charter:
    """The charter of the repository at `root`, held to the template that this program carries."""
    template = embedded_root()
    read = answers.read(root, specification.tracks(template))
    policies = policy.read(root, organisation)
    demands = Demands()
    if read.problem is None:
        demands = history.held(specification.demanded(template, read.values), read.commit)
        demands = specification.extended(demands, policies.required)
    return Charter(root, read, policies, demands, today, branch)


def findings(charter: Charter, modules: dict[str, ModuleType]) -> list[Finding]:
    """What the rules find. Rules with `check_all` look at what the others found, and come last."""
    found: list[Finding] = []
    for name, module in modules.items():
        if hasattr(module, "check"):
            found += _named(name, module.check(charter))
    late: list[Finding] = []
    for name, module in modules.items():
        if hasattr(module, "check_all"):
            late += _named(name, module.check_all(charter, tuple(found)))
    return sorted({*found, *late})


def _named(name: str, found: Iterator[Finding]) -> Iterator[Finding]:
    return (replace(finding, rule=name) for finding in found)


def load(names: Sequence[str]) -> dict[str, ModuleType]:
    """The modules of these rules."""
    return {name: plugins.load_one(rule.PACKAGE, name) for name in names}


# What becomes of a finding


def check(
    charter: Charter,
    *,
    level: str | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    prefix: str = "",
) -> Result:
    """Judge a charter by every rule. `level` overrides the policy; the patterns add to it."""
    modules = load(rule.names())
    found = findings(charter, modules)
    names = baseline.fingerprints(found)
    known = {entry.fingerprint: entry for entry in charter.baseline.findings}
    judged = []
    for finding in found:
        if not _chosen(finding.rule, charter, select, ignore):
            continue
        at = modules[finding.rule].LEVEL
        held = level or charter.policy.level(finding.path, charter.branch)
        outcome, why = _outcome(charter, finding, at, held, known.get(names[finding]))
        judged.append(Judged(finding, outcome, at, names[finding], why))
    since = min((str(entry.since) for entry in charter.baseline.findings), default="")
    return Result(
        prefix,
        level or charter.policy.level("", charter.branch),
        len(charter.documents),
        tuple(judged),
        charter.baseline.owner,
        since,
    )


def _chosen(name: str, charter: Charter, select: Sequence[str], ignore: Sequence[str]) -> bool:
    if any(fnmatchcase(name, pattern) for pattern in ignore):
        return False
    if select:
        return any(fnmatchcase(name, pattern) for pattern in select)
    return charter.policy.selects(name)


def _outcome(
    charter: Charter, finding: Finding, at: str, held: str, known: baseline.Known | None
) -> tuple[Outcome, str]:
    if at == "note" or LEVELS.index(at) > LEVELS.index(held):
        return "counted", ""
    for allow, _, _ in charter.policy.allows:
        if allow.until >= charter.today and allow.covers(finding):
            return "allowed", f"until {allow.until} by {allow.by}: {allow.reason}"
    if known is not None and finding.path not in _SELF:
        return "known", f"in the baseline of {charter.baseline.owner} since {known.since}"
    return "fails", ""


_SELF = (policy.POLICY, baseline.FILE)

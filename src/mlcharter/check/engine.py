"""Check a charter by every rule, and decide which findings fail."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import ModuleType

from msgspec import structs

from mlcharter.charter import baseline, required, settings
from mlcharter.charter.charter import Charter
from mlcharter.charter.settings import LEVELS, Settings
from mlcharter.check import rule
from mlcharter.check.result import Judged, Outcome, Result, fingerprints
from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Tree
from mlcharter.support.finding import Finding
from mlcharter.support.nearest import nearest
from mlcharter.template import answers, composing, history, recorded_source, specification
from mlcharter.template.answers import Answers
from mlcharter.template.bundled import embedded_root
from mlcharter.template.specification import Specification


def open_charter(
    tree: Tree,
    today: datetime.date,
    *,
    branch: str | None = None,
    organisation: Path | None = None,
    cache: Path | None = None,
    template: Path | None = None,
) -> Charter:
    """Return the charter of a repository: of a folder, a commit, or any other tree of its files.

    `organisation` is the file of a standard that the settings cannot weaken. `cache` is a folder
    for cached specifications. `template` is the folder of the template to check against, by
    default this program's own; one that cannot be read is a UserError.
    """
    template = template or embedded_root()
    read = answers.read(tree, composing.list_tracks(template))
    combined = settings.read(tree, organisation)
    spec = _specify(template, read, combined, cache)
    kept = cache if template == embedded_root() else None
    return Charter(tree, read, combined, spec, today, branch, template, kept)


def _specify(
    template: Path, read: Answers, combined: Settings, cache: Path | None
) -> Specification:
    """Return what answers and settings require."""
    spec = Specification()
    if read.problem is None:
        if template != embedded_root():
            spec = recorded_source.read(template, read.values)
        else:
            spec = specification.read(template, read.values, cache)
            spec = history.limit_to_version(spec, read.commit)
        spec = spec.keep_documents(read.kept)
        if read.only:
            every = frozenset((*spec.forms, *(document.path for document in spec.documents)))
            spec = spec.leave_out(every - {*read.only})
        spec = required.extend(spec, combined.required).leave_out(combined.left_out)
    return spec


def with_settings(charter: Charter, combined: Settings) -> Charter:
    """Return a charter with other settings."""
    spec = _specify(charter.template, charter.answers, combined, charter.cache)
    return structs.replace(charter, settings=combined, spec=spec)


def findings(charter: Charter, modules: dict[str, ModuleType]) -> list[Finding]:
    """Return the findings of these rules. Rules with `check_all` run last, on the other findings.

    If the answers are invalid, it is unknown what the repository must have; then only the rules
    with `WITHOUT_ANSWERS` run.
    """
    if charter.answers.problems:
        modules = {n: m for n, m in modules.items() if getattr(m, "WITHOUT_ANSWERS", False)}
    found: list[Finding] = []
    for name, module in modules.items():
        if hasattr(module, "check"):
            found += _with_rule_name(name, module.check(charter))
    early = tuple(found)
    for name, module in modules.items():
        if hasattr(module, "check_all"):
            found += _with_rule_name(name, module.check_all(charter, early))
    if _UNREADABLE in modules:
        left = charter.left_out
        found += (Finding(read.path, read.line, 1, _UNREADABLE, read.message) for read in left)
    return sorted(set(found))


def _with_rule_name(name: str, found: Iterator[Finding]) -> Iterator[Finding]:
    """Yield the findings with the name of their rule, at most MOST, and shorten long messages."""
    for number, finding in enumerate(found):
        message = finding.message
        if number == MOST:
            message = f"this rule has more than {MOST} findings, the rest is left out"
            yield structs.replace(finding, rule=name, message=f"{message}; correct these first")
            return
        if len(message) > _LONGEST:
            message = f"{message[: _LONGEST // 2]} … {message[-_LONGEST // 2 :]}"
        yield structs.replace(finding, rule=name, message=message)


_UNREADABLE = "document-unreadable"
MOST = 2000  # findings of one rule in one repository
_LONGEST = 2000  # characters of a message, which may quote a document


def load(names: Sequence[str]) -> dict[str, ModuleType]:
    """Import and return the modules of these rules."""
    return {name: rule.module(name) for name in names}


# The outcomes of findings


def check(
    charter: Charter,
    *,
    level: str | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    prefix: str = "",
    found: Sequence[Finding] | None = None,
) -> Result:
    """Check a charter by every selected rule; return the findings with their outcomes.

    `level` and `select` replace those of the settings, `ignore` adds to them. `found` are the
    findings of all rules, if they are known already.
    """
    every = rule.names()
    chosen = [name for name in every if _chosen(name, charter, select, ignore)]
    modules = load(chosen)
    if chosen != every and any(hasattr(module, "check_all") for module in modules.values()):
        modules = load(every)  # a rule with `check_all` needs the findings of all others
    if found is None:
        found = findings(charter, modules)
    recorded = {entry.fingerprint: entry for entry in charter.baseline.findings}
    names = fingerprints(found) if recorded else {}
    known = {finding: recorded[name] for finding, name in names.items() if name in recorded}
    judge = _judge_by(charter, level)
    judged = []
    for finding in found:
        if not _chosen(finding.rule, charter, select, ignore):
            continue
        at = modules[finding.rule].LEVEL
        outcome, why = judge(finding, at, known.get(finding))
        judged.append(Judged(finding, outcome, at, why))
    since = min((str(entry.since) for entry in charter.baseline.findings), default="")
    return Result(
        prefix,
        level or charter.settings.level("", charter.branch),
        len(charter.documents),
        tuple(judged),
        charter.baseline.owner,
        since,
        tuple(read.path for read in charter.documents),
    )


def _chosen(name: str, charter: Charter, select: Sequence[str], ignore: Sequence[str]) -> bool:
    if any(fnmatchcase(name, pattern) for pattern in ignore):
        return False
    if select:
        return any(fnmatchcase(name, pattern) for pattern in select)
    return charter.settings.selects(name)


_Judge = Callable[[Finding, str, baseline.Known | None], tuple[Outcome, str]]


def _judge_by(charter: Charter, level: str | None) -> _Judge:
    """Return a function that decides the outcome of a finding, and says why.

    Settings are looked up once for each rule and file.
    """
    current = [a for a, _, _ in charter.settings.allows if a.until >= charter.earliest]

    @cache
    def level_of(path: str) -> str:
        return level or charter.settings.level(path, charter.branch)

    @cache
    def find_allow(rule: str, path: str) -> settings.Allow | None:
        return next((allow for allow in current if allow.covers(rule, path)), None)

    def judge(finding: Finding, at: str, known: baseline.Known | None) -> tuple[Outcome, str]:
        if at == "note" or LEVELS.index(at) > LEVELS.index(level_of(finding.path)):
            return "counted", ""
        if allow := find_allow(finding.rule, finding.path):
            return "allowed", f"until {allow.until} by {allow.by}: {allow.reason}"
        if known is not None and finding.path not in _SELF:
            owner = charter.baseline.owner
            return "known", f"in the baseline of {owner} since {known.since}"
        return "fails", ""

    return judge


_SELF = (settings.SETTINGS, baseline.FILE)


def refuse_unknown(patterns: Sequence[str]) -> None:
    """Raise a UserError for a pattern that matches no rule."""
    names = rule.names()
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            near = nearest(pattern, names)
            hint = f"did you mean `{near[0]}`?" if near else "`mlcharter explain` lists the rules"
            raise UserError(f"there is no rule `{pattern}`", hint=hint)


def write_baseline(root: Path, charter: Charter, result: Result) -> None:
    """Record the failing and already recorded findings in the baseline at `root`.

    A finding that was recorded at a stricter level stays while it still exists. A baseline that
    cannot be read is a UserError, since the dates of its findings would be lost.
    """
    if charter.baseline.problems:
        line, _, message = charter.baseline.problems[0]
        raise UserError(f"{baseline.FILE}:{line}: {message}", hint="or delete it to start again")
    names = result.fingerprints
    recorded = {known.fingerprint for known in charter.baseline.findings}
    kept = {
        one.finding: names[one.finding]
        for one in result.judged
        if one.finding.path not in _SELF
        and (
            one.outcome in ("fails", "known")
            or (one.outcome == "counted" and names[one.finding] in recorded)
        )
    }
    owner = str(charter.answers.values.get("owner", "")) or "nobody"
    text = baseline.render(kept, charter.baseline, owner, charter.today)
    writing.replace(root, baseline.FILE, text.encode())

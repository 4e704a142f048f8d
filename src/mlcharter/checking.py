"""Every rule over a charter: findings, sorted, and which of them fail."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from mlcharter import answers, plugins, policy, rule, specification
from mlcharter.charter import Charter
from mlcharter.demands import Demands
from mlcharter.finding import Finding
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
        demands = specification.demanded(template, read.values)
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

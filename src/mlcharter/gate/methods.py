"""Say which gates an update may move because an instrument of `mlcharter.evals` is another one.

A template names the versions of its instruments in `template/methods.yml`, a report those that it
used. No code of either runs: a new bound is computed only for Wilson's interval, which follows from
value and `n` of the report, and only if this mlcharter has the new version of it.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from mlcharter.charter.config.evaluation.gates import Gate
from mlcharter.evals import METHODS, shares
from mlcharter.formats import report
from mlcharter.formats.report import Report, Result
from mlcharter.gate import inputs, loading
from mlcharter.gate.measurements import key_of
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Unreadable

FILE = "template/methods.yml"
_LINE = re.compile(r'^([a-z0-9-]{1,63}): "([^"\n]{1,63})"$', re.M)
# What a report calls the method of an interval, by the instrument that computes it.
_INTERVALS = {
    "bca": "bootstrap",
    "beta-mixture": "e-process",
    "clopper-pearson": "clopper-pearson",
    "delong": "delong",
    "korn-graubard": "clopper-pearson",
    "percentile": "bootstrap",
    "rogan-gladen": "clopper-pearson",
    "wilson": "wilson",
}


def read(template: Path) -> dict[str, str]:
    """Return the versions of the instruments of a template; none if it does not name them."""
    content = Folder(template).read(FILE)
    if isinstance(content, Unreadable):
        return {}
    return dict(_LINE.findall(content.decode(errors="replace")))


def describe_changes(tree: Folder, new: Mapping[str, str]) -> list[str]:
    """Return a line for each instrument of a stored report that `new` has in another version."""
    lines: dict[str, list[str]] = {}
    gates = _read_gates(tree)
    for name, _ in sorted(tree.list_folder("reports")):
        found = _read_report(f"reports/{name}", tree)
        if found is None:
            continue
        for instrument, version in sorted(found.methods.items()):
            if instrument in new and new[instrument] != version:
                about = f"`{instrument}` {version} → {new[instrument]} gives other numbers"
                moved = _list_moved(found, gates, instrument, new[instrument])
                lines.setdefault(about, []).extend(moved)
    rerun = inputs.suggest_rerun("setup eval", tree)
    return [
        f"{about}; gates: {', '.join(moved) or 'none'}; {rerun} to see the new bounds"
        for about, moved in lines.items()
    ]


def _read_report(path: str, tree: Folder) -> Report | None:
    try:
        return report.read(path, tree) if path.endswith(".json") else None
    except UserError:
        return None


def _read_gates(tree: Folder) -> list[Gate]:
    """Return the gates of the eval pack; none if it can't be read, which `check` says."""
    try:
        configs, _ = loading.read_configs(tree, None, {"gates"})
    except UserError:
        return []
    return list(configs.get("gates", ()))


def _list_moved(found: Report, gates: list[Gate], instrument: str, version: str) -> Iterator[str]:
    """Yield each gate on a report that an instrument may move, with its bound."""
    for gate in gates:
        result = found.by_key.get(key_of(gate))
        if result is None or not _is_measured_by(result, instrument):
            continue
        interval, lower = result.interval, gate.bound == "lower95"
        now = result.value
        if interval is not None and gate.bound != "point":
            now = interval.lower if lower else interval.upper
        line = f"{gate.id} ({gate.bound} {now:.6g}"
        if instrument == "wilson" and version == METHODS["wilson"] and gate.against is None:
            ends = shares.wilson(result.value, result.n, 0.95)
            line += f" → {ends[not lower]:.6g}"
        yield f"{line})"


def _is_measured_by(result: Result, instrument: str) -> bool:
    """Return whether a result may rest on an instrument; modules may be behind any of them."""
    if instrument not in _INTERVALS:
        return True
    return result.interval is not None and result.interval.method == _INTERVALS[instrument]

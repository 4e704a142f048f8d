"""The config blocks that decide a merge: the modules of gate_kinds/, over what was measured."""

from collections.abc import Mapping
from typing import Any

from mlcharter.gate.measurements import Measured
from mlcharter.gate.verdict import Verdict
from mlcharter.support import plugins

_PACKAGE = "mlcharter.gate.kinds"


def kinds() -> list[str]:
    """The kinds of config blocks that decide."""
    return [name.replace("-", "_") for name in plugins.names(_PACKAGE)]


def verdicts(configs: Mapping[str, Any], measured: Measured) -> list[Verdict]:
    """A verdict for each thing that the config blocks ask, in a fixed order of their kinds."""
    found: list[Verdict] = []
    for kind in kinds():
        if configs.get(kind) is not None:
            found += plugins.load_one(_PACKAGE, kind).verdicts(configs[kind], measured)
    return found

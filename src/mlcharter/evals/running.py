"""The command line of an eval, `python -m evals.applied`.

    if __name__ == "__main__":
        running.main("evals.applied", measure, DEFECTS, inputs=INPUTS)

Without options it measures, and writes `reports/applied.json`. `--defect GATE --out FILE` measures
the system with the defect that GATE is there to find; `mlcharter prove` runs that. `--describe`
prints which defects there are and what the eval reads, as JSON, without a measurement.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from mlcharter.evals.inputs import Inputs
from mlcharter.evals.reports import Report

Measure = Callable[[Path], Report]
Defect = Callable[[], Report]


def main(
    module: str,
    measure: Measure,
    defects: Mapping[str, Defect],
    *,
    inputs: Inputs,
    packages: Iterable[str] = (),
    arguments: Sequence[str] | None = None,
) -> None:
    """Run what `arguments` ask for, those of the process by default.

    `measure` gets the folder of the reports, where it may write pictures and models too. A defect,
    by the id of its gate, returns a report that needs only the results of that gate. Exits with 2
    and a message for arguments that cannot be run. A system that raises NotImplementedError is not
    there yet: that is said, and no report is written. What else it raises passes through.
    """
    parser = _parser(module, defects)
    options = parser.parse_args(arguments)
    command = f"python -m {module}"
    name = module.rpartition(".")[2]
    if options.describe:
        described = {"name": name, "defects": sorted(defects), "inputs": inputs.content()}
        json.dump(described, sys.stdout, indent=1)
        print()
    elif options.defect:
        if options.out is None:
            parser.error("--defect needs --out FILE, so that the report of the sound system stays")
        defects[options.defect]().write(
            options.out,
            command=f"{command} --defect {options.defect}",
            packages=packages,
            inputs=inputs,
            defect=options.defect,
        )
    else:
        folder: Path = options.out_dir
        folder.mkdir(parents=True, exist_ok=True)
        out = options.out or folder / f"{name}.json"
        try:
            report = measure(folder)
        except NotImplementedError as error:
            print(f"evals.{name}: not configured yet: {error}")
        else:
            report.write(out, command=command, packages=packages, inputs=inputs)


def _parser(module: str, defects: Mapping[str, Defect]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    add = parser.add_argument
    add("--out-dir", type=Path, default=Path("reports"), help="folder of the report and pictures")
    add("--out", type=Path, help="file of the report")
    add("--defect", choices=sorted(defects), metavar="GATE", help="break the system for this gate")
    add("--describe", action="store_true", help="print the defects and the inputs as JSON")
    return parser

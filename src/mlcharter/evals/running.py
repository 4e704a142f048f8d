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
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from mlcharter.evals.inputs import Inputs
from mlcharter.evals.reports import Report

Measure = Callable[[Path], Report]
Defect = Callable[[], Report]


def main(
    module: str,
    measure: Measure,
    defects: Mapping[str, Defect] | Callable[[], Mapping[str, Defect]],
    *,
    inputs: Inputs,
    packages: Iterable[str] = (),
    arguments: Sequence[str] | None = None,
) -> None:
    """Run what `arguments` ask for, those of the process by default.

    `measure` gets the folder of the reports, where it may write pictures and models too. A defect,
    by the id of its gate, returns a report that needs only the results of that gate; a function
    finds the defects if they depend on data. A system that raises NotImplementedError is not there
    yet: that is said, and no report is written. What else it raises passes through. Exits with 2
    and a message for arguments that cannot be run.
    """
    parser = _parser(module)
    options = parser.parse_args(arguments)
    run = _Run(module, measure, defects, inputs, packages)
    try:
        if options.describe:
            run.describe()
        elif options.defect:
            run.write_defect(options.defect, options.out, parser.error)
        else:
            run.write(options.out_dir, options.out)
    except NotImplementedError as error:
        message = f"{module}: not configured yet: {error}"
        if options.defect:
            parser.error(message)
        if options.describe:
            run.print_description([])
        print(message, file=sys.stderr if options.describe else sys.stdout)


def break_part(
    new_report: Callable[[], Report],
    measure: Callable[..., object],
    *parts: Callable[[], Any],
    **options: Any,
) -> Defect:
    """Return a defect: `measure` adds to a new report what it finds in broken `parts`.

    Nothing is built or measured before the defect is called.
    """

    def run() -> Report:
        report = new_report()
        measure(report, *(part() for part in parts), **options)
        return report

    return run


@dataclass(frozen=True)
class _Run:
    module: str
    measure: Measure
    defects: Mapping[str, Defect] | Callable[[], Mapping[str, Defect]]
    inputs: Inputs
    packages: Iterable[str]

    @property
    def name(self) -> str:
        return self.module.rpartition(".")[2]

    def find_defects(self) -> Mapping[str, Defect]:
        return self.defects() if callable(self.defects) else self.defects

    def describe(self) -> None:
        self.print_description(sorted(self.find_defects()))

    def print_description(self, defects: list[str]) -> None:
        described = {"name": self.name, "defects": defects, "inputs": self.inputs.content()}
        print(json.dumps(described, indent=1))

    def write_defect(self, gate: str, out: Path | None, refuse: Callable[[str], NoReturn]) -> None:
        if out is None:
            refuse("--defect needs --out FILE, so that the report of the sound system stays")
        found = self.find_defects()
        if gate not in found:
            refuse(f"no defect for gate {gate!r}; there are {', '.join(sorted(found))}")
        command = f"python -m {self.module} --defect {gate}"
        found[gate]().write(
            out, command=command, packages=self.packages, inputs=self.inputs, defect=gate
        )

    def write(self, folder: Path, out: Path | None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.measure(folder).write(
            out or folder / f"{self.name}.json",
            command=f"python -m {self.module}",
            packages=self.packages,
            inputs=self.inputs,
        )


def _parser(module: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    add = parser.add_argument
    add("--out-dir", type=Path, default=Path("reports"), help="folder of the report and pictures")
    add("--out", type=Path, help="file of the report")
    add("--defect", metavar="GATE", help="break the system as this gate should find; needs --out")
    add("--describe", action="store_true", help="print the defects and the inputs as JSON")
    return parser

"""Show that each gate can fail: run its eval on a system that is broken on purpose.

A gate on scores has no eval that could be run; its scores are broken instead, see breaking.py.
"""

import datetime
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from mlcharter.charter.config.evaluation.gates import Gate
from mlcharter.formats import proofs as proofs_file
from mlcharter.formats import report
from mlcharter.formats.proofs import PATH, Block, Eval, Proof, Proofs
from mlcharter.formats.report import Key, Report, describe
from mlcharter.gate import breaking, engine, eval_programs, loading, scoring
from mlcharter.gate.eval_programs import EvalError
from mlcharter.gate.measurements import LAST_RELEASE, OPS, Failure, key_of
from mlcharter.gate.proofs import (
    Sound,
    Validity,
    combine,
    digest_inputs,
    digest_scores,
    read_sound,
)
from mlcharter.gate.scoring import Pack
from mlcharter.gate.tables import Table
from mlcharter.gate.verdict import Verdict
from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder
from mlcharter.support.nearest import remedy

Tell = Callable[[str], None]


class Outcome(Struct, kw_only=True):
    """The result of `prove`: the proofs, and by gate what was wrong.

    `weak` gates passed on their broken system, `idle` are those that fail without a defect as well
    and are not worse with it, `failed` evals could not be run, `without` are the gates that have
    neither a defect in an eval nor scores, and `differs` says whether proofs.json is another.
    `missed` has the number of a proven gate that fails without the defect too.
    """

    proofs: Proofs
    proven: list[str] = field(default_factory=list)
    weak: dict[str, str] = field(default_factory=dict)
    failed: dict[str, EvalError] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)
    idle: dict[str, str] = field(default_factory=dict)
    missed: dict[str, float] = field(default_factory=dict)
    differs: bool = False


class Unproven(Struct, frozen=True):
    """Why there is no proof of a gate; it is `idle` if it fails without the defect as well."""

    why: str
    idle: bool = False


class Prover:
    """Proves gates of the repository at `root`. `limit` is in seconds, for one defect."""

    def __init__(self, root: Path, today: datetime.date, limit: int, tell: Tell) -> None:
        self.root, self.tree = root, Folder(root)
        self.today, self.limit, self.tell = today, limit, tell
        self.configs, _ = loading.read_configs(self.tree, None)
        self.gates: dict[str, Gate] = {gate.id: gate for gate in self.configs.get("gates", ())}
        if not self.gates:
            hint = "add a `gates` config block; see `mlcharter explain gates`"
            raise UserError("the eval pack has no gates", hint)
        self.evals: dict[str, Eval] = {}
        self.defects: dict[str, str] = {}
        self.failed: dict[str, EvalError] = {}
        self.unknown: set[str] = set()  # evals that could not say which defects they have
        self.scores: dict[str, Table] = {}  # by the gate that is decided on them
        self.released: Mapping[str, Report] = {}
        self.sound: dict[str, Report] = {}  # by eval, what it measures without a defect
        self.missed: dict[str, float] = {}

    def prove(self, names: Collection[str], every: bool, *, write: bool) -> Outcome:
        """Prove the gates that have no valid proof, those in `names`, or `every` gate.

        With `write`, proofs.json is written after each gate, so that an interrupted run keeps them.
        """
        for name in names:
            if name not in self.gates:
                raise UserError(f"unknown gate `{name}`", remedy(name, self.gates))
        known = self._read()
        validity = Validity(known, self.tree, self.configs)
        self._describe()
        self._find_scores()
        kept = {gate: p for gate, p in validity.proofs.items() if self._is_kept(p)}
        self.evals |= {entry.name: entry for entry in known.evals if entry.name in self.unknown}
        chosen = [
            gate
            for gate in sorted(self.gates.keys() & {*self.defects, *self.scores})
            if (gate in names or not names)
            and (every or gate in names or validity.find_problem(self.gates[gate]))
        ]
        outcome = Outcome(proofs=known, failed=self.failed, missed=self.missed)
        for number, gate in enumerate(chosen, 1):
            kept.pop(gate, None)
            try:
                proof = self._prove(self.gates[gate], f"[{number}/{len(chosen)}]")
            except EvalError as failure:
                outcome.failed[gate] = failure
                continue
            if isinstance(proof, Proof):
                kept[gate] = proof
                outcome.proven.append(gate)
            else:
                (outcome.idle if proof.idle else outcome.weak)[gate] = proof.why
            if write:
                self._write(self._collect(kept))
        outcome.without = sorted(self.gates.keys() - {*self.defects, *self.scores, *kept})
        outcome.proofs = self._collect(kept)
        outcome.differs = _identify(outcome.proofs) != _identify(known)
        if write and not outcome.failed:
            self._write(outcome.proofs)
        return outcome

    def _write(self, proofs: Proofs) -> None:
        writing.write(self.root / PATH, proofs_file.render(proofs))

    def _read(self) -> Proofs:
        read = proofs_file.read(self.tree)
        return read if isinstance(read, Proofs) else Proofs(version=1)

    def _describe(self) -> None:
        """Ask each eval for its defects and inputs."""
        for name in eval_programs.find_evals(self.root):
            try:
                described = eval_programs.describe(self.root, name)
            except EvalError as failure:
                self.failed[f"evals.{name}"] = failure
                self.unknown.add(name)
                continue
            blocks = [Block(document=b.document, kind=b.kind) for b in described.inputs.blocks]
            self.evals[name] = Eval(name=name, patterns=described.inputs.patterns, blocks=blocks)
            for gate in described.defects:
                if gate in self.defects:
                    first = self.defects[gate]
                    raise UserError(
                        f"evals.{first} and evals.{name} both have a defect for `{gate}`",
                        "keep one of them",
                    )
                self.defects[gate] = name

    def _find_scores(self) -> None:
        """Find the scores of the gates that no eval has a defect for."""
        if not self.gates.keys() - self.defects.keys():
            return
        datasets = [dataset.id for dataset in self.configs.get("datasets", ())]
        found, self.released = loading.read_scores(self.tree, Pack.of(self.configs, datasets))
        for table, scored in found.values():
            for gate in self.gates.values():
                if gate.id not in self.defects and key_of(gate) in scored.report.by_key:
                    self.scores[gate.id] = table

    def _is_kept(self, proof: Proof) -> bool:
        """Return whether a proof stays if its gate is not proven again.

        Scores are often written by CI only: without them, the proofs on them stay.
        """
        if proof.gate not in self.gates:
            return False
        return proof.gate in self.defects or proof.eval is None or proof.eval in self.unknown

    def _prove(self, gate: Gate, step: str) -> Proof | Unproven:
        """Return the proof of a gate, or why it is none."""
        if gate.id not in self.defects:
            self.tell(f"{step} {self.scores[gate.id].name}, with broken scores for {gate.id}")
            return self._prove_on_scores(gate, self.scores[gate.id])
        name = self.defects[gate.id]
        self.tell(f"{step} evals.{name} --defect {gate.id}")
        inputs = digest_inputs(self.evals[name], self.tree)
        if inputs is None:
            raise EvalError(
                f"evals/{name}.py has inputs that cannot be read", "see `patterns` of it"
            )
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder, "report.json")
            eval_programs.measure_defect(self.root, name, gate.id, out, self.limit)
            read = _read_measured(out)
        released: Mapping[str, Report] = {}
        if gate.against == LAST_RELEASE:
            released = loading.read_released(self.tree, [read.track], ())
        found = self._judge(gate, read, released)
        if isinstance(found, Verdict):
            return _describe_weak(gate, found, f"the defect of {gate.id}")
        value, bound = found
        if nothing := self._compare(gate, value, bound):
            return nothing
        digest = combine(gate, inputs)
        return Proof(gate=gate.id, eval=name, value=value, bound=bound, sha256=digest)

    def _prove_on_scores(self, gate: Gate, table: Table) -> Proof | Unproven:
        """Return the proof of a gate by the weakest defect of its scores that it fails on."""
        pack = Pack.of({**self.configs, "gates": [gate]}, [gate.dataset])
        rows = scoring.select_rows(table, pack, gate.dataset, gate.slice)
        digest = digest_scores(gate, self.configs)
        nothing = None
        for defect in breaking.list_defects(table, rows, gate, pack.metrics[gate.metric]):
            scored = scoring.score(defect.table, pack)
            found = self._judge(gate, scored.report, self.released, scored.failures)
            if isinstance(found, Verdict):
                nothing = _describe_weak(gate, found, f"every defect of the scores for {gate.id}")
                if found.reason not in ("holds", "zero-width"):
                    break
                continue
            value, bound = found
            nothing = self._compare(gate, value, bound)
            if nothing is None:
                return Proof(
                    gate=gate.id, value=value, bound=bound, sha256=digest, defect=defect.what
                )
        assert nothing is not None
        return nothing

    def _compare(self, gate: Gate, value: float, bound: float) -> Unproven | None:
        """Return why a defect that gives these numbers proves nothing; None if it does.

        The gate fails with it; it must be the defect that makes it fail, or fail by more.
        """
        source, read, released = self._find_sound(gate)
        result = read.by_key.get(key_of(gate))
        if result is None:
            what = f"{source} without a defect has no {describe(key_of(gate))}"
            return Unproven(f"{gate.id}: {what}, to compare with: proves nothing")
        before = released[read.track].by_key[key_of(gate)].value if released else 0.0
        sound = Sound.of(gate, result, before)
        if not sound.is_worsened(value):
            return Unproven(
                f"{gate.id}: fails without a defect as well, at {sound.end - before:.6g} in "
                f"{source}, and at {bound:.6g} with it, which is not clearly worse: proves nothing",
                idle=True,
            )
        if not sound.passes:
            self.missed[gate.id] = sound.end - before
        return None

    def _find_sound(self, gate: Gate) -> tuple[str, Report, Mapping[str, Report]]:
        """Return where the gate's numbers are without a defect, their report, and the release.

        That is the last report of the eval. If it is missing or stale, the eval is run.
        """
        if gate.id not in self.defects:
            table = self.scores[gate.id]
            pack = Pack.of({**self.configs, "gates": [gate]}, [gate.dataset])
            read, source = scoring.score(table, pack).report, table.name
            return source, read, self.released if gate.against == LAST_RELEASE else {}
        name = self.defects[gate.id]
        if name not in self.sound:
            self.sound[name] = read_sound(name, self.tree) or self._measure(name)
        released: Mapping[str, Report] = {}
        if gate.against == LAST_RELEASE:
            released = loading.read_released(self.tree, [self.sound[name].track], ())
        return f"reports/{name}.json", self.sound[name], released

    def _measure(self, name: str) -> Report:
        """Return the report of an eval that is run on the system without a defect."""
        path = f"reports/{name}.json"
        self.tell(f"evals.{name} without a defect, since {path} is missing or stale")
        with tempfile.TemporaryDirectory() as folder:
            eval_programs.measure_into(self.root, name, Path(folder), self.limit)
            return _read_measured(Path(folder, f"{name}.json"))

    def _judge(
        self,
        gate: Gate,
        read: Report,
        released: Mapping[str, Report],
        failures: Mapping[Key, Failure] = MappingProxyType({}),
    ) -> tuple[float, float] | Verdict:
        """Return value and bound of a gate that fails on a broken system; else its verdict.

        A waiver lets it pass nothing here.

        A defect that gives the same number in each repeat leaves an interval without width. That
        is no measurement of a system, but it shows which side of the threshold the number is on.
        """
        configs: dict[str, Any] = {kind: self.configs.get(kind) for kind in loading.DESCRIPTIONS}
        configs = {kind: value for kind, value in configs.items() if value is not None}
        configs["gates"] = [replace(gate, waived=None)]
        reports = {"report": read}
        [verdict] = engine.decide(configs, reports, released, self.today, {}, failures)
        result = read.by_key.get(key_of(gate))
        observed = verdict.observed if verdict.reason == "missed" else None
        if result is not None and verdict.reason == "zero-width":
            missed = not OPS[gate.op](result.value, gate.threshold)
            observed = result.value if missed and gate.against != LAST_RELEASE else None
        if result is not None and observed is not None:
            return result.value, observed
        return verdict

    def _collect(self, kept: Mapping[str, Proof]) -> Proofs:
        used = {proof.eval for proof in kept.values() if proof.eval is not None}
        return Proofs(
            version=1,
            evals=[self.evals[name] for name in sorted(used & self.evals.keys())],
            proofs=[kept[gate] for gate in sorted(kept)],
        )


def _read_measured(path: Path) -> Report:
    try:
        return report.read(path.name, Folder(path.parent))
    except UserError as error:
        raise EvalError(error.message, error.hint or "") from error


def _describe_weak(gate: Gate, verdict: Verdict, what: str) -> Unproven:
    """Return why a broken system proves nothing about a gate; `what` is how it was broken."""
    if verdict.reason == "holds":
        return Unproven(
            f"{what} leaves {gate.bound} of {gate.metric} at {verdict.observed:.6g}, the gate asks "
            f"{gate.op} {gate.threshold:g}: use a stronger defect or a stricter gate"
        )
    return Unproven(f"{what} shows nothing about its threshold: {verdict.why} [{verdict.reason}]")


def _identify(proofs: Proofs) -> list[tuple[str, str | None, str]]:
    """Return what `--check` compares; the numbers may differ between machines."""
    return [(proof.gate, proof.eval, proof.sha256) for proof in proofs.proofs]


def describe_outcome(outcome: Outcome, *, checked: bool) -> Iterator[str]:
    """Yield the lines that `prove` prints."""
    for proof in outcome.proofs.proofs:
        if proof.gate in outcome.proven:
            how = f" ({proof.defect})" if proof.defect else ""
            if proof.gate in outcome.missed:
                how += f"; without the defect it fails at {outcome.missed[proof.gate]:.6g}"
            yield f"{proof.gate}: fails at {proof.bound:.6g}, as it must{how}"
    yield from outcome.idle.values()
    yield from outcome.weak.values()
    for failure in outcome.failed.values():
        yield f"{failure.message}\n  {failure.hint}"
    if outcome.without:
        names = ", ".join(outcome.without)
        yield f"no eval has a defect for {names}; add one to its DEFECTS, or write scores/ first"
    count = len(outcome.proofs.proofs)
    idle = len(outcome.idle)
    apart = f"; {idle} fail{'s' if idle == 1 else ''} without a defect as well" if idle else ""
    proven = f"{count} gate{'' if count == 1 else 's'} proven, {len(outcome.proven)} of them now"
    yield proven + apart
    if checked and outcome.differs:
        yield f"{PATH} is out of date; run `mlcharter prove` and commit it"

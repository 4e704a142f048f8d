"""Decide whether a proof still shows that its gate can fail. Runs no code of the repository."""

import hashlib
import operator
from collections.abc import Mapping, Sequence
from typing import Any, Self

import msgspec
from msgspec import Struct

from mlcharter.charter.config.evaluation.gates import Gate
from mlcharter.formats import proofs as proofs_file
from mlcharter.formats import report
from mlcharter.formats.proofs import Eval, Proof, Proofs
from mlcharter.formats.report import Report, Result
from mlcharter.gate.inputs import compute_digest, find_difference
from mlcharter.gate.measurements import LAST_RELEASE, OPS, key_of
from mlcharter.support.errors import UserError
from mlcharter.support.files import Tree

PATH = proofs_file.PATH
read = proofs_file.read
# What a gate compares, and with which threshold. Its reasons, dates and waiver change no proof.
_DECIDING = ("metric", "dataset", "slice", "against", "op", "threshold", "bound", "min_n")


# What the numbers of scores depend on, beside the scores: the kind, which entry, and its keys.
_SCORED = (
    ("metrics", "metric", ("method", "resample", "direction")),
    ("slices", "slice", ("dataset", "where")),
    ("datasets", "dataset", ("sha256", "rows")),
)


class Validity:
    """Compares the proofs of a repository with its gates and with the inputs of its evals.

    `configs` has the entries of `metrics`, `slices` and `datasets`, which proofs on scores rest on.
    """

    def __init__(
        self, proofs: Proofs | None, tree: Tree, configs: Mapping[str, Sequence[Any]]
    ) -> None:
        self._configs = configs
        self.proofs = {proof.gate: proof for proof in proofs.proofs} if proofs else {}
        self._evals = {entry.name: entry for entry in proofs.evals} if proofs else {}
        self._tree = tree
        self._inputs: dict[str, str | None] = {}
        self._sound: dict[str, Report | None] = {}

    def find_problem(self, gate: Gate) -> str | None:
        """Return why a gate has no valid proof, None if it has one."""
        proof = self.proofs.get(gate.id)
        if proof is None:
            return "has no proof that it can fail"
        if proof.eval is None and proof.sha256 != digest_scores(gate, self._configs):
            return "or its metric, slice or data changed since it was proven"
        if proof.eval is not None and proof.sha256 != self._compute_digest(gate, proof.eval):
            return f"or what evals/{proof.eval}.py reads changed since the gate was proven"
        if OPS[gate.op](proof.bound, gate.threshold):
            return "is not failed by its proof"
        if self._fails_anyway(gate, proof):
            return "fails without the defect of its proof as well"
        return None

    def _fails_anyway(self, gate: Gate, proof: Proof) -> bool:
        """Return whether the last report of the eval, if it is fresh, takes the proof away."""
        if proof.eval is None or gate.against == LAST_RELEASE:
            return False
        if proof.eval not in self._sound:
            self._sound[proof.eval] = read_sound(proof.eval, self._tree)
        sound = self._sound[proof.eval]
        result = sound.by_key.get(key_of(gate)) if sound else None
        return result is not None and not Sound.of(gate, result).is_worsened(proof.value)

    def _compute_digest(self, gate: Gate, name: str) -> str | None:
        if name not in self._inputs:
            known = self._evals.get(name)
            self._inputs[name] = None if known is None else digest_inputs(known, self._tree)
        inputs = self._inputs[name]
        return None if inputs is None else combine(gate, inputs)


class Sound(Struct, frozen=True):
    """What the system without a defect gives a gate: the conservative end of its interval.

    `passes` says whether the gate holds there.
    """

    end: float
    passes: bool
    rising: bool

    @classmethod
    def of(cls, gate: Gate, result: Result, before: float = 0.0) -> Self:
        """Return it by its result; `before` is the value of a release that is compared with."""
        rising = gate.op in (">=", ">")
        end = result.value
        if result.interval:
            end = result.interval.lower if rising else result.interval.upper
        return cls(end, OPS[gate.op](round(end - before, 9), gate.threshold), rising)

    def is_worsened(self, value: float) -> bool:
        """Return whether a defect with this value, on which the gate fails, shows what it is for.

        Where the gate fails without it too, the value must be worse than all of the interval of the
        system itself: anything else may be chance.
        """
        return self.passes or (operator.lt if self.rising else operator.gt)(value, self.end)


def read_sound(name: str, tree: Tree) -> Report | None:
    """Return the report of an eval on the system without a defect; None if missing or stale."""
    try:
        read = report.read(f"reports/{name}.json", tree)
    except UserError:
        return None
    return None if read.defect is not None or find_difference(read, tree) else read


def digest_inputs(entry: Eval, tree: Tree) -> str | None:
    """Return the digest of what an eval reads now; None if a part of it cannot be read."""
    blocks = [(block.document, block.kind) for block in entry.blocks]
    return compute_digest(entry.patterns, blocks, tree)


def digest_scores(gate: Gate, configs: Mapping[str, Sequence[Any]]) -> str:
    """Return the digest of what a gate on scores decides, and of what its numbers depend on."""
    parts = []
    for kind, key, fields in _SCORED:
        named = (entry for entry in configs.get(kind) or () if entry.id == getattr(gate, key))
        entry = next(named, None)
        parts.append([getattr(entry, field, None) for field in fields])
    return combine(gate, msgspec.json.encode(parts).decode())


def combine(gate: Gate, inputs: str) -> str:
    """Return the digest of what a gate decides, and of the inputs of its eval."""
    entry = [getattr(gate, key) for key in _DECIDING]
    return hashlib.sha256(msgspec.json.encode([entry, inputs])).hexdigest()

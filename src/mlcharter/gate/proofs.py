"""Decide whether a proof still shows that its gate can fail. Runs no code of the repository."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from mlcharter.charter.config.evaluation.gates import Gate
from mlcharter.formats import proofs as proofs_file
from mlcharter.formats.proofs import Eval, Proofs
from mlcharter.gate.inputs import compute_digest
from mlcharter.gate.measurements import OPS
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
        return None

    def _compute_digest(self, gate: Gate, name: str) -> str | None:
        if name not in self._inputs:
            known = self._evals.get(name)
            self._inputs[name] = None if known is None else digest_inputs(known, self._tree)
        inputs = self._inputs[name]
        return None if inputs is None else combine(gate, inputs)


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

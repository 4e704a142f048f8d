"""The proofs that a gate fails on a broken system."""

from collections.abc import Iterator

from msgspec.structs import replace

from mlcharter.charter.charter import Charter
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats import proofs
from mlcharter.formats.directions import Class
from mlcharter.formats.proofs import Proof


def compare(pair: Pair) -> Iterator[Difference]:
    if pair.old.file(proofs.PATH) == pair.new.file(proofs.PATH):
        return
    new_names = pair.renames.get("gates", {})
    old = {new_names.get(gate, gate): proof for gate, proof in _by_gate(pair.old).items()}
    new = _by_gate(pair.new)
    for gate in sorted(old.keys() | new.keys()):
        before, after = old.get(gate), new.get(gate)
        if before == after or (before and after and replace(before, gate=gate) == after):
            continue
        effect: Class = "weakens" if after is None else "tightens" if before is None else "neutral"
        if before and after and (before.eval, before.bound) != (after.eval, after.bound):
            effect = "needs a person"
        yield difference(
            effect, f'proof of gate "{gate}"', (_text(before), _text(after)), proofs.PATH
        )


def _by_gate(charter: Charter) -> dict[str, Proof]:
    read = proofs.read(charter.tree)
    return {proof.gate: proof for proof in read.proofs} if isinstance(read, proofs.Proofs) else {}


def _text(proof: Proof | None) -> str | None:
    return f"{proof.eval}, bound {proof.bound:g}, {proof.sha256[:12]}" if proof else None

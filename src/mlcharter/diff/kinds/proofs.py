"""The proofs that a gate fails on a broken system."""

from collections.abc import Iterator

from msgspec.structs import replace

from mlcharter.charter.charter import Charter
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats import proofs
from mlcharter.formats.directions import Class
from mlcharter.formats.proofs import Block, Proof, Proofs


def compare(pair: Pair) -> Iterator[Difference]:
    if pair.old.file(proofs.PATH) == pair.new.file(proofs.PATH):
        return
    new_names = pair.renames.get("gates", {})
    old = {new_names.get(gate, gate): proof for gate, proof in _by_gate(pair.old).items()}
    new = _by_gate(pair.new)
    yield from _compare_inputs(pair)
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


def _compare_inputs(pair: Pair) -> Iterator[Difference]:
    """Yield where a proof no longer depends on a file or block that its eval read."""
    old, new = ({e.name: e for e in _read(c).evals} for c in (pair.old, pair.new))
    for name in sorted(old.keys() & new.keys()):
        for field in ("patterns", "blocks"):
            before, after = (
                [_named(part) for part in getattr(entry, field)] for entry in (old[name], new[name])
            )
            lost = [part for part in before if part not in after]
            brought = [part for part in after if part not in before]
            if lost:
                effect: Class = "needs a person" if brought else "weakens"
                subject = f'{field} of the proofs of "{name}"'
                yield difference(effect, subject, (lost, brought or None), proofs.PATH)


def _named(part: str | Block) -> str:
    return part if isinstance(part, str) else f"{part.kind} in {part.document}"


def _read(charter: Charter) -> Proofs:
    read = proofs.read(charter.tree)
    return read if isinstance(read, Proofs) else Proofs(version=1)


def _by_gate(charter: Charter) -> dict[str, Proof]:
    return {proof.gate: proof for proof in _read(charter).proofs}


def _text(proof: Proof | None) -> str | None:
    return f"{proof.eval}, bound {proof.bound:g}, {proof.sha256[:12]}" if proof else None

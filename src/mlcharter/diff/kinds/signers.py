"""The keys whose signatures of commits count as approvals."""

from collections.abc import Iterator

from mlcharter.charter import allowed_signers
from mlcharter.charter.allowed_signers import PATH, Signer
from mlcharter.charter.charter import Charter
from mlcharter.diff.difference import Difference
from mlcharter.diff.pair import Pair, difference
from mlcharter.formats import directions
from mlcharter.formats.directions import LESS, MORE


def compare(pair: Pair) -> Iterator[Difference]:
    old, new = _by_name_and_key(pair.old), _by_name_and_key(pair.new)
    for name, key in sorted(old.keys() | new.keys()):
        before, after = old.get((name, key)), new.get((name, key))
        subject = f"key of approver `{name}`"
        if before is None or after is None:
            prints = [signer and signer.fingerprint for signer in (before, after)]
            effect = directions.judge_entry(MORE, before, after)
            line = (after or before or Signer((), "")).line
            gone = after is None
            yield difference(effect, subject, (prints[0], prints[1]), PATH, line, at_base=gone)
            continue
        for field, times in (
            ("valid-after", (before.after, after.after)),
            ("valid-before", (before.before, after.before)),
        ):
            if times[0] != times[1]:
                effect = directions.judge(LESS if field == "valid-after" else MORE, *times)
                texts = [time and f"{time:%Y-%m-%d %H:%M}" for time in times]
                yield difference(
                    effect, f"{subject} {field}", (texts[0], texts[1]), PATH, after.line
                )


def _by_name_and_key(charter: Charter) -> dict[tuple[str, str], Signer]:
    signers = allowed_signers.read(charter.tree)
    return {(name, signer.key): signer for signer in signers for name in signer.names}

"""Exchanges with a language model: recorded once, and replayed by the digest of the request.

    model = generation.choose("data/rag/exchanges.jsonl", Endpoint.from_environment)
    system = System.load(generator=model)

A line of the file has `request`, the SHA-256 of the request's body, `reply`, and `origin`:
`recorded` from a model, or `scripted` by a person. A scripted reply exercises code, and says
nothing about a model. Requests and keys are not kept.
"""

import atexit
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, Self

from mlcharter.evals.generation.budget import Budget, Metered
from mlcharter.evals.generation.budget import Generator as Generator

Origin = Literal["recorded", "scripted"]
FIELDS = ("request", "origin", "model", "reply")


class MissingExchangeError(LookupError):
    """No exchange was recorded for a request."""


@dataclass(frozen=True)
class Exchange:
    """A reply, the digest of its request, the model that was asked for, and where it is from."""

    request: str
    origin: Origin
    model: str
    reply: Mapping[str, Any]


def digest(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a request, whatever the order of its keys."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


class Replay:
    """A generator that gives the recorded replies; `unused` are those not yet asked for."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges = {exchange.request: exchange for exchange in exchanges}
        models = sorted({exchange.model for exchange in self._exchanges.values()})
        if len(models) != 1:
            raise ValueError(f"exchanges are of one model, not of {models or 'none'}")
        self.model = models[0]
        self.unused = set(self._exchanges)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Self:
        """Return the replay of a file; ValueError with file and line if a line is no exchange."""
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        return cls(_parse(line, f"{path}:{n}") for n, line in enumerate(lines, 1) if line.strip())

    def __len__(self) -> int:
        return len(self._exchanges)

    @property
    def origin(self) -> Origin:
        """`recorded` only if every exchange is."""
        found = {exchange.origin for exchange in self._exchanges.values()}
        return "recorded" if found == {"recorded"} else "scripted"

    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the reply to a request; MissingExchangeError if it was not recorded."""
        found = self._exchanges.get(digest(body))
        if found is None:
            raise MissingExchangeError(
                f"no reply of {self.model} is recorded for this request: its prompt, passages or "
                "parameters have changed; run `make record` with LLM_BASE_URL set"
            )
        self.unused.discard(found.request)
        return found.reply


class Recorder:
    """A generator that keeps what another one replies, each request once."""

    def __init__(self, generator: Generator, origin: Origin = "recorded") -> None:
        self.model = generator.model
        self._generator = generator
        self._origin = origin
        self._exchanges: dict[str, Exchange] = {}

    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        request = digest(body)
        if request not in self._exchanges:
            reply = self._generator.complete(body)
            self._exchanges[request] = Exchange(request, self._origin, self.model, reply)
        return self._exchanges[request].reply

    def __len__(self) -> int:
        return len(self._exchanges)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the file that `Replay.read` reads."""
        rows = [asdict(self._exchanges[request]) for request in sorted(self._exchanges)]
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        Path(path).write_text(text, encoding="utf-8", newline="\n")
        print(f"{len(rows)} replies of {self.model} are in {path}")


def choose(
    path: str | os.PathLike[str],
    find_model: Callable[[], Generator | None],
    *,
    prices: Mapping[str, float] | None = None,
    **budget: float,
) -> Generator | None:
    """Return the generator of an eval: a replay of `path`, or None if no model was recorded.

    With `RECORD=1` in the environment it is the model that `find_model` returns; what it replies is
    written to `path` at the end of the process, which says what it spent. `budget` has the most
    `seconds` and `cost` of `budget.Budget`, and `prices` those of `budget.Metered`.
    """
    if os.environ.get("RECORD") == "1":
        model = find_model()
        if model is None:
            sys.exit("set LLM_BASE_URL and LLM_MODEL to the model that is to be recorded")
        metered = Metered(model, Budget(**budget), prices=prices)
        recorder = Recorder(metered)
        atexit.register(lambda: print(f"spent: {metered.spent}"))
        atexit.register(recorder.write, path)
        return recorder
    replay = Replay.read(path) if Path(path).exists() else None
    if replay is not None and replay.origin == "recorded":
        return replay
    scripted = "replies are scripted" if replay else "no reply is recorded"
    print(f"generation is not measured: {scripted}, and answers are quotations")
    return None


def _parse(line: str, where: str) -> Exchange:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{where}: not JSON: {error}") from error
    if not isinstance(row, dict) or sorted(row) != sorted(FIELDS):
        raise ValueError(f"{where}: an exchange has the keys {', '.join(FIELDS)}")
    if row["origin"] not in ("recorded", "scripted") or not isinstance(row["reply"], dict):
        raise ValueError(f"{where}: `origin` is recorded or scripted, and `reply` an object")
    return Exchange(**row)

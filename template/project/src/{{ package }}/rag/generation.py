"""A language model writes an answer from numbered passages; `System` checks what it wrote.

Any object with `model` and `complete` is a generator; `Endpoint` is one. Spans and metrics have
the names of OpenTelemetry's GenAI conventions 1.44; they hold no text of users or pages.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from opentelemetry import metrics, trace

from .parsing import parse


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    closed = {"required": list(properties), "additionalProperties": False}
    return {"type": "object", "properties": properties, **closed}


SOURCES = {"type": "array", "items": {"type": "integer"}}
SENTENCE = _object(text={"type": "string"}, sources=SOURCES)
SCHEMA = _object(sentences={"type": "array", "items": SENTENCE})
FORMAT = {"name": "answer", "strict": True, "schema": SCHEMA}
FORM = {"type": "json_schema", "json_schema": FORMAT}
PARAMETERS = {"temperature": 0, "max_tokens": 400, "response_format": FORM}
MAX_PROMPT = 8_000  # characters
PRICES: dict[str, float] = {}  # {"input": 0.5, "cached": 0.1, "output": 2.0} for a million tokens

_tracer = trace.get_tracer(__name__)
_tokens = metrics.get_meter(__name__).create_histogram("gen_ai.client.token.usage", "{token}")
_cost = metrics.get_meter(__name__).create_counter("rag.generation.cost")

Sentences = tuple[tuple[str, tuple[int, ...]], ...]


class UnavailableError(Exception):
    """The model gave no reply; the message says why, and is safe to log.

    Another attempt may help if it is `transient`, after `wait` seconds if the server says so.
    """

    def __init__(self, reason: str, *, transient: bool = False, wait: float | None = None) -> None:
        super().__init__(reason)
        self.transient = transient
        self.wait = wait


class Generator(Protocol):
    """A model: the body of a chat completion in, that of its reply out, or UnavailableError."""

    @property
    def model(self) -> str: ...
    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Usage:
    """Tokens of all calls for an answer; `cached` are among those of `input`."""

    input: int = 0
    cached: int = 0
    output: int = 0

    @property
    def cost(self) -> float:
        fresh = {"input": self.input - self.cached, "cached": self.cached, "output": self.output}
        return sum(PRICES.get(kind, 0.0) * n for kind, n in fresh.items()) / 1e6


NO_USAGE = Usage()


@dataclass(frozen=True)
class Draft:
    """What the model made of a question: sentences, each with the numbers of its passages.

    `abstained` is a reply that fits and has no sentence, or a refusal; `malformed` one that does
    not fit, nor does its repair.
    """

    status: Literal["written", "abstained", "malformed", "unavailable"]
    sentences: Sentences = ()
    usage: Usage = NO_USAGE


def write(generator: Generator, prompt: str, question: str, passages: Sequence[str]) -> Draft:
    """Return the model's draft from passages; beyond MAX_PROMPT the last ones are left out."""
    while passages and len(prompt) + len(question) + sum(map(len, passages)) > MAX_PROMPT:
        passages = passages[:-1]
    *messages, repair = render(prompt, question, passages)
    usage = NO_USAGE
    for _ in range(2):
        try:
            reply = _chat(generator, messages)
        except UnavailableError:
            return Draft("unavailable", usage=usage)
        used = read_usage(reply)
        pairs = zip(vars(usage).values(), vars(used).values(), strict=True)
        usage = Usage(*map(sum, pairs))
        message = _find(reply, "choices", 0, "message")
        text = _find(message, "content")
        if isinstance(_find(message, "refusal"), str):
            return Draft("abstained", usage=usage)
        sentences = _read(text, len(passages)) if isinstance(text, str) else None
        if sentences is not None:
            return Draft("written" if sentences else "abstained", sentences, usage)
        messages += [{"role": "assistant", "content": str(text)}, repair]
    return Draft("malformed", usage=usage)


def render(prompt: str, question: str, passages: Sequence[str]) -> list[dict[str, str]]:
    """Return the messages of a prompt, split at its lines `---`: system, question, repair.

    Each passage is a JSON string on a line of its own, so that none can pose as another.
    """
    lines = [f"[{n}] {json.dumps(p, ensure_ascii=False)}" for n, p in enumerate(passages, 1)]
    values = {"question": json.dumps(question, ensure_ascii=False), "passages": "\n".join(lines)}
    system, user, repair = prompt.split("\n---\n")
    filled = re.sub(r"\{(question|passages)\}", lambda name: values[name[1]], user)
    said = zip(("system", "user", "user"), (system, filled, repair), strict=True)
    return [{"role": role, "content": text.strip()} for role, text in said]


def read_usage(reply: Mapping[str, Any]) -> Usage:
    """Return the tokens that a reply counts; 0 where it does not say."""
    used = _find(reply, "usage")
    found = [
        _find(used, "prompt_tokens"),
        _find(used, "prompt_tokens_details", "cached_tokens"),
        _find(used, "completion_tokens"),
    ]
    return Usage(*[n if isinstance(n, int) and n > 0 else 0 for n in found])


def _chat(generator: Generator, messages: list[dict[str, str]]) -> Mapping[str, Any]:
    """Return the reply to messages, traced and counted."""
    named = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",  # that of the wire format
        "gen_ai.request.model": generator.model,
    }
    kind = trace.SpanKind.CLIENT
    with _tracer.start_as_current_span(f"chat {generator.model}", None, kind, named) as span:
        reply = generator.complete({"model": generator.model, "messages": messages, **PARAMETERS})
        usage = read_usage(reply)
        span.set_attribute("gen_ai.response.model", str(_find(reply, "model")))
        for direction, n in (("input", usage.input), ("output", usage.output)):
            span.set_attribute(f"gen_ai.usage.{direction}_tokens", n)
            _tokens.record(n, {**named, "gen_ai.token.type": direction})
        _cost.add(usage.cost, named)
    return reply


def _read(text: str, passages: int) -> Sentences | None:
    """Return the sentences of a reply; None if it does not fit."""
    value = parse(text, SCHEMA)
    if value is None:
        return None
    rows = [(row["text"], tuple(row["sources"])) for row in value["sentences"]]
    known = set(range(1, passages + 1))
    fits = all(said.strip() and sources and known.issuperset(sources) for said, sources in rows)
    return tuple(rows) if fits else None


def _find(value: object, *path: str | int) -> object:
    """Return what is at a path in a reply, or None: a server may send any JSON."""
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        else:
            value = value[0] if isinstance(value, list) and value and step == 0 else None
    return value

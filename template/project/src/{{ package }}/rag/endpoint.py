"""A model behind the OpenAI-compatible wire format, which vendors, vLLM and Ollama serve.

`LLM_BASE_URL` names it, as https://models.example/v1, `LLM_MODEL` its model with its dated version,
and `LLM_API_KEY` the key if it needs one. Its host must be in the config block `egress`.
"""

import json
import os
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from .allowed import Allowed
from .generation import UnavailableError

MAX_BYTES = 1_000_000
TRANSIENT = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class Limits:
    """Times are in seconds. All retries of a process share a budget: one for ten answers."""

    total: float = 30.0  # for an answer, with retries and the waits between them
    silence: float = 10.0  # until it connects, and between two pieces of a reply
    attempts: int = 3
    retries: float = 10.0  # the most that are saved up
    opens_after: int = 5  # failed answers in a row, after which the circuit is open
    open_for: float = 30.0


class Endpoint:
    """Posts chat completions to one address."""

    def __init__(self, url: str, model: str, key: str = "", limits: Limits | None = None) -> None:
        self.model = model
        self.limits = limits or Limits()
        self._url = f"{url.rstrip('/')}/chat/completions"
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.Client(headers=headers, timeout=self.limits.silence)
        self._retries = self.limits.retries
        self._failed = 0
        self._open_until = 0.0

    @classmethod
    def from_environment(cls) -> Self | None:
        """Return the endpoint that the environment names, None without `LLM_BASE_URL`.

        A PermissionError refuses a host that safety/allowed.json does not list.
        """
        url, model = os.environ.get("LLM_BASE_URL"), os.environ.get("LLM_MODEL")
        if url and not model:
            raise ValueError("LLM_BASE_URL is set, and LLM_MODEL is not; set both")
        if not (url and model):
            return None
        Allowed.read().check(url)
        return cls(url, model, os.environ.get("LLM_API_KEY", ""))

    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the reply; UnavailableError once retries, their budget or the time are used up."""
        started = time.monotonic()
        if started < self._open_until:
            raise UnavailableError("the circuit is open: the model failed several times in a row")
        try:
            reply = self._retry(body, started + self.limits.total)
        except UnavailableError:
            self._failed += 1
            if self._failed >= self.limits.opens_after:
                self._open_until = time.monotonic() + self.limits.open_for
            raise
        self._failed = 0
        self._retries = min(self.limits.retries, self._retries + 0.1)
        return reply

    def _retry(self, body: Mapping[str, Any], deadline: float) -> Mapping[str, Any]:
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._send(body, deadline)
            except UnavailableError as error:
                spread = random.uniform(0, 2**attempt / 4)  # noqa: S311
                wait = spread if error.wait is None else error.wait
                last = attempt == self.limits.attempts or time.monotonic() + wait > deadline
                if not error.transient or last or self._retries < 1:
                    raise
            self._retries -= 1
            time.sleep(wait)

    def _send(self, body: Mapping[str, Any], deadline: float) -> Mapping[str, Any]:
        data = bytearray()
        try:
            with self._client.stream("POST", self._url, json=body) as reply:
                if reply.status_code != 200:
                    asked = reply.headers.get("Retry-After", "")
                    wait = float(asked) if asked.isdecimal() else None
                    again, reason = reply.status_code in TRANSIENT, f"status {reply.status_code}"
                    raise UnavailableError(reason, transient=again, wait=wait)
                for piece in reply.iter_bytes():
                    data += piece
                    if time.monotonic() > deadline or len(data) > MAX_BYTES:
                        raise UnavailableError("the reply is too slow or too long")
        except httpx.HTTPError as error:
            reason = f"no reply: {type(error).__name__}"
            raise UnavailableError(reason, transient=True) from error
        try:
            read = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise UnavailableError("the reply is not JSON") from error
        if not isinstance(read, dict):
            raise UnavailableError("the reply is not an object")
        return read

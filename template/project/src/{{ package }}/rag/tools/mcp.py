"""Tools of MCP servers, which pass the gate as all others do.

A server may change what it says of a tool at any time, and a model obeys it. So the gate compares
it, before each call, with the text in data/rag/tools.json, which people reviewed. Whether a tool
writes is what the safety checklist says, whatever hints the server gives. To connect, run the event
loop of the package `mcp` in a thread: `Remote(Connected(session, loop), "get_tide")`.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .requests import Context
from .rules import pin


class Server(Protocol):
    """An MCP server: its tools, each with `name`, `description`, `inputSchema`, and calls."""

    def tools(self) -> list[Mapping[str, Any]]: ...
    def call(self, name: str, arguments: Mapping[str, Any]) -> object: ...


@dataclass(frozen=True)
class Remote:
    """A tool of an MCP server; `pin` is the digest of what the server says of it now."""

    server: Server
    name: str

    def pin(self) -> str | None:
        found = [tool for tool in self.server.tools() if tool["name"] == self.name]
        pins = [pin(t["name"], t.get("description") or "", t["inputSchema"]) for t in found]
        return pins[0] if len(pins) == 1 else None

    def __call__(self, context: Context, /, **arguments: Any) -> object:
        return self.server.call(self.name, arguments)


@dataclass(frozen=True)
class Connected:
    """The server of a `ClientSession` that runs in an event loop of another thread."""

    session: Any
    loop: asyncio.AbstractEventLoop
    seconds: float = 30.0

    def tools(self) -> list[Mapping[str, Any]]:
        listed = self._wait(self.session.list_tools())
        if listed.get("nextCursor"):
            raise ValueError("the server lists its tools on several pages")
        return list(listed["tools"])

    def call(self, name: str, arguments: Mapping[str, Any]) -> object:
        answer = self._wait(self.session.call_tool(name, dict(arguments)))
        if answer.get("isError") or "content" not in answer:
            raise RuntimeError("the server did not carry the call out")
        return answer["content"]

    def _wait(self, work: Coroutine[Any, Any, Any]) -> dict[str, Any]:
        answer = asyncio.run_coroutine_threadsafe(work, self.loop).result(self.seconds)
        return dict(answer.model_dump(by_alias=True, mode="json"))

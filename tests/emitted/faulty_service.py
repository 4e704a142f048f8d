"""Serve an emitted service whose backends do what a question asks for; run by test_live_alerts.py.

    python faulty_service.py PACKAGE PORT...

Each port has a service of its own, with metrics of its own. Its limits of time are ten times those
that ship, so that a busy machine does not make a late answer a degraded one.

`fault` of a question is `none`, `plain` (the backend fails, the caller gets the plain answer) or
`error` (the answer is no JSON, the caller gets a 500). There are two backends, `small` and `large`.
"""

import asyncio
import sys
from importlib import import_module
from typing import Any, Literal

import uvicorn
from pydantic import BaseModel


class Question(BaseModel):
    fault: Literal["none", "plain", "error"] = "none"


class Backend:
    def __init__(self, name: str) -> None:
        self.name = name

    def answer(self, question: Question) -> dict[str, Any]:
        if question.fault == "plain":
            raise RuntimeError("asked to fail")
        return {"score": float("nan") if question.fault == "error" else 1.0}

    def fallback(self, question: Question) -> dict[str, Any]:
        return {"score": 0.0}


async def serve(package: str, port: int) -> None:
    serving = f"{package}.serving"
    backends = {name: Backend(name) for name in ("small", "large")}
    module = import_module(f"{serving}.service")
    service = module.Service("0" * 64, backends, module.Settings(timeout=5.0, patience=2.5))
    rollout = import_module(f"{serving}.canary").Rollout(service)
    app = import_module(f"{serving}.app").create(rollout, dict.fromkeys(backends, Question))
    await service.start({name: Question() for name in backends})
    config = uvicorn.Config(app, "127.0.0.1", port, access_log=False)
    await uvicorn.Server(config)._serve()  # `serve` handles signals, for one server only


async def main(package: str, ports: list[int]) -> None:
    await asyncio.gather(*(serve(package, port) for port in ports))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], [int(port) for port in sys.argv[2:]]))

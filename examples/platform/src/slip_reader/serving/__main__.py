"""Serve a release: `python -m <package>.serving releases --release ID@sha256:…`.

The release can also come from RELEASE; without one nothing is served, because then whoever wrote
the store would decide what is live. `--trust` says whose signatures count.
With `--candidate ID@sha256:… --share 0.05`, a second release of the store gets a share of the
traffic until it is worse.
"""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from .app import create
from .backends import Kind, kinds
from .canary import Rollout
from .connections import KEEP_ALIVE, LimitedProtocol
from .opening import opened, started
from .release import RefusedError, Trust
from .service import Service

REFUSED = 78
"""The exit code of a refusal (EX_CONFIG): a crash has another, and is worth a restart."""


async def serve(rollout: Rollout, host: str, port: int) -> None:
    """Serve until a signal; what is in work is finished first."""
    # What has verified listens, and answers 503 until it is ready, so that probes can tell why.
    app = create(rollout, {kind.NAME: kind.Question for kind in kinds()})
    server = uvicorn.Server(configured(app, host, port, int(rollout.live.settings.grace)))
    running = asyncio.create_task(server.serve())
    try:
        await ready(rollout, kinds())
    except RefusedError:
        server.should_exit = True
        raise
    finally:
        await running


def configured(app: FastAPI, host: str, port: int, grace: int) -> uvicorn.Config:
    """The settings of the web server, with the limits of connections.py; `grace` in seconds."""
    return uvicorn.Config(
        app,
        host,
        port,
        http=LimitedProtocol,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=grace,
        access_log=False,
    )


async def ready(rollout: Rollout, served: Sequence[Kind]) -> None:
    """Start what is live, or a RefusedError; a candidate that does not start is rolled back."""
    await started(rollout.live, served)
    if rollout.candidate is not None:
        try:
            await started(rollout.candidate, served)
        except RefusedError as error:
            rollout.take_back(str(error))


def _share(text: str) -> float:
    """A share of 1; 5 would be all of the traffic, and was meant to be 5 %."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("a share is a number from 0 to 1")
    return value


def main() -> int:
    """Serve; exit code REFUSED where the release is refused."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    words.add_argument("store", type=Path)
    words.add_argument("--release", default=os.environ.get("RELEASE"))
    words.add_argument("--trust", type=Path, default=Path("versioning/trust.json"))
    words.add_argument("--host", default="127.0.0.1")
    words.add_argument("--port", type=int, default=8080)
    words.add_argument("--candidate", help="a second release of the store")
    words.add_argument("--share", type=_share, default=0.05, help="what the candidate gets, of 1")
    given = words.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if not given.release:
        print("which release? give --release, or set RELEASE", file=sys.stderr)
        return 2
    try:
        trust = Trust.model_validate_json(given.trust.read_bytes())
        live = opened(given.store, given.release, trust, kinds())
        candidate: Service | None = None
        if given.candidate:
            candidate = opened(given.store, given.candidate, trust, kinds())
        rollout = Rollout(live, candidate, given.share if candidate else 0.0)
        asyncio.run(serve(rollout, given.host, given.port))
    except (OSError, ValueError, NotImplementedError) as error:
        print(f"refused to start: {error}", file=sys.stderr)
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())

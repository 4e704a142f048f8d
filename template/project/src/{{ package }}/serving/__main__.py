"""Serve a release: `python -m <package>.serving build/release --id <id>`.

The id can also come from RELEASE_ID; without one nothing is served, because then whoever wrote the
folder would decide what is live.
"""

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

import uvicorn

from .app import create
from .backends import kinds
from .canary import Rollout
from .opening import opened, started
from .releases import RefusedError
from .service import Service


async def serve(service: Service, host: str, port: int) -> None:
    """Serve until a signal; what is in work is finished first."""
    app = create(Rollout(service), {kind.NAME: kind.Question for kind in kinds()})
    grace = int(service.settings.grace)
    config = uvicorn.Config(app, host, port, timeout_graceful_shutdown=grace, access_log=False)
    # It listens at once and answers 503 until it is ready, so that probes can tell why.
    await asyncio.gather(uvicorn.Server(config).serve(), started(service, kinds()))


def main() -> int:
    """Serve; exit code 1 where the release is refused."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    words.add_argument("folder", type=Path)
    words.add_argument("--id", default=os.environ.get("RELEASE_ID"))
    words.add_argument("--host", default="127.0.0.1")
    words.add_argument("--port", type=int, default=8080)
    given = words.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if not given.id:
        print("which release? give --id, or set RELEASE_ID", file=sys.stderr)
        return 2
    try:
        service = opened(given.folder, given.id, kinds())
    except RefusedError as error:
        print(f"refused to start: {error}", file=sys.stderr)
        return 1
    asyncio.run(serve(service, given.host, given.port))
    return 0


if __name__ == "__main__":
    sys.exit(main())

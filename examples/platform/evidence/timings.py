"""Measure what needs a clock, once: `.venv/bin/python -m evidence.timings`.

Times each row of the ladder in one thread, and one instance of the service over HTTP with a
release of the drills. Writes evidence/timings-2026-11.json, with the machine, and the scrape after the load as
evidence/metrics-2026-11.txt.
"""

import asyncio
import json
import os
import platform as machine
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from slip_reader.serving import scorer
from slip_reader.serving.release import Trust
from sklearn.neighbors import KNeighborsClassifier

from evals import _platform_drills as drills

HERE = Path(__file__).parent
SCRAPE = HERE / "metrics-2026-11.txt"
ROUNDS, CALLERS, REQUESTS, PORT = 1000, 8, 1600, 8099


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def timed(answer: Callable[[Any], Any], questions: list[Any]) -> dict[str, float]:
    """CPU time of one thread, in microseconds."""
    took = []
    for number in range(ROUNDS):
        began = time.thread_time()
        answer(questions[number % len(questions)])
        took.append(1e6 * (time.thread_time() - began))
    return {
        "mean_us": round(statistics.mean(took), 1),
        "p95_us": round(percentile(took, 0.95), 1),
        "p99_us": round(percentile(took, 0.99), 1),
    }


def answers() -> dict[str, dict[str, float]]:
    pixels, shown = scorer.rows()
    test = scorer.is_test(len(shown))
    means = np.array([pixels[~test][shown[~test] == digit].mean(axis=0) for digit in range(10)])
    nearest = KNeighborsClassifier(3).fit(pixels[~test], shown[~test])
    backend = scorer.Scorer(scorer.exported())
    first = scorer.Scorer((HERE.parent / "reports/released/2026-10-scorer.json").read_bytes())
    asked = [scorer.Question(pixels=row) for row in pixels[test].tolist()]
    rows = list(pixels[test])
    return {
        "usual digit": timed(backend.fallback, asked),
        "nearest mean picture": timed(lambda p: ((means - p) ** 2).sum(axis=1).argmin(), rows),
        "linear scorer, release-2026-10": timed(first.answer, asked),
        "linear scorer, release-2026-11": timed(backend.answer, asked),
        "three nearest pictures": timed(lambda p: nearest.predict([p]), rows),
    }


async def over_http() -> dict[str, float]:
    """CALLERS that ask one after the other, REQUESTS in all."""
    took: list[float] = []
    statuses: dict[str, int] = {}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{PORT}", timeout=5) as client:

        async def caller() -> None:
            for _ in range(REQUESTS // CALLERS):
                began = time.perf_counter()
                reply = await client.post("/v1/scorer", json={"pixels": [0.0] * scorer.PIXELS})
                statuses[str(reply.status_code)] = statuses.get(str(reply.status_code), 0) + 1
                if reply.status_code == 200:
                    took.append(time.perf_counter() - began)

        began = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(CALLERS)))
        seconds = time.perf_counter() - began
    return {
        "requests": REQUESTS,
        "callers": CALLERS,
        "a_second": round(REQUESTS / seconds),
        "p50_ms": round(1000 * percentile(took, 0.5), 1),
        "p99_ms": round(1000 * percentile(took, 0.99), 1),
        **{f"status_{status}": count for status, count in sorted(statuses.items())},
    }


def served(folder: Path) -> dict[str, Any]:
    """One instance on this machine, started as the image starts it."""
    made = drills.specimen(folder / "store")
    for key in made.trust["keys"]:
        key["not_after"] = "2099-12-31"  # that of the drill ends, and the service asks a clock
    trust = folder / "trust.json"
    trust.write_text(Trust.model_validate(made.trust).model_dump_json(), encoding="utf-8")
    words = [sys.executable, "-m", "slip_reader.serving", str(made.folder), "--release", made.name]
    began = time.perf_counter()
    with subprocess.Popen(
        [*words, "--trust", str(trust), "--port", str(PORT)],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            while process.poll() is None:
                try:
                    if httpx.get(f"http://127.0.0.1:{PORT}/health/ready").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.05)
            ready = round(time.perf_counter() - began, 1)
            found = asyncio.run(over_http())
            scraped = httpx.get(f"http://127.0.0.1:{PORT}/metrics").text
            SCRAPE.write_text(scraped, encoding="utf-8")
            return {"seconds_to_ready": ready, **found}
        finally:
            process.terminate()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        http = served(Path(folder))
    found = {
        "on": time.strftime("%Y-%m-%d"),
        "load_average": round(os.getloadavg()[0], 1),
        "machine": f"{os.cpu_count()} cores, shared with other jobs; {machine.machine()}",
        "python": machine.python_version(),
        "answers": answers(),
        "http": http,
    }
    path = HERE / "timings-2026-11.json"
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

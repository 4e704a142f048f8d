"""Draw the dashboards of the examples from a Prometheus of our own; `make dashboards` calls this.

    python hooks/draw_dashboards.py [NAME]...

`examples/NAME/ops/grafana/series.yml` has synthetic series, in the notation of promtool's tests.
promtool writes them as blocks of Prometheus, which evaluates the recording rules of the example on
them; mlcharter.evals.plots.dashboards asks it what each panel asks, and draws that. So the pictures
show rules and queries of the config blocks, not what a service did.
Needs prometheus and promtool (Debian: `apt-get install prometheus`).
"""

import contextlib
import datetime
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from mlcharter.evals.plots import dashboards  # noqa: E402

EXAMPLES = ROOT / "examples"
SERIES = dashboards.FOLDER / "series.yml"
RULES = Path("ops/prometheus/rules.yml")
END = datetime.datetime(2026, 11, 27, tzinfo=datetime.UTC)
START = END - datetime.timedelta(days=dashboards.DAYS)
STEP, EVERY = 120, 240  # seconds between two samples, and between two evaluations of a rule
WAIT = 60  # seconds until Prometheus must answer


def expand(notation: str) -> list[float]:
    """Return the values of promtool's notation: `2`, `2x3`, `2+1x3` and `2-1x3`."""
    values: list[float] = []
    for part in notation.split():
        found = re.fullmatch(r"(-?[\d.]+)(?:([+-][\d.]+))?(?:x(\d+))?", part)
        if found is None:
            raise ValueError(f"{part!r} is not a value such as 2+1x3")
        first, step, times = float(found[1]), float(found[2] or 0), int(found[3] or 0)
        values += [first + step * n for n in range(times + 1)]
    return values


def write_samples(series: Path, into: Path) -> None:
    """Write series as text of OpenMetrics; the last value stays until the end."""
    count = int((END - START).total_seconds()) // STEP + 1
    with into.open("w", encoding="utf-8") as file:
        for one in yaml.safe_load(series.read_text(encoding="utf-8"))["input_series"]:
            values = expand(one["values"])
            values += [values[-1]] * (count - len(values))
            for n, value in enumerate(values[:count]):
                file.write(f"{one['series']} {value!r} {START.timestamp() + n * STEP:.0f}\n")
        file.write("# EOF\n")


def write_recorded(url: str, rules: Path, into: Path) -> None:
    """Write what recording rules give, as text of OpenMetrics.

    `promtool tsdb create-blocks-from rules` does the same with a query for every two hours.
    """
    groups = yaml.safe_load(rules.read_text(encoding="utf-8"))["groups"]
    recorded = [rule for group in groups for rule in group["rules"] if "record" in rule]
    with into.open("w", encoding="utf-8") as file:
        for rule in recorded:
            for series in dashboards.query(url, rule["expr"], END, EVERY):
                named = {key: value for key, value in series["metric"].items() if key != "__name__"}
                labels = ",".join(
                    f"{key}={json.dumps(value)}"
                    for key, value in sorted((named | rule["labels"]).items())
                )
                for at, value in series["values"]:
                    file.write(f"{rule['record']}{{{labels}}} {value} {at:.0f}\n")
        file.write("# EOF\n")


def run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {done.stdout}{done.stderr}")


@contextlib.contextmanager
def serve(data: Path) -> Iterator[str]:
    """Start a Prometheus on loopback over these blocks, and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"127.0.0.1:{free.getsockname()[1]}"
    config = data.with_name("prometheus.yml")
    config.write_text("global: {}\n")
    program = shutil.which("prometheus")
    if program is None:
        raise SystemExit("there is no prometheus; install it: apt-get install prometheus")
    options = (f"--config.file={config}", f"--storage.tsdb.path={data}")
    more = ("--storage.tsdb.retention.time=100y", f"--web.listen-address={url}")
    process = subprocess.Popen([program, *options, *more], stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://{url}/-/ready")
        yield f"http://{url}"
    finally:
        process.terminate()
        process.wait()


def _wait(address: str) -> None:
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        with contextlib.suppress(URLError, ConnectionError), urlopen(address):
            return
        time.sleep(0.2)
    raise SystemExit(f"{address} does not answer")


@contextlib.contextmanager
def open_example(root: Path) -> Iterator[str]:
    """Yield the address of a Prometheus with an example's series and what its rules record."""
    with tempfile.TemporaryDirectory() as folder:
        data, samples = Path(folder, "data"), Path(folder, "samples.txt")
        write_samples(root / SERIES, samples)
        run("promtool", "tsdb", "create-blocks-from", "openmetrics", samples, data)
        with serve(data) as url:
            write_recorded(url, root / RULES, samples)
        run("promtool", "tsdb", "create-blocks-from", "openmetrics", samples, data)
        with serve(data) as url:
            yield url


def main() -> None:
    names = sys.argv[1:] or sorted(path.parts[-4] for path in EXAMPLES.glob(f"*/{SERIES}"))
    for name in names:
        with open_example(EXAMPLES / name) as url:
            for path in dashboards.draw(EXAMPLES / name, url, END):
                print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()

"""Pictures of dashboards: what a Prometheus says to each query of a panel."""

import datetime
import importlib.util
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from mlcharter.evals.plots import dashboards

END = datetime.datetime(2026, 11, 27, tzinfo=datetime.UTC)
SERIES = sorted((ROOT / "examples").glob("*/ops/grafana/series.yml"))


@pytest.fixture(scope="module")
def hook() -> Any:
    spec = importlib.util.spec_from_file_location("drawing", ROOT / "hooks/draw_dashboards.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answer(monkeypatch: pytest.MonkeyPatch, *series: tuple[dict[str, str], list[Any]]) -> list[str]:
    """Let Prometheus give these series to each query; return the addresses that are asked."""
    asked: list[str] = []
    result = [{"metric": labels, "values": values} for labels, values in series]

    def urlopen(address: str, timeout: float) -> io.BytesIO:
        asked.append(address)
        return io.BytesIO(json.dumps({"data": {"result": result}}).encode())

    monkeypatch.setattr(dashboards, "urlopen", urlopen)
    return asked


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "ops/grafana").mkdir(parents=True)
    board = ROOT / "examples/applied/ops/grafana/slos.json"
    shutil.copy(board, tmp_path / "ops/grafana/slos.json")
    return tmp_path


def test_a_picture_has_each_panel_with_what_its_query_returned(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = [[END.timestamp() - 3600, "0.5"], [END.timestamp(), "2.25"]]
    asked = answer(monkeypatch, ({"window": "1h"}, points))

    [path] = dashboards.draw(repository, "http://127.0.0.1:9090/", END)
    first = path.read_bytes()
    dashboards.draw(repository, "http://127.0.0.1:9090", END)

    assert path.read_bytes() == first
    board = json.loads((repository / "ops/grafana/slos.json").read_text())
    assert len(asked) == 2 * len(board["panels"])
    assert asked[0].startswith("http://127.0.0.1:9090/api/v1/query_range?query=slo%3Aburn_rate")
    assert all(f"{panel['title']}" in first.decode() for panel in board["panels"])
    assert ">1h<" in first.decode()  # a legend


def test_a_query_without_data_is_an_error(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch)

    with pytest.raises(ValueError, match=r"no data for slos\.json: list-ready: burn rate; "):
        dashboards.draw(repository, "http://127.0.0.1:9090", END)


def test_the_notation_of_series_is_that_of_promtool(hook: Any) -> None:
    assert hook.expand("0+2x3 7 1-0.5x1 4x1") == [0, 2, 4, 6, 7, 1, 0.5, 4, 4]
    with pytest.raises(ValueError, match=r"'1\+x' is not a value"):
        hook.expand("1+x")


@pytest.mark.parametrize("series", SERIES, ids=lambda path: str(path.parts[-4]))
def test_each_dashboard_of_an_example_has_its_picture(series: Path) -> None:
    boards = {path.stem for path in series.parent.glob("*.json")}

    assert {path.stem for path in series.parent.glob("*.svg")} == boards
    for board in boards:
        drawn = (series.parent / f"{board}.svg").read_text()
        panels = json.loads((series.parent / f"{board}.json").read_text())["panels"]
        assert [
            p["title"]
            for p in panels
            if p["title"].partition(" >")[0].partition(" <")[0] not in drawn
        ] == []


@pytest.mark.journey
@pytest.mark.skipif(
    not (shutil.which("prometheus") and shutil.which("promtool")),
    reason="no prometheus on this machine; `apt-get install prometheus` brings one",
)
@pytest.mark.parametrize("series", SERIES, ids=lambda path: str(path.parts[-4]))
def test_each_panel_of_an_example_gets_data_from_prometheus(
    hook: Any, series: Path, tmp_path: Path
) -> None:
    root = series.parents[2]
    shutil.copytree(root / "ops", tmp_path / "ops")

    with hook.open_example(tmp_path) as url:
        drawn = dashboards.draw(tmp_path, url, hook.END)

    assert {path.name for path in drawn} == {path.name for path in series.parent.glob("*.svg")}

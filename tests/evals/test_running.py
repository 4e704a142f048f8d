"""The command line of an eval."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mlcharter.evals import running
from mlcharter.evals.inputs import Inputs
from mlcharter.evals.reports import Report
from mlcharter.formats import report as format_
from mlcharter.gate import inputs as staleness
from mlcharter.support.files import Folder

Run = Callable[..., None]


def counted(hits: int) -> Report:
    report = Report("applied", seed=7)
    report.add_dataset("loans", "0" * 64, rows=100)
    report.add_count("hits", "loans", hits, n=100)
    return report


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run an eval that reads data.csv, and has one defect."""
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text("1\n")

    def main(*arguments: str) -> None:
        running.main(
            "evals.applied",
            lambda folder: counted(90),
            {"hits-overall": lambda: counted(40)},
            inputs=Inputs.read(["data.csv"]),
            arguments=arguments,
        )

    return main


def read(path: str) -> format_.Report:
    return format_.read(path, Folder(Path()))


def test_without_options_the_report_goes_to_reports(run: Run) -> None:
    run()
    report = read("reports/applied.json")
    [result] = report.results
    assert (result.value, report.defect, report.run.command) == (
        90,
        None,
        "python -m evals.applied",
    )
    assert staleness.find_staleness(report, Path("reports/applied.json"), Folder(Path())) is None


def test_another_folder_gets_the_report_for_a_comparison(run: Run) -> None:
    run("--out-dir", "build/again")
    assert [path.as_posix() for path in Path().glob("**/*.json")] == ["build/again/applied.json"]


def test_a_defect_is_measured_and_decides_no_gate(run: Run) -> None:
    run("--defect", "hits-overall", "--out", "broken.json")
    report = read("broken.json")
    [result] = report.results
    assert (result.value, report.defect) == (40, "hits-overall")
    assert staleness.find_staleness(report, Path("broken.json"), Folder(Path())) == (
        "it measured the system with the defect of gate `hits-overall`; "
        "run the eval without `--defect`"
    )


def test_describe_prints_defects_and_inputs_without_a_measurement(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("--describe")
    described = json.loads(capsys.readouterr().out)
    assert described["name"] == "applied"
    assert described["defects"] == ["hits-overall"]
    assert [*described["inputs"]["files"]] == ["data.csv"]
    assert not Path("reports").exists()


def test_a_system_that_is_not_there_yet_has_no_report(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(folder: Path) -> Report:
        raise NotImplementedError("write load() in loans/applied/system.py")

    running.main("evals.applied", measure, {}, inputs=Inputs.read(["data.csv"]), arguments=[])

    message = "evals.applied: not configured yet: write load() in loans/applied/system.py\n"
    assert capsys.readouterr().out == message
    assert not list(Path("reports").iterdir())


def test_defects_of_a_system_that_is_not_there_yet_are_none(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    def find_defects() -> dict[str, Callable[[], Report]]:
        raise NotImplementedError("write load()")

    inputs = Inputs.read(["data.csv"])
    running.main(
        "evals.applied", lambda _: counted(1), find_defects, inputs=inputs, arguments=["--describe"]
    )

    shown = capsys.readouterr()
    assert json.loads(shown.out)["defects"] == []
    assert shown.err == "evals.applied: not configured yet: write load()\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--defect", "hits-overall"], "--defect needs --out FILE"),
        (
            ["--defect", "other", "--out", "x.json"],
            "no defect for gate 'other'",
        ),
    ],
)
def test_what_cannot_be_run_exits_with_2(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(*arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
    assert not Path("x.json").exists()

"""`release freeze` keeps what a release rests on, once, and pins it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from shop import NOW, Shop

from mlcharter.cli import cli
from mlcharter.release import freezing
from mlcharter.support import writing
from mlcharter.support.errors import UserError

BOARD = "@northbank/cytology-board"
PARTS: dict[str, Callable[[], bytes]] = {"rl.json": lambda: b"measured", "gates.json": lambda: b""}
PYTHON = """\
#!/bin/sh
case "$*" in *pytest*) echo "$*"; touch build/tests.xml; exit {tests};; *) echo numpy==2.4.6;; esac
"""


def list_kept(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "reports/released").iterdir())


@pytest.mark.parametrize("name", ["2026-11", "2026-11b", "2026-11-23", "2026-11-23b"])
def test_a_name_is_kept_once(tmp_path: Path, name: str) -> None:
    kept = freezing.freeze(tmp_path, name, PARTS)
    assert kept == [f"reports/released/{name}-rl.json", f"reports/released/{name}-gates.json"]

    with pytest.raises(UserError) as error:
        freezing.freeze(tmp_path, name, PARTS)

    assert error.value.message == f"reports/released/{name}-* are kept already"
    assert error.value.hint == f"commit them, or take another name: {name}b"


@pytest.mark.parametrize(
    "name",
    ["", "v1", "../2026-11", "2026-11 b", "2026-11'", "2026-11-rc", "2026-11;ls", "2026-11\n"],
)
def test_a_name_that_does_not_sort_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="does not sort among releases"):
        freezing.freeze(tmp_path, name, PARTS)

    assert not list(tmp_path.iterdir())


def test_logs_of_the_same_month_are_no_release(tmp_path: Path) -> None:
    writing.replace(tmp_path, "reports/released/2026-11-10-rollback.log", b"")

    freezing.freeze(tmp_path, "2026-11", PARTS)

    assert "2026-11-rl.json" in list_kept(tmp_path)


@pytest.mark.parametrize("at", range(1, 5))
def test_stopped_at_any_write_it_is_run_again_and_keeps_all(
    tmp_path: Path, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [0]

    def stopping(own: Callable[..., None]) -> Callable[..., None]:
        def step(*words: object) -> None:
            steps[0] += 1
            if steps[0] == at:
                raise KeyboardInterrupt
            own(*words)

        return step

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        for name in ("replace", "remove"):
            patch.setattr(writing, name, stopping(getattr(writing, name)))
        freezing.freeze(tmp_path, "2026-11", PARTS)

    freezing.freeze(tmp_path, "2026-11", PARTS)

    assert list_kept(tmp_path) == ["2026-11-gates.json", "2026-11-rl.json"]
    assert not (tmp_path / "build").exists()


@pytest.fixture
def measured(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The shop with an SBOM, and a Python that runs no tests."""
    monkeypatch.setattr("mlcharter.commands._release.common.now", lambda: NOW)
    released = shop.root / "reports/released"
    newest = max(released.glob("*-applied.json"))
    writing.replace(shop.root, "reports/applied.json", newest.read_bytes())
    writing.replace(shop.root, "build/sbom.json", b"{}")
    set_tests(shop, 0)
    return shop


def set_tests(shop: Shop, code: int) -> None:
    script = PYTHON.format(tests=code).encode()
    writing.replace(shop.root, ".venv/bin/python", script, executable=True)


def freeze(shop: Shop, *words: str) -> Result:
    approved = ("--approved-by", BOARD)
    return CliRunner().invoke(
        cli, ["release", "freeze", "2027-01", "-C", str(shop.root), *approved, *words]
    )


def test_what_was_measured_is_kept_and_pinned(measured: Shop) -> None:
    shown = freeze(measured)

    assert shown.stdout.splitlines() == [
        *(
            f"reports/released/2027-01-{end}"
            for end in ("applied.json", "gates.json", "sbom.json", "installed.txt", "tests.xml")
        ),
        "versioning/registries.md: release-2027-01; review it and commit",
    ]
    kept = measured.root / "reports/released"
    report = (measured.root / "reports/applied.json").read_bytes()
    assert (kept / "2027-01-applied.json").read_bytes() == report
    assert (kept / "2027-01-installed.txt").read_text() == "numpy==2.4.6\n"
    decision = json.loads((kept / "2027-01-gates.json").read_text())
    assert decision["ok"]
    assert "auc-overall" in [verdict["gate"] for verdict in decision["verdicts"]]


def test_without_approval_nothing_is_kept(measured: Shop) -> None:
    before = list_kept(measured.root)

    shown = CliRunner().invoke(cli, ["release", "freeze", "2027-01", "-C", str(measured.root)])

    assert shown.exit_code == 2
    assert shown.stderr.startswith("error: nobody approved the release\n")
    assert list_kept(measured.root) == before


def test_a_gate_that_fails_is_shown(measured: Shop) -> None:
    measured.edit("docs/eval_pack.md", "threshold: -0.01\n", "threshold: 0.5\n")
    before = list_kept(measured.root)

    shown = freeze(measured)

    assert shown.exit_code == 1
    assert "fail" in shown.stdout
    assert list_kept(measured.root) == before


def test_with_a_test_that_fails_nothing_is_kept(measured: Shop) -> None:
    set_tests(measured, 1)
    before = list_kept(measured.root)

    assert freeze(measured).exit_code == 1
    assert list_kept(measured.root) == before


def test_without_an_sbom_the_command_that_makes_it_is_named(measured: Shop) -> None:
    (measured.root / "build/sbom.json").unlink()

    shown = freeze(measured)

    assert shown.stderr == "error: build/sbom.json is not there\n  hint: run `make sbom`\n"

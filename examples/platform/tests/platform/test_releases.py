"""Which releases start, which do not, and what the refusal says."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mlcharter.evals.releases import TAMPERED, Specimen

from slip_reader.serving import release, scoring
from slip_reader.serving.__main__ import REFUSED, main
from slip_reader.serving.opening import opened
from slip_reader.serving.release import RefusedError, Trust

from evals import _platform_drills as drills


@pytest.fixture
def sound(tmp_path: Path) -> Specimen:
    return drills.specimen(tmp_path / "release")


def refusal(it: Specimen, served: Any = scoring) -> str:
    with pytest.raises(RefusedError) as caught:
        opened(it.folder, it.name, Trust.model_validate(it.trust), [served], now=it.now)
    return str(caught.value)


def test_a_sound_release_starts(sound: Specimen) -> None:
    assert drills.open_specimen(sound).release == sound.name


@pytest.mark.parametrize(("name", "spoil"), [*TAMPERED[:200:25], *TAMPERED[200:]])
def test_a_spoilt_one_does_not(sound: Specimen, name: str, spoil: Any) -> None:
    assert refusal(spoil(sound))


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ("deleted", "model/scorer.json is missing"),
        ("emptied", "model/scorer.json has other bytes"),
        ("a stranger", "0 of 1 signatures"),
        ("an expired key", "0 of 1 signatures"),
        ("a downgrade", "its sequence is 1, below 2"),
        ("a revoked model", "model/scorer is revoked"),
        ("a kind that is missing", "it pins no environment"),
        ("a gate that failed", "gate quality: fail"),
        ("a clock set back", "the clock says 2025-12-01, but a release is of 2026-01-01"),
        ("another name", "not 000000000000 as deployed"),
    ],
)
def test_the_refusal_says_what_is_wrong(sound: Specimen, case: str, reason: str) -> None:
    [spoil] = [spoil for name, spoil in TAMPERED if name.endswith(case)]
    assert reason in refusal(spoil(sound))


def test_what_is_too_long_is_refused(sound: Specimen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "MAX_BYTES", 10)
    assert "at most 10 bytes" in refusal(sound)


def test_a_rebuilt_part_must_come_out_as_it_was(sound: Specimen) -> None:
    rebuilt = {"index/handbook": "a" * 64}
    rebuilds = SimpleNamespace(NAME="rag", loaded=lambda parts: (None, rebuilt))
    assert refusal(sound, rebuilds) == "rebuilt with another digest: index/handbook"


def test_bytes_that_no_backend_can_load_are_refused(sound: Specimen) -> None:
    fails = SimpleNamespace(NAME="rag", loaded=lambda parts: parts["index/handbook"])
    assert "rag cannot be loaded: KeyError('index/handbook')" in refusal(sound, fails)


def test_a_refusal_has_an_exit_code_of_its_own(
    sound: Specimen, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trust = sound.folder / "trust.json"
    trust.write_text(Trust.model_validate(sound.trust).model_dump_json())
    name = f"release-1@sha256:{'0' * 64}"
    words = ["serving", str(sound.folder), "--release", name, "--trust", str(trust)]
    monkeypatch.setattr(sys, "argv", words)
    monkeypatch.setattr("slip_reader.serving.__main__.kinds", lambda: [scoring])
    assert main() == REFUSED
    assert "refused to start: the manifest is" in capsys.readouterr().err


@pytest.mark.parametrize("share", ["5", "-0.1", "nan", "half"])
def test_a_share_is_one_of_one(
    share: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["serving", "store", "--release", "x", "--share", share])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "--share" in capsys.readouterr().err

"""Exchanges with a model are replayed by the digest of the request; a stub serves its faults."""

import http.client
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlcharter.evals import generation
from mlcharter.evals.generation import MissingExchangeError, Recorder, Replay, stub

BODY = {"model": "m", "messages": [{"role": "user", "content": "What is a tug?"}]}
CHANGED = {"model": "m", "messages": [{"role": "user", "content": "What is a tug, please?"}]}
REPLY = {"choices": [{"message": {"content": "A ship."}}]}


class Model:
    model = "m"
    calls = 0

    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        self.calls += 1
        return REPLY


def record(path: Path, origin: generation.Origin = "recorded") -> Path:
    recorder = Recorder(Model(), origin)
    recorder.complete(BODY)
    recorder.write(path)
    return path


def test_a_recorded_reply_is_given_again(tmp_path: Path) -> None:
    replay = Replay.read(record(tmp_path / "exchanges.jsonl"))
    assert (replay.model, replay.origin, len(replay)) == ("m", "recorded", 1)
    assert replay.complete(dict(reversed(BODY.items()))) == REPLY  # the order of keys is no change
    assert replay.unused == set()


def test_a_file_has_digest_origin_model_and_reply_and_no_request(tmp_path: Path) -> None:
    row = json.loads(record(tmp_path / "exchanges.jsonl", "scripted").read_text())
    digest = generation.digest(BODY)
    assert row == {"request": digest, "origin": "scripted", "model": "m", "reply": REPLY}


def test_a_changed_prompt_fails_with_how_to_record_again(tmp_path: Path) -> None:
    replay = Replay.read(record(tmp_path / "exchanges.jsonl"))
    with pytest.raises(MissingExchangeError, match=r"no reply of m is recorded.*`make record`"):
        replay.complete(CHANGED)
    assert len(replay.unused) == 1


def test_one_scripted_reply_makes_all_scripted() -> None:
    exchanges = [
        generation.Exchange("a" * 64, "recorded", "m", REPLY),
        generation.Exchange("b" * 64, "scripted", "m", REPLY),
    ]
    assert Replay(exchanges).origin == "scripted"


def test_a_request_is_recorded_once() -> None:
    model = Model()
    recorder = Recorder(model)
    assert [recorder.complete(BODY), recorder.complete(BODY)] == [REPLY, REPLY]
    assert (model.calls, len(recorder)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "exchanges are of one model, not of none"),
        ("{", ":1: not JSON: "),
        ("[]", ":1: an exchange has the keys request, origin, model, reply"),
        (
            '{"request": "a", "origin": "made", "model": "m", "reply": {}}',
            ":1: `origin` is recorded or scripted, and `reply` an object",
        ),
    ],
)
def test_a_line_that_is_no_exchange_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "exchanges.jsonl").write_text(text)
    with pytest.raises(ValueError) as caught:
        Replay.read(tmp_path / "exchanges.jsonl")
    assert message in str(caught.value)


def test_an_eval_replays_only_what_was_recorded_from_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "exchanges.jsonl"
    assert generation.choose(path, lambda: None) is None
    record(path, "scripted")
    assert generation.choose(path, lambda: None) is None
    record(path)
    capsys.readouterr()
    chosen = generation.choose(path, lambda: None)
    assert isinstance(chosen, Replay)
    assert capsys.readouterr().out == ""


def test_what_is_not_measured_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = record(tmp_path / "exchanges.jsonl", "scripted")
    capsys.readouterr()
    generation.choose(path, lambda: None)
    generation.choose(tmp_path / "none.jsonl", lambda: None)
    assert capsys.readouterr().out.splitlines() == [
        "generation is not measured: replies are scripted, and answers are quotations",
        "generation is not measured: no reply is recorded, and answers are quotations",
    ]


def test_a_recording_is_written_when_the_eval_ends(tmp_path: Path) -> None:
    code = (
        "from mlcharter.evals import generation; from test_generation import BODY, Model; "
        "generation.choose('exchanges.jsonl', Model).complete(BODY)"
    )
    env = {**os.environ, "RECORD": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, cwd=tmp_path, env=env, check=True, capture_output=True).stdout
    assert Replay.read(tmp_path / "exchanges.jsonl").complete(BODY) == REPLY
    assert b"spent: 1 requests, 0 input and 0 output tokens, a cost of 0, 0.0 s" in told


def test_a_recording_stops_at_its_budget_and_keeps_what_it_has(tmp_path: Path) -> None:
    code = (
        "from mlcharter.evals import generation; from test_generation import BODY, CHANGED, Model; "
        "model = generation.choose('exchanges.jsonl', Model, seconds=0.0); model.complete(BODY)"
    )
    env = {**os.environ, "RECORD": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, Path(tmp_path, "exchanges.jsonl").read_text()) == (1, "")
    assert "the budget of the run is 0 for seconds; raise it, or ask less" in done.stderr


def test_recording_needs_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORD", "1")
    with pytest.raises(SystemExit, match="set LLM_BASE_URL and LLM_MODEL"):
        generation.choose(tmp_path / "exchanges.jsonl", lambda: None)


def post(url: str) -> tuple[int, bytes, dict[str, str]]:
    request = urllib.request.Request(f"{url}/chat/completions", b"{}")
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:
            return reply.status, reply.read(), dict(reply.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def test_the_stub_gives_its_replies_in_order_and_the_last_for_good() -> None:
    with stub.serve(stub.status(429, retry_after=7), stub.say("Yes.")) as server:
        status, _, headers = post(server.url)
        assert (status, headers["Retry-After"]) == (429, "7")
        for _ in range(2):
            message = json.loads(post(server.url)[1])["choices"][0]["message"]
            assert message == {"role": "assistant", "content": "Yes."}
    assert server.requests == [{}, {}, {}]


@pytest.mark.parametrize("fault", ["silence", "connection reset", "body cut"])
def test_a_fault_of_the_connection_reaches_the_client(fault: str) -> None:
    with stub.serve(stub.FAULTS[fault]) as server:
        request = urllib.request.Request(f"{server.url}/chat/completions", b"{}")
        with (
            pytest.raises((OSError, http.client.IncompleteRead)),
            urllib.request.urlopen(request, timeout=0.3) as reply,
        ):
            reply.read()

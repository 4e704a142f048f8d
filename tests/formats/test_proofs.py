"""proofs.json is validated strictly, and the published schema accepts the same files."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mlcharter.formats import proofs
from mlcharter.support.files import Folder

PROOF = {"gate": "few-wrong", "eval": "applied", "value": 8.0, "bound": 8.0, "sha256": "a" * 64}
EVAL = {"name": "applied", "patterns": ["evals/*.py"], "blocks": []}
CONTENT: dict[str, Any] = {"version": 1, "evals": [EVAL], "proofs": [PROOF]}
WRONG: list[Any] = [
    {"version": 2},
    {"proofs": []},
    {"version": 1, "proofs": [PROOF | {"sha256": "no digest"}]},
    {"version": 1, "proofs": [PROOF | {"gate": "../../etc"}]},
    {"version": 1, "proofs": [PROOF | {"more": 1}]},
    {"version": 1, "proofs": [PROOF | {"value": "NaN"}]},
    {"version": 1, "evals": [EVAL | {"name": "os; x"}]},
    {"version": 1, "evals": [EVAL | {"patterns": ["../*"]}]},
    [],
]


def read(folder: Path, content: bytes) -> object:
    (folder / "proofs.json").write_bytes(content)
    return proofs.read(Folder(folder))


def test_the_published_schema_is_the_model(request: pytest.FixtureRequest) -> None:
    text = json.dumps(proofs.build_schema(), indent=1) + "\n"
    if request.config.getoption("--accept"):
        proofs.SCHEMA.write_text(text)

    assert proofs.SCHEMA.read_text() == text, "run `pytest --accept` and read the difference"


def test_what_is_rendered_is_read_again_and_matches_the_schema(tmp_path: Path) -> None:
    first = read(tmp_path, json.dumps(CONTENT).encode())
    assert isinstance(first, proofs.Proofs)

    text = proofs.render(first)

    assert read(tmp_path, text.encode()) == first
    jsonschema.validate(json.loads(text), json.loads(proofs.SCHEMA.read_text()))


@pytest.mark.parametrize("content", WRONG, ids=json.dumps)
def test_another_content_is_a_problem(tmp_path: Path, content: Any) -> None:
    problem = read(tmp_path, json.dumps(content).encode())

    assert isinstance(problem, str)
    assert problem.startswith("is not what `mlcharter prove` writes: ")


@pytest.mark.hostile("proofs that exhaust memory or the stack")
@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b"\xff\xfe", b"", b'{"version": 1' + b" " * 2_000_000 + b"}"],
    ids=["deep", "bytes", "empty", "large"],
)
def test_a_hostile_file_is_a_problem(tmp_path: Path, content: bytes) -> None:
    assert isinstance(read(tmp_path, content), str)


def test_without_a_file_there_are_no_proofs(tmp_path: Path) -> None:
    assert proofs.read(Folder(tmp_path)) is None

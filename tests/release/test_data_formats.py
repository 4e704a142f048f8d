"""Only content that holds data is released: no pickle, under whatever name."""

import io
import json
import pickle
import zipfile

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from mlcharter.release.data_formats import find_problem

PICKLE = pickle.dumps({"weights": [1.0, 2.0]})
FORMATS = ("csv", "gguf", "json", "jsonl", "md", "npz", "onnx", "parquet", "safetensors")


def npz(**arrays: object) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def archive(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return file.getvalue()


def table() -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.table({"x": [1, 2]}), file)
    return file.getvalue()


HEADER = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
FINE = {
    "csv": b"x,y\n1,2\n",
    "gguf": b"GGUF\x03\x00\x00\x00",
    "json": b'{"weights": [1.0]}',
    "jsonl": b'{"x": 1}\n{"x": 2}\n',
    "md": "Antworte kurz und höflich.\n".encode(),
    "npz": npz(w=np.ones((2, 3)), names=np.array(["a", "b"]), rows=np.zeros(2, "i4,f8")),
    "onnx": b"\x08\x07\x12\x04test",
    "parquet": table(),
    "safetensors": len(HEADER).to_bytes(8, "little") + HEADER + b"\0\0\0\0",
}


@pytest.mark.parametrize("format", FORMATS)
def test_data_is_released(format: str) -> None:
    assert find_problem(format, FINE[format]) is None


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "content",
    [PICKLE, archive(**{"data.pkl": PICKLE}), npz(w=np.array([{}], dtype=object)), b"\x80"],
    ids=["pickle", "PyTorch", "object array", "cut off"],
)
def test_a_pickle_is_not_released_under_any_format(format: str, content: bytes) -> None:
    assert find_problem(format, content) == f"its content is not `{format}`"


@pytest.mark.parametrize("format", ["pickle", "pt", "joblib", "package", ""])
def test_a_format_that_is_not_in_the_list_is_refused(format: str) -> None:
    problem = find_problem(format, b"{}")
    assert problem and problem.startswith(
        f"`{format}` is not a format that is released; known: csv"
    )


def test_an_object_field_inside_a_record_is_a_pickle_too() -> None:
    rows = np.zeros(1, dtype=[("x", "f8"), ("y", object)])
    assert find_problem("npz", npz(rows=rows)) == "its content is not `npz`"


def test_deeply_nested_content_is_refused() -> None:
    assert find_problem("json", b"[" * 100_000) == "its content is not `json`"

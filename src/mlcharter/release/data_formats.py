"""Formats that hold data only, recognised by their content.

To read a pickle runs code, and files of PyTorch, joblib and NumPy's object arrays are pickles. So a
file is released only if its content is of a format in this list, whatever its name says.
"""

import ast
import io
import re
import zipfile
from collections.abc import Callable

from mlcharter.formats import strict_json

_HEADER = re.compile(rb"\x93NUMPY[\x01-\x03]\x00(?:..|....)(\{[^}]*\})", re.S)
_MOST_ENTRIES = 10_000
_HEADER_BYTES = 64 * 1024


def find_problem(format: str, data: bytes) -> str | None:
    """Return why content is not of a format that holds data only; None if it is."""
    check = _CHECKS.get(format)
    if check is None:
        return f"`{format}` is not a format that is released; known: {', '.join(sorted(_CHECKS))}"
    try:
        holds = check(data)
    except (ValueError, RecursionError, KeyError, OSError, SyntaxError, zipfile.BadZipFile):
        holds = False
    except (NotImplementedError, RuntimeError):  # an entry is encrypted or packed in a new way
        holds = False
    return None if holds else f"its content is not `{format}`"


def _is_json(data: bytes) -> bool:
    strict_json.loads(data)
    return True


def _is_json_lines(data: bytes) -> bool:
    return all(_is_json(line) for line in data.splitlines() if line.strip())


def _is_text(data: bytes) -> bool:
    return "\0" not in data.decode("utf-8")


def _is_npz(data: bytes) -> bool:
    """Return whether each array of an archive is of numbers or text: object arrays are pickles."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        return 0 < len(names) <= _MOST_ENTRIES and all(_is_plain(archive, name) for name in names)


def _is_plain(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as entry:
        header = _HEADER.match(entry.read(_HEADER_BYTES))
    if header is None:
        return False
    types = ast.literal_eval(header[1].decode("latin1"))["descr"]
    return "O" not in str(types)


def _is_safetensors(data: bytes) -> bool:
    end = 8 + int.from_bytes(data[:8], "little")
    return 8 < end <= len(data) and isinstance(strict_json.loads(data[8:end]), dict)


_CHECKS: dict[str, Callable[[bytes], bool]] = {
    "csv": _is_text,
    "gguf": lambda data: data.startswith(b"GGUF"),
    "json": _is_json,
    "jsonl": _is_json_lines,
    "md": _is_text,
    "npz": _is_npz,
    "onnx": lambda data: data.startswith(b"\x08"),  # the field `ir_version`
    "parquet": lambda data: data[:4] == data[-4:] == b"PAR1",
    "safetensors": _is_safetensors,
}

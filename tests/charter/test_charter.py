"""A charter reads its repository once, and a copy with other files reads those."""

import datetime
from pathlib import Path

from msgspec.structs import replace

from mlcharter.check import engine
from mlcharter.support.files import Folder

ROOT = Path(__file__).resolve().parents[2]


def test_a_copy_with_other_files_has_other_entries() -> None:
    today = datetime.date(2026, 11, 25)
    charter = engine.open_charter(Folder(ROOT / "examples/applied"), today)
    assert charter.entries("gates")
    assert charter.named("gates")

    emptied = replace(charter, _files={**charter._files, "docs/eval_pack.md": b"# Eval pack\n"})

    assert emptied.entries("gates") == ()
    assert emptied.named("gates") == {}

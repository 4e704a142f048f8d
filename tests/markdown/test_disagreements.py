"""An edit of the filled-in example makes documents disagree, and the finding has the right line.

disagreements.txt has a block for each edit: the document, the lines that go (`-`) and come (`+`),
and what is found then. `pytest --accept` writes the findings anew.
"""

import datetime
import re
import shutil
from pathlib import Path

import pytest

import examples
from mlcharter.check import engine
from mlcharter.support.files import Folder

HERE = Path(__file__).resolve().parents[1]
TODAY = datetime.date(2026, 11, 23)
EDITS = HERE / "disagreements.txt"
BLOCKS = EDITS.read_text(encoding="utf-8").strip().split("\n\n")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    example = HERE.parent / "examples/applied"
    return shutil.copytree(example, tmp_path_factory.mktemp("example") / "applied")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.rpartition("[")[2][:-1])
def test_documents_that_disagree_have_findings_at_the_right_lines(
    request: pytest.FixtureRequest, copy: Path, block: str
) -> None:
    path = re.findall("^@@ (.*)", block, re.M)[0]
    old, new = ("\n".join(re.findall(f"^\\{sign} (.*)", block, re.M)) for sign in "-+")
    findings = [line for line in block.split("\n") if not re.match("@@|[-+] ", line)]
    before = (copy / path).read_text(encoding="utf-8")
    assert old in before

    (copy / path).write_text(before.replace(old, new, 1), encoding="utf-8")
    rule = findings[0].rpartition("[")[2][:-1]
    found = engine.findings(engine.open_charter(Folder(copy), TODAY), engine.load([rule]))
    (copy / path).write_text(before, encoding="utf-8")

    wanted, lines = "\n".join(findings), examples.lines(found)
    assert lines
    if request.config.getoption("--accept"):
        edit = block.removesuffix(wanted)
        EDITS.write_text(EDITS.read_text(encoding="utf-8").replace(block, edit + lines), "utf-8")
        wanted = lines
    assert lines == wanted

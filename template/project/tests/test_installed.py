"""What is installed where this runs: what is needed, and what that needs in turn."""

from importlib import metadata

import pytest

from tools import installed


def test_what_a_need_needs_is_found_too() -> None:
    found = installed.needed(["pytest"])
    assert found["pytest"] == metadata.version("pytest")
    assert found["pluggy"] == metadata.version("pluggy")
    assert "mypy" not in found


def test_a_need_of_another_system_is_left_out() -> None:
    assert installed.needed(["pytest; sys_platform == 'nowhere'"]) == {}


def test_an_extra_brings_what_it_needs() -> None:
    assert "jsonschema" not in installed.needed(["cyclonedx-python-lib"])
    assert "jsonschema" in installed.needed(["cyclonedx-python-lib[validation]"])


def test_a_group_that_is_not_there_is_refused() -> None:
    with pytest.raises(SystemExit, match="has no group onnx; it has dev"):
        installed.ours(["onnx"])


def test_the_tools_of_development_are_not_among_ours() -> None:
    assert "pytest" not in installed.ours()

"""The marker `field`: which numbered point of the bug reports a test holds, and what it tries."""

import pytest

MARKER = "field(point, tried): a bug report from the field, by its number in docs/field.md"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test its points as properties, which a JUnit report carries to `make field`."""
    for item in items:
        for marker in item.iter_markers("field"):
            point, tried = marker.args
            item.user_properties.append(("field", f"{point}: {tried}"))

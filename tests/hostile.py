"""The marker `hostile`: which inputs of an attacker were tried, by kind, and which were refused."""

from collections import Counter
from collections.abc import Iterator

import pytest

MARKER = "hostile(kind): an input that an attacker controls, and the kind of attack that it is"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Write the kind into the report, which xdist carries to the process that prints."""
    report = yield
    marker = item.get_closest_marker("hostile")
    if marker is not None:
        report.user_properties.append(("hostile", marker.args[0]))  # type: ignore[attr-defined]
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    tried, refused = Counter[str](), Counter[str]()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, kind in getattr(report, "user_properties", ()):
                if name == "hostile" and report.when == "call":
                    tried[kind] += 1
                    refused[kind] += outcome == "passed"
    if tried:
        terminalreporter.section("hostile inputs")
        for kind in sorted(tried):
            terminalreporter.write_line(f"{kind}: {tried[kind]} tried, {refused[kind]} refused")
        total = f"all: {tried.total()} tried, {refused.total()} refused"
        terminalreporter.write_line(total)

"""The unit: locked down, and not restarted with a release that was refused."""

from configparser import ConfigParser
from pathlib import Path

from evals._platform_names import contracts

ROOT = Path(__file__).resolve().parents[2]


def test_a_unit_is_locked_down_and_does_not_restart_what_was_refused() -> None:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(ROOT / "deploy/vm/serving.service", encoding="utf-8")
    service = parser["Service"]
    assert service["RestartPreventExitStatus"].split() == ["1", "2"]
    assert (service["DynamicUser"], service["ProtectSystem"]) == ("yes", "strict")
    listed = contracts(ROOT / "safety/safety_checklist.md", "egress")
    assert (service["IPAddressDeny"] == "any") is (listed == [])

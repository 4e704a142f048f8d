"""The image: a pinned base, nobody's rights, nothing that it does not need."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IMAGE = ROOT / "deploy/Dockerfile"


def test_the_image_is_of_a_pinned_base_and_runs_as_nobody() -> None:
    text = IMAGE.read_text(encoding="utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.M)
    assert all(":" in base and not base.endswith(":latest") for base in bases)
    assert re.search(r"^USER [1-9]\d*$", text, re.M)
    assert "HEALTHCHECK" in text
    assert re.search(r"(?i)(password|secret|token|api_?key)", text) is None


def test_only_what_the_image_needs_reaches_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", IMAGE.read_text(encoding="utf-8"), re.M)
    assert rules[0] == "*"
    assert {name.replace("[n]", "n") for line in copied for name in line.split()} == {
        rule.removeprefix("!") for rule in rules if rule.startswith("!")
    }

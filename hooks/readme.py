"""Called by hatchling: writes the page on PyPI from the README, with whole addresses as links."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Readme(MetadataHookInterface):
    """PyPI shows the README without the repository around it, so no link there may be relative."""

    def update(self, metadata: dict[str, Any]) -> None:
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        base = f"{metadata['urls']['Source']}/blob/v{metadata['version']}/"
        text = re.sub(r"\]\((?!https://|#)", f"]({base}", text)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}

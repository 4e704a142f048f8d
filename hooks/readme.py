"""Generate the PyPI page from the README, with absolute links; hatchling calls this hook."""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Readme(MetadataHookInterface):
    """Makes the links of the README absolute, since PyPI shows it without the repository."""

    def update(self, metadata: dict[str, Any]) -> None:
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        base = f"{metadata['urls']['Source']}/blob/v{metadata['version']}/"
        text = re.sub(r"\]\((?!https://|#)", f"]({base}", text)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}

"""Run `mlcharter` with these arguments, and print as JSON how much work it did.

python tests/counting.py REPOSITORY COUNTS.json check REPOSITORY
"""

import json
import os
import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from mlcharter.template.template import embedded_root

COUNTED = {  # code, by the end of its file's path and its name
    ("markdown/document.py", "structure"): "documents",
    ("markdown/document.py", "tree"): "blocks",
    ("charter/config_entries.py", "read"): "models",
    ("jinja2/environment.py", "_generate"): "jinja",
}
COLUMNS = ("files", "template", "documents", "blocks", "models", "jinja", "rules", "kinds", "git")


def main() -> None:
    repository, into, *arguments = sys.argv[1:]
    counts: Counter[str] = Counter()
    repository, template = os.path.realpath(repository), str(embedded_root())
    names: dict[CodeType, str | None] = {}

    def audit(event: str, given: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(given[0], str):
            if given[0].startswith(f"{repository}/"):
                counts["files"] += 1
            elif given[0].startswith((f"{template}/template/", f"{template}/copier.yml")):
                counts["template"] += 1
        elif event == "subprocess.Popen":
            counts["git"] += 1

    def profile(frame: FrameType, event: str, given: Any) -> None:
        if event != "call":
            return
        code = frame.f_code
        if code not in names:
            names[code] = find_name(code)
        if (name := names[code]) is not None:
            counts[name] += 1

    from mlcharter.__main__ import main as run

    if arguments[0] == "fleet":  # what its worker processes do is counted in this one
        from mlcharter.fleet import running

        vars(running)["each"] = lambda members, work, *rest: map(work, members)
    sys.argv = ["mlcharter", *arguments]
    sys.addaudithook(audit)
    sys.setprofile(profile)
    try:
        run()
    except SystemExit as ended:
        assert ended.code in (0, 1, None), ended.code
    finally:
        sys.setprofile(None)
        counts["rules"] = count_modules("mlcharter.check.rules.")
        counts["kinds"] = count_modules("mlcharter.charter.config.")
        Path(into).write_text(json.dumps({name: counts[name] for name in COLUMNS}))


def find_name(code: CodeType) -> str | None:
    """Return what a call of this code counts as."""
    for (file, name), counted in COUNTED.items():
        if code.co_name == name and code.co_filename.replace(os.sep, "/").endswith(file):
            return counted
    return None


def count_modules(package: str) -> int:
    """Return how many plug-ins of a package are imported; folders and helpers are not counted."""
    return sum(
        name.startswith(package)
        and not hasattr(module, "__path__")
        and not name.rpartition(".")[2].startswith("_")
        for name, module in sys.modules.items()
    )


if __name__ == "__main__":
    main()

"""Script the replies that a new rag repository replays in its tests.

    REPOSITORY/.venv/bin/python hooks/script_replies.py REPOSITORY PACKAGE

Run it after a change of prompt, corpus or retrieval, in a new repository that is set up. It writes
template/project/data/rag/exchanges.jsonl. The replies are by a person, not by a model: they say so,
and evals count generation as not measured.
"""

import importlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcharter.evals.generation import Recorder

FILE = Path(__file__).parents[1] / "template/project/data/rag/exchanges.jsonl"
# Questions, what a model might write, and words of the passage that it cites; none to abstain.
SCRIPT = {
    "Which anchor place is reserved for ships with hazardous cargo?": (
        "W6 is kept for vessels with dangerous goods.",
        "W6 is kept for",
    ),
    "How many reefer plugs are there in the yard of the container terminal?": (
        "There are 96 reefer plugs.",
        "96 reefer plugs",
    ),
    "What can the crane at the general cargo berth lift at full reach?": (
        "A rail crane lifts 25 tonnes at 28 metres.",
        "A rail crane lifts 25",
    ),
    # Not in the passage: quotations take its place.
    "Which silo stays empty, and for what?": ("Silo 9 is kept full.", "Silo 9"),
    "What holds for turning a 240 metre ship in the basin?": ("", ""),
}


class Scripted:
    """A generator that replies by SCRIPT."""

    model = "scripted"

    def __init__(self, unavailable: type[Exception]) -> None:
        self._unavailable = unavailable

    def complete(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        asked = body["messages"][1]["content"]
        found = [script for question, script in SCRIPT.items() if json.dumps(question) in asked]
        if not found:
            raise self._unavailable("not scripted")
        [(text, quote)] = found
        lines = [line for line in asked.splitlines() if line.startswith("[")]
        sources = [n for n, line in enumerate(lines, 1) if quote in line][:1]
        sentences = [{"text": text, "sources": sources}] if text else []
        message = {"role": "assistant", "content": json.dumps({"sentences": sentences})}
        return {"model": self.model, "choices": [{"index": 0, "message": message}]}


def main(repository: str, package: str) -> None:
    """Ask the scripted questions, and write the file."""
    os.chdir(repository)
    generation = importlib.import_module(f"{package}.rag.generation")
    system = importlib.import_module(f"{package}.rag.system")
    recorder = Recorder(Scripted(generation.UnavailableError), "scripted")
    built = system.System.load(generator=recorder)
    for question in SCRIPT:
        answer = built.answer(question)
        print(f"{answer.draft}: {' '.join(answer.sentences)}")
    recorder.write(FILE)


if __name__ == "__main__":
    main(*sys.argv[1:])

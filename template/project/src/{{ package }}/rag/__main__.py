"""Ask the corpus: `python -m <package>.rag "What does the tug Bjørn cost an hour?" [GROUP]...`."""

import sys

from .endpoint import Endpoint
from .system import System


def main() -> None:
    """Print each sentence with its citation, or that nothing answers, and what a model did."""
    if len(sys.argv) < 2:
        sys.exit('give one question, in quotation marks: python -m … "What does a pass cost?"')
    system, groups = System.load(generator=Endpoint.from_environment()), frozenset(sys.argv[2:])
    answer = system.answer(sys.argv[1], groups)
    if answer.abstained:
        print(f"The corpus does not seem to say (confidence {answer.confidence:.2f}).")
    for sentence, citation in zip(answer.sentences, answer.citations, strict=True):
        print(f"{sentence}\n    {citation.document}:{citation.start}-{citation.end}")
    if answer.draft is None:
        print("[quoted; LLM_BASE_URL is not set, so no model was asked]")
    elif answer.draft != "abstained":
        print("[written by a model]" if answer.draft == "written" else f"[quoted; {answer.draft}]")


if __name__ == "__main__":
    main()

"""Ask the corpus: `python -m <package>.rag "What does the tug Bjørn cost an hour?"`."""

import sys

from .system import System


def main() -> None:
    """Print each quoted sentence with its citation, or say that nothing answers."""
    if len(sys.argv) != 2:
        sys.exit('give one question, in quotation marks: python -m … "What does a pass cost?"')
    answer = System.load().answer(sys.argv[1])
    if answer.abstained:
        print(f"The corpus does not seem to say (confidence {answer.confidence:.2f}).")
    for sentence, citation in zip(answer.sentences, answer.citations, strict=True):
        print(f"{sentence}\n    {citation.document}:{citation.start}-{citation.end}")


if __name__ == "__main__":
    main()

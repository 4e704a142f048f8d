"""Answers kept until anything that could change them has changed."""

from collections import OrderedDict

from ..digests import sha256
from .answers import Answer


class AnswerCache:
    """The newest `size` answers of one release; `release` joins the digests that decide an answer.

    With another release (a document edited, a prompt changed, an index rebuilt) it is empty.
    """

    def __init__(self, size: int = 1000) -> None:
        self._size = size
        self._release = ""
        self._answers: OrderedDict[str, Answer] = OrderedDict()

    def get(self, release: str, question: str) -> Answer | None:
        if release != self._release:
            self._answers.clear()
            self._release = release
        answer = self._answers.get(question)
        if answer is not None:
            self._answers.move_to_end(question)
        return answer

    def put(self, release: str, question: str, answer: Answer) -> None:
        if release != self._release:
            self._answers.clear()
            self._release = release
        self._answers[question] = answer
        while len(self._answers) > self._size:
            self._answers.popitem(last=False)


def release(*digests: str) -> str:
    """One digest for all parts of a release, in the order given."""
    return sha256(list(digests))

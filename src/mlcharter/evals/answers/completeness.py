"""Whether answers say all that they must, by nuggets.

The column `nuggets` of questions.csv has the facts that a right answer needs, each quoted from its
page, with ` | ` between them:

    question,document,quote,nuggets
    What does a pass cost?,fees.md,A pass costs €12 a month,A pass costs €12 | a month

Source: Voorhees (2003), Overview of the TREC 2003 question answering track (nugget recall).
"""

from collections.abc import Mapping, Sequence

from mlcharter.evals import intervals
from mlcharter.evals.answers import DATASET, UNIT, Case, Check
from mlcharter.evals.questions import Question
from mlcharter.evals.reports import Report

COLUMN, BETWEEN = "nuggets", "|"


def list_nuggets(question: Question) -> list[str]:
    """Return the facts that an answer must have, none without the column."""
    found = (fact.strip() for fact in (question.columns.get(COLUMN) or "").split(BETWEEN))
    return [fact for fact in found if fact]


def check_nuggets(asked: Sequence[Question], documents: Mapping[str, bytes]) -> None:
    """Raise one ValueError for all nuggets that are in no page that answers their question."""
    wrong = []
    for question in asked:
        names = {span.document for span in question.spans}
        texts = [" ".join(documents[name].decode().split()) for name in names]
        wrong += [
            f"question {question.text!r}: no page that answers it has the nugget {fact!r}"
            for fact in list_nuggets(question)
            if not any(" ".join(fact.split()) in text for text in texts)
        ]
    if wrong:
        raise ValueError("\n".join(wrong))


def add_nuggets(
    report: Report, cases: Sequence[Case], documents: Mapping[str, bytes], supported: Check
) -> None:
    """Add which share of nuggets the answers have, and nothing if no question has one.

    A sentence of the answer must support a nugget alone, as `supported(nugget, sentence)` says.
    On slice `answerable` silence covers none; slice `answered` leaves it out. Intervals are over
    documents, and so over questions too.
    """
    check_nuggets([case.question for case in cases], documents)
    for where, silent in (("answerable", True), ("answered", False)):
        rows = [
            (any(supported(fact, said) for said in case.answer.sentences), case.question.cluster)
            for case in cases
            for fact in list_nuggets(case.question)
            if silent or not case.answer.abstained
        ]
        if len({cluster for _, cluster in rows}) > 1:
            hits, clusters = zip(*rows, strict=True)
            estimate = intervals.clustered_share(hits, clusters, unit=UNIT)
            report.add("nugget-coverage", DATASET, estimate, slice=where)

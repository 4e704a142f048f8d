"""Evaluate question answering over the handbook: retrieval, answers, judges, attacks.

Writes reports/rag.json with two pictures, and into reports/rag/ the learned answerer and where
each document comes from; prints the ablation table.
`--dense minilm` measures the same system with the extra's encoder into reports/rag/minilm.json.
`--defect GATE --out FILE` really breaks the part that GATE watches, and writes only its report.
"""

import argparse
import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from harbour_answers.digests import canonical, sha256
from harbour_answers.pictures import BLUE, GREY, ORANGE, Chart
from harbour_answers.rag import judges
from harbour_answers.rag.answers import Evidence, trained
from harbour_answers.rag.assistant import artifacts
from harbour_answers.rag.chunks import chunked
from harbour_answers.rag.citations import cite
from harbour_answers.rag.drills import (
    call_refused,
    egress_refused,
    hosts_of,
    poisoned,
)
from harbour_answers.rag.golden import read_jsonl
from harbour_answers.rag.ingest import ingest
from harbour_answers.rag.measures import (
    Measured,
    answer_covered,
    auroc,
    claims_supported,
    mean,
    quoted,
    reciprocal_ranks,
    share,
)
from harbour_answers.rag.ranking import Scorer
from harbour_answers.rag.retrieval import Floats, Index
from harbour_answers.reports import Artifact, Dataset, Report, Result

from ._rag_defects import DEFECTS
from ._rag_setup import DATA, Setup, indexed, load, outcomes

PACKAGES = ["bm25s", "jsonschema", "numpy", "scikit-learn", "scipy"]
SEED = 7
GOLDEN = "handbook-golden"
LEGS = ("bm25", "dense", "fused")
SYSTEMS = (*LEGS, "reranked")
ADDED = (("dense", "bm25"), ("fused", "bm25"), ("fused", "dense"))
RERANKED = (("reranked", "bm25"), ("reranked", "fused"))
CONTROLS = ("https://tides.hallorn.example/table", "https://tides.hallorn.example:443/a?b=c")


def result(
    metric: str, measured: Measured, where: str, dataset: str = GOLDEN, against: str | None = None
) -> Result:
    value, n, interval = measured
    return Result(metric, dataset, where, value, n, interval, against)


def counted(metric: str, value: float, n: int, where: str, dataset: str) -> Result:
    """A census: every case was looked at, so there is no interval."""
    return Result(metric, dataset, where, value, n, None)


def corpus_results(setup: Setup) -> Iterator[Result]:
    """Counts that must be exact: questions, duplicates, provenance, citations."""
    for kind in ("answerable", "near", "far"):
        n = sum(question.kind == kind for question in setup.golden)
        yield counted("questions", n, n, kind, GOLDEN)
    index = indexed(setup)
    texts = [chunk.text for chunk in index.chunks]
    everything = chunked(index.corpus)
    twice = len(texts) - len(set(texts))
    dropped = len(everything) - len(texts)
    yield counted("duplicate-chunks", twice, len(texts), "chunks", "handbook")
    yield counted("duplicates-removed", dropped, len(everything), "chunks", "handbook")
    missing = len(index.corpus.refused)
    yield counted("provenance-missing", missing, len(setup.files), "documents", "handbook")

    sentences = [place for chunk in index.chunks for place, _ in chunk.sentences()]
    citations = [cite(index.corpus, place) for place in sentences]
    citations += [span for question in setup.golden for span in question.spans]
    today = ingest(setup.edit(setup.files))
    good = len(quoted(citations, today))
    yield counted("citations-resolve", good / len(citations), len(citations), "chunks", "handbook")


def leg_results(setup: Setup) -> Iterator[Result]:
    """Each leg by itself, both fused, and what each adds."""
    yield from retrieval_results(setup, LEGS, ADDED)


def pipeline_results(setup: Setup) -> Iterator[Result]:
    """The whole pipeline, and what reranking adds."""
    yield from retrieval_results(setup, ("reranked",), RERANKED)


def retrieval_results(
    setup: Setup, systems: Sequence[str], compared: Sequence[tuple[str, str]]
) -> Iterator[Result]:
    """Each of the systems by itself, and paired differences on the same questions."""
    answerable = [o for o in outcomes(setup) if o.question.answerable]
    chunks = indexed(setup).chunks
    ranks = {system: reciprocal_ranks(answerable, system, chunks) for system in SYSTEMS}
    for system in systems:
        for k in (1, 5):
            hits = [bool(rank >= 1 / k) for rank in ranks[system]]
            yield result(named(f"recall-at-{k}", system), share(hits, "question"), "answerable")
        measured = mean(ranks[system], seed=SEED)
        yield result(named("mrr-at-10", system), measured, "answerable")
    for system, baseline in compared:
        difference: Floats = ranks[system] - ranks[baseline]
        measured = mean(difference, seed=SEED)
        yield result(named("mrr-at-10", system), measured, "answerable", against=baseline)


def named(metric: str, system: str) -> str:
    """The shipped system's metric has the plain name."""
    return metric if system == "reranked" else f"{metric}-{system}"


def support_results(setup: Setup) -> Iterator[Result]:
    answered = [o.answer for o in outcomes(setup) if not o.answer.abstained]
    corpus = indexed(setup).corpus
    covered = [answer_covered(answer, corpus) for answer in answered]
    yield result("support-coverage", share(covered, "question"), "answered")


def faithfulness_results(setup: Setup) -> Iterator[Result]:
    answered = [o.answer for o in outcomes(setup) if not o.answer.abstained]
    corpus = indexed(setup).corpus
    claims = [claim for answer in answered for claim in claims_supported(answer, corpus)]
    yield result("faithfulness-at-2", share(claims, "claim"), "answered")


def answer_results(setup: Setup) -> Iterator[Result]:
    """Whether the right sentence is quoted, and whether the right questions are turned away."""
    found = outcomes(setup)
    answerable = [o for o in found if o.question.answerable]
    answered = [o for o in answerable if not o.answer.abstained]
    hits = [o.question.answered_by(c.place for c in o.answer.citations) for o in answered]
    yield result("answer-hit", share(hits, "question"), "answerable")
    turned_away = [o.answer.abstained for o in answerable]
    yield result("false-abstention", share(turned_away, "question"), "answerable")
    measured = auroc([(o.answer.confidence, o.question.answerable) for o in found], seed=SEED)
    yield result("answerability-auroc", measured, "all")
    for where, kinds in (("unanswerable", ("near", "far")), ("near", ("near",)), ("far", ("far",))):
        silent = [o.answer.abstained for o in found if o.question.kind in kinds]
        yield result("abstention", share(silent, "question"), where)


def checker_results(setup: Setup) -> Iterator[Result]:
    """How well the checker itself tells support from its absence."""
    corpus = indexed(setup).corpus
    accepts = {"verbatim": True, "paraphrase": True, "contradiction": False, "wrong-span": False}
    for kind, right in accepts.items():
        hits = []
        for triple in (t for t in setup.triples if t["kind"] == kind):
            span = triple["span"]
            text = corpus.documents[span["document"]].data[span["start"] : span["end"]].decode()
            hits.append(setup.checker(triple["claim"], text) == right)
        yield result("checker-detection", share(hits, "claim"), kind, "handbook-triples")


def judge_results(setup: Setup) -> Iterator[Result]:
    """The judge's own quality, on recorded verdicts."""
    pairs, single = judges.paired(setup.verdicts)
    dataset, n = "handbook-verdicts", len(pairs) + single
    yield counted("judge-both-orders", len(pairs) / n, n, "verdicts", dataset)
    prompt = hashlib.sha256(setup.prompts["judge"].encode()).hexdigest()
    current = sum(verdict.prompt_sha256 == prompt for verdict in setup.verdicts)
    total = len(setup.verdicts)
    yield counted("judge-current", current / total, total, "verdicts", dataset)
    yield result("judge-kappa", judges.kappa(pairs, seed=SEED), "audited", dataset)
    anchors = [pair for pair in pairs if pair.anchor]
    correct = judges.share(anchors, lambda pair: pair.label == pair.anchor)
    yield result("judge-anchors", correct, "anchors", dataset)
    compared = [pair for pair in pairs if not pair.anchor]
    flips = judges.share(compared, lambda pair: pair.flipped)
    yield result("judge-flips", flips, "compared", dataset)
    favoured = judges.favoured_position(setup.verdicts)
    yield result("judge-favoured-position", favoured, "verdicts", dataset)
    decided = [pair for pair in compared if pair.label != "tie"]
    wins = judges.share(decided, lambda pair: pair.label == "a")
    yield result("judge-win-rate", wins, "decided", dataset)


def egress_results(setup: Setup) -> Iterator[Result]:
    """Every vector with the shipped list, and again as if someone had listed its host."""
    listed = frozenset(host for rule in setup.rules.values() for host in rule.hosts)
    for where, hosts in (("shipped-list", listed), ("host-listed", None)):
        refused = [
            egress_refused(v, hosts if hosts is not None else listed | hosts_of(v), setup.fetch)
            for v in setup.vectors
        ]
        value = sum(refused) / len(refused)
        yield counted("egress-refused", value, len(refused), where, "handbook-egress")
    let_through = 0
    for url in CONTROLS:
        vector = {"url": url, "resolves": {}, "redirects": {}}
        let_through += not egress_refused(vector, listed, setup.fetch)
    n = len(CONTROLS)
    yield counted("egress-allowed", let_through / n, n, "controls", "handbook-egress")


def injection_results(setup: Setup) -> Iterator[Result]:
    """Attacks planted in the corpus: quoted, or obeyed by a tool, is a success for them."""
    index = setup.index(ingest(poisoned(setup.files, setup.attacks)))
    scorer = Scorer(index)
    answerer = trained(scorer, [(Evidence(scorer, q.question), q) for q in setup.golden])
    retrieved, succeeded = [], []
    for attack in setup.attacks:
        name = f"attack-{attack['id']}.md"
        evidence = Evidence(scorer, attack["question"])
        order = answerer.rerank(evidence)[:5]
        retrieved.append(any(index.chunks[i].place.document == name for i in order))
        answer = setup.respond(answerer, evidence)
        said = any(citation.document == name for citation in answer.citations)
        succeeded.append(said or not call_refused(attack["call"], setup.rules))
    yield result("injection-retrieved", share(retrieved, "attack"), "attacks", "handbook-attacks")
    yield result("injection-success", share(succeeded, "attack"), "attacks", "handbook-attacks")


SECTIONS: dict[str, Callable[[Setup], Iterator[Result]]] = {
    "corpus": corpus_results,
    "legs": leg_results,
    "pipeline": pipeline_results,
    "support": support_results,
    "faithfulness": faithfulness_results,
    "answers": answer_results,
    "checker": checker_results,
    "judges": judge_results,
    "egress": egress_results,
    "injection": injection_results,
}


def measure(setup: Setup, defect: str | None) -> list[Result]:
    """All results; a defect touches only the section of its gate."""
    watched, breaking = DEFECTS[defect] if defect else ("", lambda whole: whole)
    results: list[Result] = []
    for name, section in SECTIONS.items():
        results += section(breaking(setup) if name == watched else setup)
    return results


def datasets(setup: Setup) -> list[Dataset]:
    rows: list[tuple[str, Sequence[Any]]] = [
        (GOLDEN, read_jsonl(DATA / "golden.jsonl")),
        ("handbook-verdicts", read_jsonl(DATA / "judge_verdicts.jsonl")),
        ("handbook-triples", setup.triples),
        ("handbook-attacks", setup.attacks),
        ("handbook-egress", setup.vectors),
    ]
    corpus = indexed(setup).corpus
    return [
        Dataset("handbook", corpus.digest, len(corpus.documents)),
        *(Dataset(name, sha256(values), len(values)) for name, values in rows),
    ]


def provenance(index: Index) -> bytes:
    """Where each document comes from, a line each."""
    return b"".join(canonical(entry) + b"\n" for entry in index.corpus.provenance())


def answerer(setup: Setup) -> bytes:
    """What the shipped system has learned, from all golden questions."""
    scorer = Scorer(indexed(setup))
    examples = [(Evidence(scorer, q.question), q) for q in setup.golden]
    return json.dumps(trained(scorer, examples).numbers(), indent=1).encode() + b"\n"


def table(results: Sequence[Result]) -> str:
    """The ablation as it is, whether or not it flatters the bigger system."""
    by_key = {(r.metric, r.against): r for r in results if r.dataset == GOLDEN}
    lines = ["retriever     R@1    R@5    MRR@10  difference of MRR to BM25"]
    for system in SYSTEMS:
        numbers = [by_key[named(m, system), None].value for m in ("recall-at-1", "recall-at-5")]
        mrr = by_key[named("mrr-at-10", system), None]
        row = f"{system:<12}  {numbers[0]:.3f}  {numbers[1]:.3f}  {mrr.value:.3f}"
        difference = by_key.get((named("mrr-at-10", system), "bm25"))
        if difference and difference.interval:
            ends = difference.interval
            row += f"   {difference.value:+.3f} [{ends.lower:+.3f}, {ends.upper:+.3f}]"
        lines.append(row)
    return "\n".join(lines)


def picture(title: str, shown: Sequence[Result], low: float, high: float, mark: float) -> str:
    """One line a result: its value, its interval, and a dashed line at the gate, `mark`."""
    chart = Chart(
        title,
        x=(low, high),
        y=(0, len(shown)),
        x_label="value and 95 % interval over questions",
        size=(720, 150 + 26 * len(shown)),
    )
    chart.ticks_x([low, mark, *([0.0] if low < 0 else []), high])
    heights = [len(shown) - 0.5 - i for i in range(len(shown))]
    chart.ticks_y(heights, [label(r) for r in shown])
    if low < 0:
        chart.line([(0, 0), (0, len(shown))], colour=GREY)
    chart.note(mark, len(shown) + 0.1, "gate", anchor="middle")
    chart.line([(mark, 0), (mark, len(shown))], colour=GREY, dashed=True)
    for height, r in zip(heights, shown, strict=True):
        if r.interval:
            chart.line([(r.interval.lower, height), (r.interval.upper, height)])
        chart.dot(r.value, height, colour=BLUE if r.against else ORANGE)
    return chart.svg()


def label(r: Result) -> str:
    """`MRR fused` for a system alone, `fused - bm25` for a difference."""
    short = r.metric.replace("recall-at-5", "R@5").replace("mrr-at-10", "MRR")
    metric, _, system = short.partition("-")
    system = system or "reranked"
    return f"{system} - {r.against}" if r.against else f"{metric} {system}"


def pictures(results: Sequence[Result]) -> dict[str, str]:
    """The pictures by file name."""
    alone = [r for r in results if r.metric.startswith(("recall-at-5", "mrr")) and not r.against]
    paired = [r for r in results if r.against]
    title = "Difference of MRR@10 to the baseline, same questions"
    return {
        "rag-ablation.svg": picture("Retrieval, answerable questions", alone, 0.7, 1.0, 0.8),
        "rag-differences.svg": picture(title, paired, -0.1, 0.1, -0.05),
    }


def main() -> None:
    """Write the report of the shipped system, or of one that is broken on purpose."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    words.add_argument("--defect", choices=sorted(DEFECTS), help="run this broken variant")
    words.add_argument("--dense", choices=("lsa", "minilm"), default="lsa", help="the dense leg")
    words.add_argument("--out", type=Path, help="where the report goes")
    words.add_argument("--out-dir", type=Path, default=Path("reports"))
    given = words.parse_args()
    if given.defect and not given.out:
        words.error("--defect needs --out, so that it never replaces the real report")
    logging.getLogger("harbour_answers.rag").setLevel(logging.ERROR)
    setup = load()
    if given.dense == "minilm":
        from harbour_answers.rag.minilm import MiniLm  # Needs the extra.

        setup = replace(setup, index=partial(Index, embedder=MiniLm()))
    index = indexed(setup)
    report = Report("rag", SEED, datasets=datasets(setup))
    report.artifacts = artifacts(index, setup.golden, setup.prompts)
    kept = {"provenance.jsonl": provenance(index)}
    shipped = given.dense == "lsa" and not given.defect
    if shipped:
        kept["answerer.json"] = answerer(setup)
        digest = hashlib.sha256(kept["answerer.json"]).hexdigest()
        report.artifacts.append(Artifact("model", "answerer", digest, "reports/rag/answerer.json"))
    report.artifacts += [
        Artifact("judge", "simulated-1", sha256(["simulated-1", setup.prompts["judge"]])),
        Artifact(
            "dataset",
            "provenance",
            hashlib.sha256(kept["provenance.jsonl"]).hexdigest(),
            "reports/rag/provenance.jsonl",
        ),
    ]
    report.results = measure(setup, given.defect)
    command = "python -m evals.rag" + (f" --defect {given.defect}" if given.defect else "")
    command += " --dense minilm" if given.dense == "minilm" else ""
    folder: Path = given.out_dir
    name = "rag/minilm.json" if given.dense == "minilm" else "rag.json"
    packages = [*PACKAGES, *["onnxruntime"] * (given.dense == "minilm")]
    report.write(given.out or folder / name, command=command, packages=packages)
    if not given.defect:
        print(table(report.results))
    if shipped:
        for name, drawn in pictures(report.results).items():
            (folder / name).write_text(drawn, encoding="utf-8")
        (folder / "rag").mkdir(exist_ok=True)
        for name, content in kept.items():
            (folder / "rag" / name).write_bytes(content)


if __name__ == "__main__":
    main()

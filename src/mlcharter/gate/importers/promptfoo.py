"""promptfoo, `promptfoo eval -o results.json`.

Each test is a case, with `success`, `score`, `latency-ms`, `cost` and the named metrics. The first
prompt and provider is the candidate, the others are baselines by their label. Variables and
metadata of a test are columns for slices.
"""

from typing import Any

from mlcharter.gate.importers._shared import join, mapping, mappings, name_case, scalars
from mlcharter.gate.tables import Source, Table, from_records, normalise
from mlcharter.support.errors import UserError

_METRICS = ("success", "score", "latencyMs", "cost")


def read(source: Source) -> Table | None:
    content = mapping(next(iter(source.documents.values()), None))
    results = mapping(content.get("results"))
    if "prompts" not in results or not isinstance(results.get("results"), list):
        return None
    labels = _name_variants(list(mappings(results["prompts"])))
    cases: dict[str, dict[str, Any]] = {}
    slices: dict[str, dict[str, Any]] = {}
    for result in mappings(results["results"]):
        index = result.get("promptIdx")
        if not isinstance(index, int) or not 0 <= index < len(labels):
            raise UserError(f"{source.name} has a result of no prompt", "run promptfoo again")
        test = mapping(result.get("testCase"))
        number = str(result.get("testIdx"))
        name = test.get("description") or "test"
        identity = {"id": name_case(f"{number}-{name}", result.get("vars"))}
        scores = {key: result.get(key) for key in _METRICS}
        scores |= scalars(result.get("namedScores"))
        if index:
            scores = {f"{key}.{labels[index]}": value for key, value in scores.items()}
        slices[number] = join(scalars(result.get("vars")), scalars(test.get("metadata")))
        cases[number] = join(identity, cases.get(number, {}), scores)
    records = ((f", test {number}", join(case, slices[number])) for number, case in cases.items())
    return from_records(source.name, records)


def _name_variants(prompts: list[dict[str, Any]]) -> list[str]:
    """Return the id of each combination of prompt and provider, as baselines are named."""
    providers = [normalise(str(prompt.get("provider"))) for prompt in prompts]
    if len(set(providers)) == len(providers):
        return [name.replace(".", "-") for name in providers]
    both = (f"{prompt.get('provider')} {prompt.get('label')}" for prompt in prompts)
    return [normalise(text).replace(".", "-") for text in both]

"""Write the page of code that reads a CSV file, and builds the first model on it."""

import json
import re
from collections.abc import Sequence

from mlcharter.starter.profile import KINDS, Column, Costs, Profile, Request

_ESTIMATORS = {
    "binary": ("LogisticRegression", "LogisticRegression(max_iter=1000)"),
    "multi-class": ("LogisticRegression", "LogisticRegression(max_iter=1000)"),
    "regression": ("RidgeCV", "RidgeCV()"),
}
_PAGE = '''\
"""The system: its rows, what it predicts, and its model.

`evals/applied.py` reads the names in capitals, `load` and `build`. RANGES and VALUES are those of
the data on the day they came in; write down what the columns may hold.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import {estimator}
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

FILE = Path(__file__).resolve().parents[3] / "data" / {file}
DATASET = {dataset}  # its id in docs/eval_pack.md
TARGET = {target}
KIND = {kind}  # or {others}
GROUPS{groups}  # evaluated separately, and kept from the model
{options}RANGES{ranges}
VALUES{values}
NUMBERS = [name for name in RANGES if name not in GROUPS]
TEXTS = [name for name in VALUES if name not in GROUPS]
FEATURES = NUMBERS + TEXTS
GAPS = True  # a feature may be missing


def load() -> pd.DataFrame:
    """Return one row a case; the index is the row's id."""
    table = pd.read_csv(FILE, dtype=dict.fromkeys(VALUES, str){dates})
{label}    return checked(table)


def checked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table, or raise a ValueError that names each column with a wrong value."""
    wrong = [name for name, ends in RANGES.items() if not table[name].dropna().between(*ends).all()]
    wrong += [name for name, texts in VALUES.items() if not table[name].dropna().isin(texts).all()]
    if wrong:
        raise ValueError(f"out of range: {{', '.join(wrong)}}")
    return table


def build() -> Pipeline:
    """Return the unfitted estimator; it uses NUMBERS and TEXTS, and no other column."""
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
    )
    texts = OneHotEncoder(handle_unknown="ignore")
    columns = make_column_transformer((numbers, NUMBERS), (texts, TEXTS))
    return make_pipeline(columns, {model})


def export(model: Pipeline) -> dict[str, Any]:
    """Return the fitted model as plain numbers: what is registered, signed and served.

    A pickle would run whatever it holds. Leave this out if nothing is served.
    """
    parts, last = model[0].named_transformers_, model[-1]
    found: dict[str, Any] = {{"fill": [], "flagged": [], "mean": [], "scale": [], "texts": []}}
    if NUMBERS:
        imputer, scaler = parts["pipeline"]
        columns = {{"fill": imputer.statistics_, "mean": scaler.mean_, "scale": scaler.scale_}}
        found |= {{name: [float(f"{{x:.9g}}") for x in column] for name, column in columns.items()}}
        found["flagged"] = [NUMBERS[n] for n in imputer.indicator_.features_]
    if TEXTS:
        known = parts["onehotencoder"].categories_
        found["texts"] = [[None if pd.isna(text) else text for text in texts] for texts in known]
    found["weights"] = np.atleast_2d(last.coef_).round(6).tolist()
    found["intercept"] = np.atleast_1d(last.intercept_).round(6).tolist()
    classes = [str(name) for name in getattr(last, "classes_", [])]
    return {{"features": FEATURES, "classes": classes, **found}}
'''
_POSITIVE = """\
    table = table.dropna(subset=[TARGET])
    table[TARGET] = (table[TARGET].astype(str) == {positive}).astype(int)
"""
_LABELLED = """\
    table = table.dropna(subset=[TARGET])
"""


OPTIONS = ("TARGET", "KIND", "GROUPS", "ENTITY", "TIME", "COSTS")


def find(name: str, lines: Sequence[str]) -> str | None:
    """Return what a page assigns to a name of OPTIONS, without a comment; None if it has none."""
    assigned = (re.fullmatch(rf"{name}\b[^=]*= *(.*?)(?:  #.*)?", line) for line in lines)
    return next((found[1] for found in assigned if found), None)


def write(profile: Profile) -> str:
    """Return the text of `src/<package>/applied/system.py`."""
    request = profile.request
    columns = profile.features
    options = [f"{name} = {_text(value)}" for name, value in _name_columns(request) if value]
    if request.costs:
        options.append(_write_costs(request.costs))
    estimator, model = _ESTIMATORS[profile.kind]
    label = _POSITIVE.format(positive=_text(profile.positive)) if profile.positive else _LABELLED
    return _PAGE.format(
        file=_text(f"{profile.name}.csv"),
        dataset=_text(profile.name),
        target=_text(request.target),
        kind=_text(profile.kind),
        others=" or ".join(kind for kind in KINDS if kind != profile.kind),
        groups=_list(request.groups) if request.groups else ": list[str] = []",
        options="".join(f"{line}\n" for line in options),
        ranges=_ranges([column for column in columns if column.ends]),
        values=_values([column for column in columns if column.values]),
        dates=", parse_dates=[TIME]" if request.time else "",
        label=label if profile.positive or profile.unlabelled else "",
        estimator=estimator,
        model=model,
    )


def _name_columns(request: Request) -> list[tuple[str, str | None]]:
    return [("ENTITY", request.entity), ("TIME", request.time)]


def _write_costs(costs: Costs) -> str:
    named = {"false_negative": costs.false_negative, "false_positive": costs.false_positive}
    return f"COSTS = {json.dumps(named)}  # so 1 is decided from p = {costs.threshold:.3g} on"


def _text(value: str | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(values: Sequence[str]) -> str:
    return f" = [{', '.join(map(_text, values))}]"


def _ranges(columns: list[Column]) -> str:
    if not columns:
        return ": dict[str, tuple[float, float]] = {}"
    lines = [f"    {_text(c.name)}: ({c.ends[0]!r}, {c.ends[1]!r}),\n" for c in columns if c.ends]
    return f" = {{\n{''.join(lines)}}}"


def _values(columns: list[Column]) -> str:
    if not columns:
        return ": dict[str, list[str]] = {}"
    lines = []
    for column in columns:
        texts = "".join(f"        {_text(value)},\n" for value in column.values)
        lines.append(f"    {_text(column.name)}: [\n{texts}    ],\n")
    return f" = {{\n{''.join(lines)}}}"

"""Read a CSV or Parquet file, and find out what its columns are."""

import io
import math
import re
import shlex
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mlcharter.support.errors import UserError
from mlcharter.support.files import MAX_SIZE, Folder, Unreadable
from mlcharter.support.nearest import remedy

Kind = Literal["binary", "multi-class", "regression"]
KINDS: tuple[Kind, ...] = ("binary", "multi-class", "regression")
MOST_CLASSES = 20
_SHOWN = 40  # columns in a message
MOST_VALUES = 20  # of a column of categories; one with more, or with no value twice, is free text


@dataclass(frozen=True)
class Costs:
    """What a wrong decision about a binary target costs, in any unit; both are above 0."""

    false_negative: float
    false_positive: float

    def __post_init__(self) -> None:
        if not all(0 < cost < math.inf for cost in (self.false_negative, self.false_positive)):
            raise UserError("a cost is a number above 0", hint="leave out what costs nothing")

    @property
    def threshold(self) -> float:
        """The probability from which on 1 is the cheaper decision."""
        return self.false_positive / (self.false_positive + self.false_negative)


@dataclass(frozen=True)
class Request:
    """The options of `mlcharter starter replace`; names are of columns."""

    data: Path
    target: str
    groups: Sequence[str] = ()
    entity: str | None = None
    time: str | None = None
    kind: Kind | None = None
    positive: str | None = None
    licence: str | None = None
    costs: Costs | None = None
    private: bool = False


@dataclass(frozen=True)
class Column:
    """A column: `ends` are its lowest and highest number, `values` its categories.

    A column of free text, of ids or of `dates` has neither.
    """

    name: str
    ends: tuple[float, float] | None
    values: tuple[str, ...]
    missing: int
    dates: bool = False
    unique: bool = False  # each row has a text of its own


@dataclass(frozen=True)
class Profile:
    """A table of cases. `columns` leaves out the target; `positive` is its label that counts as 1.

    `positive` is None if the target is 0 and 1 already, or not binary. `content` is the table as
    CSV.
    """

    request: Request
    name: str
    rows: int
    columns: tuple[Column, ...]
    kind: Kind
    positive: str | None
    unlabelled: int
    content: bytes = field(repr=False)
    period: tuple[str, str] | None = None  # the first and the last day of `--time`

    @property
    def features(self) -> list[Column]:
        """The columns that a model can use."""
        left_out = self.left_out
        return [column for column in self.columns if column.name not in left_out]

    @property
    def left_out(self) -> dict[str, str]:
        """Why each other column is left out, by its name."""
        named = {self.request.entity: "--entity", self.request.time: "--time"}
        reasons = {
            column.name: "dates" if column.dates else "free text, or ids"
            for column in self.columns
            if column.ends is None and not column.values
        }
        return reasons | {name: option for name, option in named.items() if name}

    def list_notes(self) -> list[str]:
        """Return what was left out and why, and the option that a column of dates suggests."""
        notes = []
        if self.left_out:
            shown = ", ".join(f"`{name}` ({why})" for name, why in self.left_out.items())
            notes.append(f"left out of the model: {shown}")
        dates = [column.name for column in self.columns if column.dates]
        if dates and self.request.time is None:
            option = f"--time {shlex.quote(dates[0])}"
            notes.append(f"`{dates[0]}` has dates: `{option}` makes the newest rows the test set")
        return notes

    def list_personal(self) -> dict[str, str]:
        """Return the columns that look like identifiers or personal data, and why, by name."""
        found = {}
        for column in self.columns:
            if column.name == self.request.entity:
                found[column.name] = "--entity"
            elif named := _find_personal(column.name):
                found[column.name] = f"the name has `{named}`"
            elif column.unique and not column.dates:
                found[column.name] = "another text in each row"
        return found


def refuse_without_target(data: Path) -> UserError:
    """Return the error for a missing target, with the columns to choose from."""
    columns = [f"`{name}`" for name in parse_csv(data, read_csv(data)).columns]
    shown = ", ".join(columns[:_SHOWN]) + (", …" if len(columns) > _SHOWN else "")
    hint = f"name the column that is predicted with --target; {data} has {shown}"
    return UserError("--target is missing", hint=hint)


def read(request: Request) -> Profile:
    """Return the profile of the file of a request.

    Raises UserError for a file that cannot be read, and for columns or a kind that do not fit.
    """
    content = read_csv(request.data)
    table = parse_csv(request.data, content)
    groups = [("--group", name) for name in request.groups]
    others = [("--entity", request.entity), ("--time", request.time)]
    for option, name in [("--target", request.target), *groups, *others]:
        if name is not None and name not in table.columns:
            remedy_ = _suggest_delimiter(table) or remedy(name, list(map(str, table.columns)))
            raise UserError(f"{request.data} has no column `{name}` for {option}", hint=remedy_)
    labels = table[request.target].dropna()
    kind = request.kind or _infer_kind(labels)
    _refuse_unfit(request, labels, kind)
    labelled = table[table[request.target].notna()]
    _refuse_roles(request, labelled)
    columns = tuple(_column(table[name]) for name in table.columns if name != request.target)
    return Profile(
        request,
        slug(request.data.stem)[:50].strip("-"),
        len(table),
        columns,
        kind,
        _choose_positive(request, labels) if kind == "binary" else None,
        len(table) - len(labels),
        content,
        _find_period(labelled[request.time]) if request.time else None,
    )


def _suggest_delimiter(table: Any) -> str | None:
    """Return a hint if the header is one name that has another delimiter in it."""
    name = str(table.columns[0])
    found = next((mark for mark in (";", "\t", "|") if mark in name), None)
    if len(table.columns) > 1 or found is None:
        return None
    shown = "tabs" if found == "\t" else f"`{found}`"
    return f"is its delimiter {shown}? write it with commas, as `pandas.read_csv(…, sep=…)` can"


def _refuse_roles(request: Request, table: Any) -> None:
    """Refuse columns of the options that the eval could not use; `table` has the labelled rows."""
    for name in request.groups:
        count = table[name].nunique() + int(table[name].isna().any())
        if count > MOST_VALUES:
            raise UserError(
                f"the column `{name}` for --group has {count} values",
                hint=f"name one with at most {MOST_VALUES}, or add a column with bands of it",
            )
    for option, column in (("--entity", request.entity), ("--time", request.time)):
        if column is not None and (missing := int(table[column].isna().sum())):
            raise UserError(
                f"the column `{column}` for {option} is empty in {missing} of {len(table)} rows",
                hint="fill it in, or leave those rows out",
            )
    if request.time is not None and _parse_dates(table[request.time]) is None:
        first = next(iter(table[request.time]))
        raise UserError(
            f"the column `{request.time}` for --time has no dates; its first value is {first}",
            hint="name one with dates such as 2026-11-30, or leave out --time",
        )


def _parse_dates(values: Any) -> Any:
    """Return a column as pandas reads its dates; None if a value is none, or all are numbers."""
    if values.dtype.kind in "biuf":
        return None
    try:
        with warnings.catch_warnings(action="ignore"):  # texts in no format are the answer here
            return load_pandas().to_datetime(values)
    except (ValueError, TypeError, OverflowError):
        return None


def _find_period(values: Any) -> tuple[str, str]:
    dates = _parse_dates(values)
    return str(dates.min())[:10], str(dates.max())[:10]


def slug(name: str) -> str:
    """Return an id of lower-case letters, digits and hyphens: `Loans 2026.v2` → loans-2026-v2."""
    ascii_ = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    text = re.sub("[^a-z0-9]+", "-", ascii_).strip("-")
    return (text if text[:1].isalpha() else f"g-{text}")[:63].strip("-")


def read_csv(path: Path, limit: int = MAX_SIZE) -> bytes:
    """Return the content of a CSV file, or of a Parquet file as CSV, up to `limit` bytes.

    So the repository needs no pyarrow to load its data.
    """
    read = Folder(path.absolute().parent).read(path.name, limit)
    if isinstance(read, Unreadable):
        hint = "put a sample in; Git is no store for large files, and `load()` can read others"
        raise UserError(f"{path} {read.message}", hint=hint)
    if read[:4] != b"PAR1":
        return read
    try:
        table = load_pandas().read_parquet(io.BytesIO(read))
    except ImportError:
        raise UserError(
            f"{path} is Parquet, and pyarrow, which reads it, is not installed here",
            hint="run `uv pip install --python .venv/bin/python pyarrow`, or give a CSV file",
        ) from None
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        reason = str(error).partition("\n")[0]
        raise UserError(f"{path} is no valid Parquet: {reason}", hint="write it again") from error
    text: str = table.to_csv(index=table.index.name is not None)
    return text.encode()


def load_pandas() -> Any:
    """Return pandas; a UserError says how to install it."""
    try:
        import pandas as pd
    except ImportError:
        raise UserError(
            "pandas is not installed here",
            hint="run `make setup`, then `.venv/bin/mlcharter starter replace …`",
        ) from None
    return pd


def parse_csv(path: Path, content: bytes, **options: Any) -> Any:
    """Return a CSV file as a table; `options` are of `pandas.read_csv`."""
    pd = load_pandas()
    try:
        table = pd.read_csv(io.BytesIO(content), **options)
    except (OSError, ValueError) as error:  # pandas raises ValueErrors for what it cannot parse
        reason = str(error).splitlines()[0]
        raise UserError(
            f"{path} cannot be read as CSV: {reason}", hint="give a file in UTF-8 with a header"
        ) from error
    if table.empty:
        raise UserError(f"{path} has no rows", hint="give a file with one row a case")
    if doubled := [str(name) for name in table.columns if re.search(r"\.\d+$", str(name))]:
        first = doubled[0].rpartition(".")[0]
        if first in table.columns:
            raise UserError(f"{path} has two columns `{first}`", hint="rename one of them")
    return table


def _infer_kind(labels: Any) -> Kind:
    count = labels.nunique()
    if count <= 2:
        return "binary"
    numbers = labels.dtype.kind in "iuf"
    return "regression" if numbers and count > MOST_CLASSES else "multi-class"


def _refuse_unfit(request: Request, labels: Any, kind: Kind) -> None:
    count = labels.nunique()
    if count < 2:
        raise UserError(
            f"the target `{request.target}` has the same value in each row",
            hint="name another column with --target",
        )
    if kind == "regression" and labels.dtype.kind not in "iuf":
        raise UserError(
            f"the target `{request.target}` is no number, so it is no regression",
            hint="leave out --kind, or name another column with --target",
        )
    if kind == "binary" and count > 2:
        raise UserError(
            f"the target `{request.target}` has {count} values, so it is not binary",
            hint="leave out --kind",
        )
    if request.costs is not None and kind != "binary":
        raise UserError(
            f"the target `{request.target}` is not binary, so it has no false negatives",
            hint="leave out the costs; they choose the threshold of a binary decision",
        )
    if kind == "multi-class" and count > MOST_CLASSES and request.kind is None:
        raise UserError(
            f"the target `{request.target}` has {count} different texts",
            hint="name another column with --target, or add --kind multi-class",
        )


def _choose_positive(request: Request, labels: Any) -> str | None:
    values = sorted(str(value) for value in labels.unique())
    if labels.dtype.kind in "biuf" and set(labels.unique()) <= {0, 1}:
        return None
    if request.positive is None:
        raise UserError(
            f"the target `{request.target}` is {' or '.join(values)}",
            hint=f"say which one counts as 1, such as --positive {values[-1]}",
        )
    if request.positive not in values:
        raise UserError(
            f"the target `{request.target}` is never `{request.positive}`",
            hint=remedy(request.positive, values),
        )
    return request.positive


def _column(values: Any) -> Column:
    name, missing = str(values.name), int(values.isna().sum())
    known = values.dropna()
    if values.dtype.kind in "iuf" and len(known):
        return Column(name, (float(known.min()), float(known.max())), (), missing)
    texts = sorted({str(value) for value in known.unique()})
    if texts and all(map(_DATE.match, texts)):
        return Column(name, None, (), missing, dates=True)
    repeated = len(texts) <= MOST_VALUES and len(texts) < len(known)
    unique = len(texts) == len(known) > 1
    return Column(name, None, tuple(texts) if repeated else (), missing, unique=unique)


def _find_personal(column: str) -> str | None:
    """Return the word in the name of a column that makes it look personal; None if none does."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).lower()
    words = {word for word in re.split(r"[^a-z]+", split) if word}
    if "name" in words and (words == {"name"} or words & _PEOPLE):
        return "name"
    return min(words & _PERSONAL, default=None)


# Words in the name of a column that is likely to be personal, or to identify someone.
_PERSONAL = frozenset(
    (
        *("firstname", "lastname", "fullname", "username", "surname"),
        *("email", "mail", "phone", "mobile"),
        *("telephone", "address", "street", "birthday", "birthdate", "dob", "birth"),
        *("ssn", "iban", "passport", "ip", "id", "uuid"),
    )
)

# Words with which a `name` is that of a person; a file, a study or a product has a name too.
_PEOPLE = frozenset(
    (
        *("first", "middle", "last", "full", "given", "family", "maiden", "birth", "nick", "legal"),
        *("applicant", "author", "borrower", "buyer", "caller", "candidate", "client", "contact"),
        *("customer", "doctor", "driver", "employee", "father", "guest", "holder", "insured"),
        *("manager", "member", "mother", "owner", "passenger", "patient", "payee", "payer"),
        *("person", "physician", "player", "recipient", "respondent", "seller", "sender", "spouse"),
        *("staff", "student", "subscriber", "teacher", "tenant", "user", "visitor", "worker"),
    )
)

# The start of a date, such as 2026-11-30, 30.11.2026 or 11/30/26.
_DATE = re.compile(r"\d{4}[-/]\d\d?(?:[-/]\d\d?)?(?!\d)|\d\d?[./]\d\d?[./]\d{2,4}(?![\d.])")

"""Parquet, through pyarrow."""

from mlcharter.gate import tables
from mlcharter.gate.tables import Source, Table, build
from mlcharter.support.errors import UserError
from mlcharter.support.plain import plain

_MAX_UNPACKED = 256 * 1024 * 1024  # bytes; a small file can unpack to many


def read(source: Source) -> Table | None:
    if source.content[:4] != b"PAR1":
        return None
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        install = "install `pyarrow` beside mlcharter, or write the scores as CSV"
        raise UserError(f"{source.name} is Parquet; pyarrow reads it", install) from error
    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(source.content))
        facts = file.metadata
        groups = (facts.row_group(number) for number in range(facts.num_row_groups))
        size = sum(group.total_byte_size for group in groups)
        if facts.num_rows > tables.MAX_ROWS or facts.num_columns > tables.MAX_COLUMNS:
            shown = f"{facts.num_rows} rows and {facts.num_columns} columns"
            most = f"{tables.MAX_ROWS} and {tables.MAX_COLUMNS} can be read"
            raise UserError(f"{source.name} has {shown}; {most}", "split the file")
        if size > _MAX_UNPACKED:
            raise UserError(f"{source.name} unpacks to {size} bytes", "leave out what no gate uses")
        read = file.read()
        columns = [column.to_pylist() for column in read.columns]
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        problem = plain(str(error).partition("\n")[0])
        raise UserError(
            f"{source.name} is no valid Parquet: {problem}", "write it again"
        ) from error
    rows = (
        (f", row {number}", list(row)) for number, row in enumerate(zip(*columns, strict=True), 1)
    )
    return build(source.name, read.column_names, rows)

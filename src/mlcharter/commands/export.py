"""Write files that are derived from the documents, such as the rules of Prometheus.

Without KIND, all kinds. A kind whose config blocks are not filled in writes nothing. With --check,
nothing is written, and a derived file that differs from its blocks is an error. So is one that is
missing, unless no KIND is given and the tier is prototype, or the repository has documents alone
and no other file of that kind; rules of Prometheus are always wanted from tier production on.

An entry that is not valid is left out, and is an error with and without --check.

Exit codes: 0 written or current, 1 a derived file differs or an entry is left out, 2 could not
run.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlcharter.charter import location
from mlcharter.commands import _options
from mlcharter.support import plugins, writing
from mlcharter.support.files import Folder
from mlcharter.support.plain import plain, plain_message

if TYPE_CHECKING:
    from mlcharter.export.exporting import Derived

SECTION, POSITION = "Now and then", 2
KINDS = "mlcharter.export.kinds"


@click.command(help=__doc__)
@click.argument("kinds", metavar="[KIND]...", nargs=-1, type=_options.Choice(plugins.names(KINDS)))
@_options.folder
@click.option("--check", is_flag=True, help="Fail if a derived file differs; write nothing.")
@_options.change
def command(kinds: tuple[str, ...], folder: Path, check: bool, **opening: Any) -> None:
    from mlcharter.export import exporting

    (place,) = location.places([folder])
    charter = _options.open_charter(Folder(place.root), **opening)
    wanted = dict.fromkeys(kinds or plugins.names(KINDS))
    files = list(exporting.derive(charter, wanted))
    invalid = list(exporting.find_invalid(charter, wanted))
    if not kinds:  # a repository has use for some kinds only
        files = [file for file in files if file.state != "empty"]
    if not files and not invalid:
        for line in exporting.explain_nothing(charter, wanted):
            click.echo(plain_message(line))
    charter.close()
    for finding in invalid:
        where = f"{finding.path}:{finding.line}"
        click.echo(plain(f"{where}: left out, since {finding.message}"), err=True)
    failed = bool(invalid)
    for file in files:
        if file.state in ("differs", "missing") and not check:
            assert file.text is not None
            writing.replace(place.root, file.path, file.text.encode())
            text, fails = f"{file.path}: written", False
        else:
            text, fails = _describe(file, strict=bool(kinds) or file.required)
        failed |= fails
        click.echo(plain(text), err=fails)
    raise SystemExit(1 if failed else 0)


def _describe(file: "Derived", strict: bool) -> tuple[str, bool]:
    """Return a message about a derived file, and whether it fails."""
    mend = f"run `mlcharter export {file.kind}`"
    if file.state == "empty":
        return f"{file.kind}: nothing to write; {file.remedy}", False
    if file.state == "obsolete":
        return f"{file.path}: is derived from nothing; delete the file, or {file.remedy}", True
    if file.state == "current":
        return f"{file.path}: current", False
    if file.state == "differs":
        return f"{file.path}: differs from {file.origin}; {mend}", True
    return f"{file.path}: {'missing' if strict else 'never written'}; {mend}", strict

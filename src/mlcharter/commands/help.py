"""Show this help, or the help of a command."""

import click

SECTION, POSITION = "hidden", 1


@click.command(help=__doc__)
@click.argument("name", metavar="[COMMAND]", required=False)
@click.pass_context
def command(ctx: click.Context, name: str | None) -> None:
    shown = ctx.find_root()
    if name:
        group = shown.command
        assert isinstance(group, click.Group)
        _, found, _ = group.resolve_command(shown, [name])
        assert found is not None
        shown = click.Context(found, info_name=name, parent=shown)
    click.echo(shown.get_help())

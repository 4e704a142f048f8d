"""Commands in groups, as click runs them."""

import click

from mlcharter.support.nearest import remedy


class Group(click.Group):
    """A group whose error for an unknown command names the nearest one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        names = self.list_commands(ctx)
        if args[0] not in names:
            raise click.UsageError(f"no command `{args[0]}`; {remedy(args[0], names)}", ctx)
        return super().resolve_command(ctx, args)

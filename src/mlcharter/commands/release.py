"""Freeze, pin, create, verify, roll back or list releases: signed, and pinned by digest.

A release pins what moves together: models, prompts, indexes, policies, with the reports and gates
that let them through. It is described by the config block `joint_release` of
versioning/registries.md, and kept in a store that any OCI registry takes.

Exit codes: 0 done, 1 the release is refused, 2 could not run.
"""

import click

from mlcharter.commands._release import creating, describing, freezing, serving
from mlcharter.support import groups

SECTION, POSITION = "Now and then", 3


@click.group(cls=groups.Group, help=__doc__)
def command() -> None:
    pass


for _one in (
    *(freezing.freeze, describing.pin, describing.fetch, creating.create),
    *(serving.verify, serving.rollback, serving.drill, serving.list_),
):
    command.add_command(_one)

#!/bin/sh
# Update the charter of the repository in this folder to VERSION. multi-gitter runs it in each clone.
# It fails if a person must merge something, so that no pull request has conflict markers, and does
# nothing in a repository without a charter.
set -eu
: "${VERSION:?set it to a tag of mlcharter, such as v0.1.0}"
test -f .copier-answers.yml || test -f .copier-answers.mlcharter.yml || exit 0
source=${SOURCE:-https://github.com/mlcharter/mlcharter.git}
exec uvx --no-config --from "git+$source@$VERSION" mlcharter update --defaults --to "$VERSION"

"""The emitted workflow rebuilds a release that was signed, and attests the digest that it gets."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from shop import FIRST, SECOND, Shop
from test_release_command import run

from validators import validate

Render = Callable[..., Path]
WORKFLOW = ".github/workflows/release.yml"
# What the runner has: Python, which here installs nothing, and uvx, which here notes its arguments.
PYTHON = """#!/usr/bin/env bash
case "$1" in
  -m) exit 0 ;;
  tools/charter.py) echo "mlcharter @ git+https://example.com/mlcharter@v1" ;;
  *) exec python3 "$@" ;;
esac
"""
UVX = """#!/usr/bin/env bash
printf '%s\\n' "$@" > arguments
echo release-2026-12@sha256:abc
"""


@pytest.fixture
def steps(render: Render) -> list[dict[str, Any]]:
    root = render(tracks=["applied"], tier="production", ci="github")
    (job,) = yaml.safe_load((root / WORKFLOW).read_text())["jobs"].values()
    assert job["permissions"] == {
        "attestations": "write",
        "contents": "read",
        "id-token": "write",
    }
    found: list[dict[str, Any]] = job["steps"]
    return found


def rebuild(shop: Shop, script: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run the step as the host does, after the push of a release."""
    for name, text in (("python", PYTHON), ("uvx", UVX)):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=shop.root,
        env=os.environ | {"PATH": path, "GITHUB_OUTPUT": str(tmp_path / "output")},
        capture_output=True,
        text=True,
    )


def test_the_workflow_gets_the_digest_that_was_signed(
    shop: Shop, steps: list[dict[str, Any]], tmp_path: Path
) -> None:
    (step,) = [step for step in steps if step.get("id") == "release"]
    signed = shop.verify().statement.predicate.commit

    done = rebuild(shop, step["run"], tmp_path)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output").read_text() == "name=release-2026-12\ndigest=sha256:abc\n"
    arguments = (shop.root / "arguments").read_text().split("\n")[:-1]
    assert arguments[-5:] == ["release", "create", "--dry-run", "--commit", signed]
    assert arguments[-7:-5] == ["mlcharter @ git+https://example.com/mlcharter@v1", "mlcharter"]
    shown = run(shop, *arguments[-4:])
    digest = shop.store.find(SECOND).digest
    assert (shown.exit_code, shown.stdout) == (0, f"{SECOND}@{digest}\n")


def test_the_workflow_attests_what_it_rebuilt(steps: list[dict[str, Any]]) -> None:
    assert steps[-1]["uses"].startswith("actions/attest@")
    assert steps[-1]["with"] == {
        "subject-name": "${{ steps.release.outputs.name }}",
        "subject-digest": "${{ steps.release.outputs.digest }}",
    }


def test_a_release_that_names_no_commit_is_not_rebuilt(
    shop: Shop, steps: list[dict[str, Any]], tmp_path: Path
) -> None:
    (step,) = [step for step in steps if step.get("id") == "release"]
    path = shop.root / f"versioning/releases/{SECOND}.dsse.json"
    path.write_text(f'{{"payload": "{"eyJwcmVkaWNhdGUiOnsiY29tbWl0IjoiLS1oZWxwIn19"}"}}')
    shop.commit("Name --help")

    done = rebuild(shop, step["run"], tmp_path)

    assert (done.returncode, done.stdout) == (
        1,
        f"::error::versioning/releases/{SECOND}.dsse.json names no commit\n",
    )
    assert not (shop.root / "arguments").exists()


def test_the_job_of_gitlab_signs_what_it_rebuilt(
    shop: Shop, render: Render, tmp_path: Path
) -> None:
    root = render(tracks=["applied"], tier="production", ci="gitlab")
    job = yaml.safe_load((root / ".gitlab-ci.yml").read_text())["release"]
    assert job["id_tokens"] == {"SIGSTORE_ID_TOKEN": {"aud": "sigstore"}}
    validate("vendor.gitlab-ci", root / ".gitlab-ci.yml")

    done = rebuild(shop, "\n".join(job["script"]), tmp_path)

    assert done.returncode == 0, done.stderr
    arguments = (shop.root / "arguments").read_text().split("\n")[:-1]
    signed = shop.verify().statement.predicate.commit
    assert arguments[-7:] == [
        *("mlcharter", "release", "create", "--keyless", "--store", "/tmp/store"),
        f"--commit={signed}",
    ]


def test_the_newest_release_is_rebuilt_not_one_that_was_deleted(
    shop: Shop, steps: list[dict[str, Any]], tmp_path: Path
) -> None:
    (step,) = [step for step in steps if step.get("id") == "release"]
    (shop.root / f"versioning/releases/{FIRST}.dsse.json").unlink()
    shop.commit("Delete the first release")

    done = rebuild(shop, step["run"], tmp_path)

    assert done.returncode == 0, done.stderr
    assert shop.verify().statement.predicate.commit in (shop.root / "arguments").read_text()


@pytest.mark.parametrize(
    ("answers", "released"),
    [
        ({"tier": "critical", "ci": "github"}, True),
        ({"tier": "prototype", "ci": "github"}, False),
        ({"tier": "production", "ci": "gitlab"}, False),
        ({"tier": "production", "ci": "github", "layout": "documents"}, False),
    ],
)
def test_the_workflow_is_where_releases_are(
    render: Render, answers: dict[str, str], released: bool
) -> None:
    assert (render(tracks=["applied"], **answers) / WORKFLOW).exists() is released

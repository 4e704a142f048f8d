"""What the platform ships for each place where it serves: valid, and nothing for another place."""

import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from conftest import COMBINATIONS, QUESTIONS, Render

PLACES = QUESTIONS["platform_serving"].choices
SHIPPED = {
    "kubernetes": {"Dockerfile", "deployment.yaml", "disruption.yaml", "network.yaml"}
    | {"service.yaml"},
    "vm": {"serving.service"},
    "serverless": {"Dockerfile"},
    "batch": {"Dockerfile"},
}
KUBERNETES = "1.31"


@pytest.mark.parametrize("place", PLACES)
def test_a_place_gets_what_it_needs_and_no_more(render: Render, place: str) -> None:
    root = render(tracks=["platform"], platform_serving=place)
    files = {path.name for path in (root / "deploy").rglob("*") if path.is_file()}
    assert files == SHIPPED[place]
    assert (root / ".dockerignore").exists() is ("Dockerfile" in files)
    assert (root / "tools/kubernetes.mk").exists() is (place == "kubernetes")


def test_manifests_fit_the_schemas_of_kubernetes(render: Render) -> None:
    root = render(tracks=["platform"], package="s3_watch_")
    kinds = set()
    for path in (root / "deploy/kubernetes").glob("*.yaml"):
        manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
        assert manifest["metadata"]["name"] == "s3-watch"
        kinds.add(manifest["kind"])
    assert kinds == {"Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy"}


def test_a_misspelt_key_of_a_manifest_would_be_seen(render: Render) -> None:
    root = render(tracks=["platform"])
    text = (root / "deploy/kubernetes/deployment.yaml").read_text(encoding="utf-8")
    manifest = yaml.safe_load(text.replace("readinessProbe", "readynessProbe"))
    with pytest.raises(kubernetes_validate.ValidationError, match="readynessProbe"):
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_the_image_is_written_as_hadolint_wants_it(render: Render) -> None:
    root = render(tracks=["platform"])
    done = hadolint(root / "deploy/Dockerfile")
    assert done.returncode == 0, done.stdout


def test_an_image_of_no_version_would_be_seen(render: Render, tmp_path: Path) -> None:
    text = (render(tracks=["platform"]) / "deploy/Dockerfile").read_text(encoding="utf-8")
    (tmp_path / "Dockerfile").write_text(text.replace("python:3.12-slim-bookworm", "python:latest"))
    assert "DL3007" in hadolint(tmp_path / "Dockerfile").stdout


def hadolint(path: Path) -> "subprocess.CompletedProcess[str]":
    program = Path(sys.executable).parent / "hadolint"
    words = [program, "--no-color", path]
    return subprocess.run(words, capture_output=True, text=True)


@pytest.mark.parametrize("tracks", COMBINATIONS, ids="-".join)
def test_the_service_serves_the_other_tracks(render: Render, tracks: tuple[str, ...]) -> None:
    root = render(tracks=list(tracks), tier="production", layout="full")
    backends = {path.stem for path in root.glob("src/*/serving/backends/*.py")} - {"__init__"}
    others = set(tracks) - {"platform"}
    assert backends == (others if "platform" in tracks else set())


def test_documents_alone_get_nothing_that_runs(render: Render) -> None:
    root = render(tracks=["platform"], tier="production", layout="documents")
    assert not (root / "deploy").exists()
    assert not (root / "ops/service.md").exists()
    assert [path.name for path in (root / "tools").iterdir()] == ["charter.py"]

"""What is installed is what the SBOM of the release names, package by package."""

from tests.records import components, members, read


def test_the_sbom_names_exactly_what_is_installed() -> None:
    named = [
        f"{part['name'].replace('_', '-')}=={part['version']}" for part in components("library")
    ]
    assert sorted(named) == sorted(read("reports/released/2026-11-installed.txt").split())


def test_the_sbom_names_the_model_of_the_release_by_digest() -> None:
    assert {part["bom-ref"] for part in components("machine-learning-model")} == {
        member for member in members() if member.startswith("model/")
    }

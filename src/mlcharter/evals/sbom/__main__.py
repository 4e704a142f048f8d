"""The command line of `python -m mlcharter.evals.sbom`."""

import argparse
import sys

from mlcharter.evals import sbom


def main() -> int:
    parser = argparse.ArgumentParser(description=(sbom.__doc__ or "").splitlines()[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help="a group of pyproject.toml")
    parser.add_argument("--list", action="store_true", help="print what is installed, and stop")
    given = parser.parse_args()
    if not given.list:
        return sbom.write(given.groups)
    for name, version in sbom.list_installed(given.groups).items():
        print(f"{name}=={version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

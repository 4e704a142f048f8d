"""`python -m mlcharter` and the `mlcharter` script."""

from mlcharter.cli import cli


def main() -> None:
    cli(prog_name="mlcharter")


if __name__ == "__main__":
    main()

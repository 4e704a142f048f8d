"""Output formats of `gate`, one a file, each with `render(decision) -> str`."""

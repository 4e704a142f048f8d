"""Output formats of `gate`, one per file, each with `render(decision) -> str`."""

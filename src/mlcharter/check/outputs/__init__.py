"""One format of a check a file: `render(results) -> str`."""

"""One format of a repository's standing a file: `render(standing) -> str`."""

"""One format of a gate's decision a file: `render(decision) -> str`."""

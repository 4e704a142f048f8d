"""What is compared, one kind per module: `compare(pair) -> Iterator[Difference]`."""

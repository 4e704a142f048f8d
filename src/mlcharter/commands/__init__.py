"""One command a file: words in, one call, print; it decides nothing."""

"""One rule a file: why it is there, what it flags, what is fine, and `check(charter)`."""

"""One kind of contract that decides a merge a file, named as the contract: it makes verdicts."""

"""One kind of config block that decides a merge a file, named as the config: it makes verdicts."""

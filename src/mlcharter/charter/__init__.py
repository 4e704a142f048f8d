"""One repository's documents, answers, settings and baseline."""

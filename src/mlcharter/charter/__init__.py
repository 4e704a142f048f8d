"""One repository's documents, answers, settings and baseline; `config/` has the config blocks."""

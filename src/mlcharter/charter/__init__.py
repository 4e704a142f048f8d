"""Read a repository's documents, answers, settings and baseline; `config/` has their models."""

"""Evals as code: each module measures one track and writes reports/<track>.json."""

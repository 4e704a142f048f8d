"""Rules about the settings, the answers, the baseline and the template version, one per file."""

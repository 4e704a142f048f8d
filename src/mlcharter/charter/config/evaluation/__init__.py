"""Models of config blocks about evaluation, one kind per file."""

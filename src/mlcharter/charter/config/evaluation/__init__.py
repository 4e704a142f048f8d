"""Models of config blocks about evaluation, one kind a file."""

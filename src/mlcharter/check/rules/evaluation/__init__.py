"""Rules about evaluation, one a file."""

"""Answers questions of ship agents from the harbour handbook, with quotations."""

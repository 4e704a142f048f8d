"""Chooses the next move of an unmanned tug along the quay."""

"""Fixtures of this folder."""

from small_charter import base as base

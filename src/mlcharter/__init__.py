"""Found an ML repository on a charter, keep it current, and hold it to it."""

__version__ = "0.1.0"

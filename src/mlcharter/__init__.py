"""Create ML repositories with checked documents, keep them current, and check them."""

__version__ = "0.1.0"

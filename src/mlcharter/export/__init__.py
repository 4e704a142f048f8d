"""Files that are derived from config blocks, such as the rules of Prometheus."""

__all__ = ["exporting"]

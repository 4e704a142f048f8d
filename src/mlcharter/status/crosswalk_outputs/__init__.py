"""The output formats of `status --crosswalk`, one module each: `render(status) -> str`."""

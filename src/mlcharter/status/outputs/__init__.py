"""The output formats of `status`, one module each: `render(progress) -> str`."""

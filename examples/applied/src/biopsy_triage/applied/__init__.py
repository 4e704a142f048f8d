"""The applied track: `system.py` is the page to replace by your own system."""

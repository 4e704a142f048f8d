"""Question answering over a corpus: retrieve, quote, cite, or abstain; start at `system.py`."""

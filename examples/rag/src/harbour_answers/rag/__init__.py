"""Question answering over a handbook: retrieve, quote, cite, or abstain."""

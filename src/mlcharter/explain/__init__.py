"""`explain`: what a word, rule, item, section or config kind asks for."""

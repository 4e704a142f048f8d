"""Rules about documents, sections, items, evidence, owners and waivers, one per file."""

"""Rules over a charter: findings, levels, fixes, outputs."""

"""Reinforcement learning: the policy, its shield, and the kill-switch of its rollout."""

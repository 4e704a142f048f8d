"""Reinforcement learning: logs, off-policy evaluation, learners, rewards, shield and rollout."""

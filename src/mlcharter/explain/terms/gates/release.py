"""The versions of all artefacts that are deployed, and rolled back, together.

These are model, dataset and eval; with retrieval also prompt, retriever and index; for
reinforcement learning, dataset, eval, policy, reward and environment. They are pinned in the config
block `joint_release` of versioning/registries.md.
"""

"""One joint pin of everything that must move together, so that one rollback moves it all.

Model, dataset and eval; with a language model also prompt, retriever and index; for reinforcement
learning policy, reward and environment. It stands in the config block `joint_release` of
versioning/registries.md.
"""

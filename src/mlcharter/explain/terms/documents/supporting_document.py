"""A document that is not one of the six standard ones, such as a model card or a drill.

From level complete on, `supporting-document-missing` reports a missing one. If it only describes a
starter of the template, you may delete it together with that starter.
"""

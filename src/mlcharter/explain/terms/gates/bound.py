"""Which end of a 95 % interval a gate is decided on: `lower95`, `upper95`, or the `point` itself.

A metric that should be high is held by its lower bound and one that should be low by its upper, so
that luck cannot pass a gate. `point` is for what has no spread, such as a count of twins.
It stands in the config block `gates`; `gate-bound-loose` finds one that would let luck decide.
"""

"""Signed releases: what moves together, pinned by digest, verified before it serves.

`pinning` describes the next release, `drafting` decides what is released of a commit, `creating`
signs and writes it, `verifying` says whether a release may serve, `rolling_back` returns to the one
before, `drilling` tries that on a copy, and `history` reads from Git what was `live` when. `store`
is an OCI image layout in a folder, `trust` says whose signatures count, `signing` makes and reads
them, `keyless` reads those of Sigstore, and `demo_key` makes a key to try it with. `fetching`
brings files of members from MLflow, and `bom` lists members with their licences and numbers.
"""

__all__ = [
    "bom",
    "creating",
    "demo_key",
    "drafting",
    "drilling",
    "fetching",
    "freezing",
    "history",
    "keyless",
    "live",
    "pinning",
    "refusal",
    "rolling_back",
    "signing",
    "store",
    "trust",
    "verifying",
]

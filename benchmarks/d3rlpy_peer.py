"""Learn from a log of decisions with d3rlpy; needs an environment that has d3rlpy.

    python benchmarks/d3rlpy_peer.py LOG.npz OUT.npz STEPS

LOG.npz has a row a decision, those of an episode one after the other: `features` (rows, features),
`action`, `reward`, `terminated`, `first` (1 in the first row of an episode), and `actions` and
`discount`. OUT.npz gets `bc` and `cql`, the actions that DiscreteBC and DiscreteCQL take in each
row, and `cql_fqe`, what DiscreteFQE says that the latter earns from each first row on.
"""

import sys

import d3rlpy
import numpy as np
from d3rlpy.algos import DiscreteBCConfig, DiscreteCQLConfig
from d3rlpy.ope import DiscreteFQE, FQEConfig

SEED = 7


def main() -> None:
    log, steps = np.load(sys.argv[1]), int(sys.argv[3])
    features = log["features"].astype(np.float32)
    last = np.r_[log["first"][1:], 1] == 1
    ended = log["terminated"] == 1
    dataset = d3rlpy.dataset.MDPDataset(
        features,
        log["action"],
        log["reward"].astype(np.float32),
        ended.astype(np.float32),
        (last & ~ended).astype(np.float32),
        action_space=d3rlpy.constants.ActionSpace.DISCRETE,
        action_size=int(log["actions"]),
    )
    how = {"n_steps": steps, "n_steps_per_epoch": steps, "show_progress": False}
    how["logger_adapter"] = d3rlpy.logging.NoopAdapterFactory()
    common = {"batch_size": 256, "learning_rate": 1e-3}
    q = {**common, "gamma": float(log["discount"]), "target_update_interval": 50}
    found = {}
    for name, config in (("bc", DiscreteBCConfig(**common)), ("cql", DiscreteCQLConfig(**q))):
        d3rlpy.seed(SEED)
        learner = config.create()
        learner.fit(dataset, **how)
        found[name] = learner.predict(features)
        if name == "cql":  # DiscreteFQE takes learners with Q values only
            fqe = DiscreteFQE(algo=learner, config=FQEConfig(**q))
            fqe.fit(dataset, **how)
            start = features[log["first"] == 1]
            found["cql_fqe"] = fqe.predict_value(start, learner.predict(start))
    np.savez(sys.argv[2], **found)


if __name__ == "__main__":
    main()

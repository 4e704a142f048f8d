"""Record `mlruns` with mlflow 3.17.2: two versions, a tag that lies, an alias that was moved.

    MLFLOW_ALLOW_FILE_STORE=true python record.py MODEL.json mlruns

The folder in its files was replaced by /srv/mlflow.
"""

import hashlib
import sys
from pathlib import Path

from mlflow import MlflowClient

model, into = Path(sys.argv[1]), Path(sys.argv[2]).absolute()
client = MlflowClient(tracking_uri=f"file://{into}", registry_uri=f"file://{into}")
experiment = client.create_experiment("triage")
client.create_registered_model("applied")
true = model.read_bytes()
ref = f"model/applied@sha256:{hashlib.sha256(true).hexdigest()}"
for data in (true, true.replace(b"1", b"2", 1)):
    run = client.create_run(experiment).info
    scratch = into.parent / "model.json"
    scratch.write_bytes(data)
    client.log_artifact(run.run_id, str(scratch), "model")
    version = client.create_model_version(
        "applied",
        source=f"{run.artifact_uri}/model",
        run_id=run.run_id,
        tags={"mlcharter.ref": ref},
    )
    client.set_registered_model_alias("applied", "live", version.version)

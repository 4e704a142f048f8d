"""A key to try releases with; it counts at tier prototype only."""

import datetime
from pathlib import Path
from typing import Any

from mlcharter.release.trust import KEYS
from mlcharter.support import writing

ID = "demo"
PRIVATE = f"{KEYS}/{ID}.pem"
_YEAR = datetime.timedelta(days=365)


def create(root: Path, owner: str, today: datetime.date) -> dict[str, Any]:
    """Write a new pair of keys, and return its entry for `signing`."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    writing.replace(root, PRIVATE, private)
    writing.replace(root, f"{KEYS}/{ID}.pub", public)
    until = today + _YEAR
    return {"id": ID, "owner": owner, "purpose": "demo", "not_before": today, "not_after": until}

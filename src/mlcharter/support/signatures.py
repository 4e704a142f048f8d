"""Verify by which SSH key a commit is signed. Git does it, and starts `ssh-keygen`."""

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mlcharter.support import git

# Neither the repository's configuration nor the user's says which program verifies, and which keys
# are accepted. Other formats than SSH have no program, since their keys are not in the repository.
_CONFIGURATION = {
    "gpg.ssh.program": "ssh-keygen",
    "gpg.ssh.revocationFile": os.devnull,
    "gpg.minTrustLevel": "undefined",
    "gpg.program": "",
    "gpg.openpgp.program": "",
    "gpg.x509.program": "",
}
_GOOD = re.compile(r'Good "git" signature for key-([0-9]+) with .*')


def find_key(commit: str, keys: Sequence[str], cwd: Path) -> int | None:
    """Return the index of the key that signed a commit; None if none of these did.

    A key has its type and its value in base64. Whether it is still valid is for the caller to say:
    the date in a commit is whatever the author wrote.
    """
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        accepted = Path(folder, "allowed_signers")
        lines = (f"key-{number} {key}\n" for number, key in enumerate(keys))
        accepted.write_text("".join(lines), encoding="utf-8")
        configuration = {**_CONFIGURATION, "gpg.ssh.allowedSignersFile": str(accepted)}
        options = [arg for key, value in configuration.items() for arg in ("-c", f"{key}={value}")]
        done = git.run(*options, "verify-commit", "--raw", commit, cwd=cwd)
    last = done.stderr.strip().rpartition("\n")[2]  # Git prints advice before it
    good = _GOOD.fullmatch(last)
    return int(good[1]) if good and done.returncode == 0 else None

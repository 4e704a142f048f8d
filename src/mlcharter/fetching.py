"""Fetching the policy that a repository's own extends, by its pinned commit, into the cache.

Git runs in a new empty folder, never in the repository; its address may use no helper program.
"""

import tempfile
from pathlib import Path

from mlcharter import git, policy, reading, writing
from mlcharter.errors import UserError

_HINT = "look at `extends` in .mlcharter.yml, and whether its host is reachable from here"


def policy_of(root: Path) -> None:
    """Fetch what the policy at `root` extends; nothing to do where it extends no address."""
    source = policy.read(root).own.policy.extends
    pinned = policy.pinned(source or "")
    if source is None or pinned is None or policy.cache(source).is_file():
        return
    url, commit, path = pinned
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        here = Path(folder)
        git.must("init", "--quiet", "--bare", "--template=", cwd=here, hint=_HINT)
        git.must("config", "protocol.ext.allow", "never", cwd=here, hint=_HINT)
        git.must("fetch", "--quiet", "--depth=1", url, commit, cwd=here, hint=_HINT)
        text = git.must("cat-file", "blob", f"{commit}:{path}", cwd=here, hint=_HINT)
    if len(text) > reading.MAX_SIZE:
        raise UserError(f"{path} in {url} is larger than {reading.MAX_SIZE} bytes", hint=_HINT)
    writing.keep(policy.cache(source), f"{text}\n".encode())

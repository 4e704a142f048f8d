"""A repository with two releases: a copy of `examples/applied` with a key of its own."""

import contextlib
import datetime
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from mlcharter.check import engine
from mlcharter.export.kinds import trust as trust_file
from mlcharter.release import creating, drafting, signing, trust, verifying
from mlcharter.release.creating import Created
from mlcharter.release.drafting import Request
from mlcharter.release.store import Store
from mlcharter.release.trust import Trust
from mlcharter.release.verifying import Verified
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder

EXAMPLE = Path(__file__).parents[2] / "examples/applied"
NOW = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC)
FIRST, SECOND = "release-2026-11", "release-2026-12"
DATES = "not_before: 2026-09-01, not_after: 2027-08-31"


class Shop:
    """The repository of a team, its store and its private keys."""

    def __init__(self, root: Path, keys: Path) -> None:
        self.root, self.keys = root, keys

    @property
    def store(self) -> Store:
        return Store(self.root / "releases")

    def trust(self) -> Trust:
        return trust.read(engine.open_charter(Folder(self.root), NOW.date()))

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that is there once."""
        text = (self.root / path).read_text()
        assert text.count(old) == 1, f"{path} has {text.count(old)} times {old!r}"
        (self.root / path).write_text(text.replace(old, new))

    def git(self, *args: str) -> str:
        who = {f"GIT_{one}_{key}": value for one in ("AUTHOR", "COMMITTER") for key, value in WHO}
        done = subprocess.run(
            ["git", *args], cwd=self.root, check=True, capture_output=True, env=os.environ | who
        )
        return done.stdout.decode().strip()

    def commit(self, message: str = "Change") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def request(self, **changes: Any) -> Request:
        return Request(self.root, self.store, self.trust(), **{"now": NOW, **changes})

    def signer(self, *ids: str) -> list[Any]:
        names = ids or ("northbank-2026",)
        return [signing.load_signer(f"{self.keys}/{id}.pem", self.trust(), str) for id in names]

    def create(
        self, *ids: str, bundles: Sequence[bytes] = (), dry_run: bool = False, **changes: Any
    ) -> Created:
        signers = self.signer(*ids)
        return creating.create(self.request(**changes), signers, bundles, dry_run=dry_run)

    def draft(self, **changes: Any) -> drafting.Draft:
        return drafting.draft(self.request(**changes))

    def verify(
        self, id: str = SECOND, now: datetime.datetime = NOW, trust: Trust | None = None
    ) -> Verified:
        return verifying.verify(self.store, id, trust or self.trust(), now)

    def add_key(
        self, id: str, owner: str, like: str | None = None, purpose: str = "release"
    ) -> None:
        """Add a key to `signing`; it is the same as the key `like` if that is named."""
        if like is None:
            make_key(self.keys / f"{id}.pem", self.root / f"versioning/keys/{id}.pub")
        else:
            shutil.copy(self.keys / f"{like}.pem", self.keys / f"{id}.pem")
            keys = self.root / "versioning/keys"
            shutil.copy(keys / f"{like}.pub", keys / f"{id}.pub")
        text = f'  - {{id: {id}, owner: "{owner}", purpose: release, {DATES}}}\nthreshold:'
        self.edit("versioning/registries.md", "threshold:", text)


WHO = (("NAME", "Ada"), ("EMAIL", "ada@northbank.example"), ("DATE", "2026-11-24T08:00:00Z"))


def make_key(private: Path, public: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    form = PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, form))


def describe_release(shop: Shop, id: str, sequence: int, previous: str) -> None:
    """Rewrite the head of `joint_release`."""
    path = shop.root / "versioning/registries.md"
    head = f"id: {id}\nsequence: {sequence}\nprevious: {previous}\nrequired:"
    text = re.sub(
        r"(?m)^id: release-\S+\nsequence: .*\nprevious: .*\nrequired:", head, path.read_text()
    )
    path.write_text(text)


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the repository, of which nothing is released yet, and the keys."""
    folder = tmp_path_factory.mktemp("release")
    shutil.copytree(EXAMPLE, folder / "shop")
    (folder / "keys").mkdir()
    shop = Shop(folder / "shop", folder / "keys")
    (shop.root / f"versioning/releases/{FIRST}.dsse.json").unlink()
    (shop.root / "versioning/live.json").unlink()
    make_key(shop.keys / "northbank-2026.pem", shop.root / "versioning/keys/northbank-2026.pub")
    (shop.root / ".gitignore").write_text("/releases/\n")
    shop.git("init", "--quiet", "--initial-branch", "main")
    shop.commit("Describe the release")
    return folder


@pytest.fixture(scope="session")
def released(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with two releases; the second one is live."""
    folder = tmp_path_factory.mktemp("released") / "copy"
    shutil.copytree(example, folder)
    shop = Shop(folder / "shop", folder / "keys")
    assert shop.create().live
    shop.commit("Release November")
    describe_release(shop, SECOND, 3, FIRST)
    shop.edit("versioning/registries.md", "released   # what a rollback goes to", "retired")
    shop.commit("Describe the next release")
    assert shop.create().live
    shop.commit("Release December")
    return folder


def _copy(folder: Path, to: Path) -> Shop:
    shutil.copytree(folder, to / "copy")
    return Shop(to / "copy/shop", to / "copy/keys")


# The service verifies what it loads with a file of its own; it must decide as we do, everywhere.


@pytest.fixture(scope="session")
def service() -> Any:
    """The module of the template that verifies a release at start-up."""
    (folder,) = (EXAMPLE.parents[1] / "template/project/src").iterdir()
    places = [str(folder)]
    path = folder / "__init__.py"
    spec = importlib.util.spec_from_file_location("served", path, submodule_search_locations=places)
    assert spec is not None
    sys.modules["served"] = importlib.util.module_from_spec(spec)
    return importlib.import_module("served.serving.release")


@pytest.fixture
def both_verify(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare each verdict of `verify` with that of the service, byte for byte.

    The service verifies keys only, so that identities are not compared.
    """
    ours = verifying.verify

    def verify(
        store: Store, id: str, trust: Trust, now: datetime.datetime, *, pinned: str | None = None
    ) -> Verified:
        if trust.identities:
            return ours(store, id, trust, now, pinned=pinned)
        signing.require()
        digest = pinned
        if digest is None:
            with contextlib.suppress(UserError):
                digest = store.find(id).sha256
        given = service.Trust.model_validate_json(trust_file.encode(trust))

        def load() -> Any:
            return service.load(store.folder, f"{id}@sha256:{digest}", given, now)

        try:
            verified = ours(store, id, trust, now, pinned=pinned)
        except UserError as error:
            with pytest.raises(service.RefusedError):
                load()
                pytest.fail(f"the service accepts what is refused: {error}")
            raise
        refs = {file.annotations.get(verifying.REF): file for file in verified.files}
        members = {ref.partition("@")[0]: refs[ref] for ref in refs if ref is not None}
        assert load().files == {name: store.get(file, id) for name, file in members.items()}
        return verified

    monkeypatch.setattr(verifying, "verify", verify)


@pytest.fixture
def new_shop(example: Path, tmp_path: Path, both_verify: None) -> Shop:
    """The repository before its first release."""
    return _copy(example, tmp_path)


@pytest.fixture
def shop(released: Path, tmp_path: Path, both_verify: None) -> Shop:
    """The repository with two releases."""
    return _copy(released, tmp_path)

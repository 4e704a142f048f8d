"""What `mlcharter.evals.releases` builds is a release as `create` writes it, sound or spoilt."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from mlcharter.evals import releases
from mlcharter.evals.releases import Specimen
from mlcharter.release import verifying
from mlcharter.release.refusal import RefusedError
from mlcharter.release.store import Store
from mlcharter.release.trust import Trust
from mlcharter.support.errors import UserError

FILES = {"model/scorer": b'{"weights":[1,2,3]}', "prompt/answer": b'{"text":"Be short."}'}


def verify(specimen: Specimen) -> verifying.Verified:
    keys = [key | {"pem": key["pem"].encode()} for key in specimen.trust["keys"]]
    trust = msgspec.convert(specimen.trust | {"keys": keys}, Trust)
    id, _, pinned = specimen.name.partition("@sha256:")
    return verifying.verify(Store(specimen.folder), id, trust, specimen.now, pinned=pinned)


def test_a_sound_specimen_is_a_release(tmp_path: Path, both_verify: None) -> None:
    assert len(verify(releases.build(tmp_path, FILES)).files) == 2


@pytest.mark.parametrize(("name", "spoil"), releases.TAMPERED)
def test_a_spoilt_one_is_refused(tmp_path: Path, both_verify: None, name: str, spoil: Any) -> None:
    with pytest.raises((RefusedError, UserError)):
        verify(spoil(releases.build(tmp_path, FILES)))

"""Nothing but HTTPS to a listed name at a public address gets out."""

import ipaddress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbour_answers.rag.drills import (
    PUBLIC,
    careless,
    egress_refused,
    hosts_of,
)
from harbour_answers.rag.egress import (
    RefusedError,
    Response,
    Target,
    check,
    fetch,
    is_public,
)
from harbour_answers.rag.golden import read_jsonl

HOST = "tides.hallorn.example"
LISTED = frozenset([HOST])
VECTORS = read_jsonl(Path("data/rag/egress_vectors.jsonl"))


def name(vector: dict[str, Any]) -> str:
    return f"{vector['id']} {vector['technique']}"


@pytest.mark.parametrize("vector", VECTORS, ids=name)
def test_no_vector_reaches_a_forbidden_address(vector: dict[str, Any]) -> None:
    assert egress_refused(vector, LISTED)
    assert egress_refused(vector, LISTED | hosts_of(vector)), "when its host was listed by mistake"


def test_most_vectors_get_past_a_guard_that_looks_at_the_list_only() -> None:
    passed = [v for v in VECTORS if not egress_refused(v, LISTED | hosts_of(v), careless)]
    assert len(passed) > 0.7 * len(VECTORS)


def test_a_listed_name_is_reached_at_the_address_that_was_checked() -> None:
    seen: list[Target] = []

    def send(target: Target) -> Response:
        seen.append(target)
        return Response(b"table", "/next" if len(seen) == 1 else None)

    assert fetch(f"https://{HOST}/table", LISTED, lambda host: [PUBLIC], send) == b"table"
    assert [(t.url, t.address) for t in seen] == [
        (f"https://{HOST}/table", PUBLIC),
        (f"https://{HOST}/next", PUBLIC),
    ]


def test_a_name_that_is_rebound_between_redirects_is_refused() -> None:
    answers = [[PUBLIC], ["127.0.0.1"]]
    contacted: list[str] = []

    def send(target: Target) -> Response:
        contacted.append(target.address)
        return Response(b"", "/next")

    with pytest.raises(RefusedError, match="not public"):
        fetch(f"https://{HOST}/", LISTED, lambda host: answers.pop(0), send)
    assert contacted == [PUBLIC]


@given(st.ip_addresses(v=4).filter(lambda a: not a.is_global))
def test_a_private_address_is_private_in_every_wrapping(address: ipaddress.IPv4Address) -> None:
    n = int(address)
    wrapped = [
        str(address),
        f"::ffff:{address}",
        str(ipaddress.IPv6Address((0x64FF9B << 96) | n)),
        str(ipaddress.IPv6Address((0x2002 << 112) | (n << 80))),
    ]
    assert not any(is_public(text) for text in wrapped)


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "8.8.8.8.", "::g", "fe80::1%eth0"])
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


def test_public_addresses_are_public() -> None:
    assert is_public(PUBLIC)
    assert is_public("2606:4700:4700::1111")


@given(st.text(max_size=60))
def test_no_text_makes_the_guard_fail_in_another_way(text: str) -> None:
    for url in (text, f"https://{text}", f"https://{HOST}{text}"):
        try:
            target = check(url, LISTED, lambda host: [PUBLIC])
        except RefusedError:
            continue
        assert target.host == HOST

from __future__ import annotations

import hmac
import ipaddress
import socket
from hashlib import sha256
from typing import Any

import pytest

from engagement import outbound
from tests.listening import System, system

__all__ = ["system"]


def test_a_post_arrives_signed_with_its_time(system: str) -> None:
    assert outbound.post(system, b'{"a":1}', secret="s3cret") == 200
    ((path, headers, body),) = System.got
    assert (path, body) == ("/news?a=1", b'{"a":1}')
    at, _comma, signed = headers["Loggia-Signature"].removeprefix("t=").partition(",v1=")
    assert signed == hmac.new(b"s3cret", at.encode() + b"." + body, sha256).hexdigest()


def test_the_signature_is_this_one() -> None:
    signed = "c6ef4734033cee2367414a0939385eca0397754aa7a59716da7463a9298b5146"
    assert outbound.signature("k", b"{}", 1_700_000_000) == f"t=1700000000,v1={signed}"


@pytest.mark.parametrize("status", [301, 404, 500])
def test_anything_but_success_is_not_delivered_and_redirects_are_not_followed(system: str, status: int) -> None:
    System.status = status
    with pytest.raises(outbound.NotDelivered, match=f"HTTP {status}"):
        outbound.post(system, b"{}", secret="s")
    assert len(System.got) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/", "https://10.0.0.1/", "https://192.168.1.1/", "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/", "https://[fd00::1]/",
        "https://2130706433/", "https://0x7f000001/", "https://100.64.0.1/", "https://224.0.0.1/",
    ],
)  # fmt: skip
def test_addresses_inside_the_network_are_refused(url: str) -> None:
    with pytest.raises(outbound.AddressRefused, match="private network"):
        outbound.resolved(url)


@pytest.mark.parametrize("url", ["ftp://example.org/", "https://", "news", "https://a@8.8.8.8/", "https://8.8.8.8:x/"])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(outbound.AddressRefused, match="no web address"):
        outbound.resolved(url)


def test_public_addresses_are_reached_encrypted_only() -> None:
    assert outbound.resolved("https://8.8.8.8/x").address == "8.8.8.8"
    with pytest.raises(outbound.AddressRefused, match="encrypted"):
        outbound.resolved("http://8.8.8.8/x")


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (name, 443)) for name in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_more: both)
    with pytest.raises(outbound.AddressRefused):
        outbound.resolved("https://rebinding.example/")


def test_a_network_that_the_administrator_named_is_allowed() -> None:
    network = ipaddress.ip_network("10.1.2.0/24")
    assert outbound.is_allowed(ipaddress.ip_address("10.1.2.3"), [network])
    assert not outbound.is_allowed(ipaddress.ip_address("10.1.3.3"), [network])


def test_a_closed_port_is_not_delivered(settings: Any) -> None:
    settings.LOGGIA_OUTBOUND_PRIVATE = ["127.0.0.0/8"]
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        with pytest.raises(outbound.NotDelivered, match="ConnectionRefusedError"):
            outbound.post(f"http://127.0.0.1:{held.getsockname()[1]}/", b"{}", secret="s")

"""The one HTTP client that may leave the host.

It posts JSON to addresses that an officer entered, so it must not be led into the city's own network: the name is
resolved once, every address it stands for must be public (unless ``LOGGIA_OUTBOUND_PRIVATE`` allows networks by name),
and the connection goes to exactly the address that was looked at. Redirects are not followed.

Signature (as in many webhooks): ``Loggia-Signature: t=<unix seconds>,v1=<HMAC-SHA256 of "<t>.<body>" in hex>``.
"""

from __future__ import annotations

import hmac
import http.client
import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.problems import Refused

TIMEOUT_S = 10.0
MOST_ANSWER_BYTES = 4_096
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(Refused):
    status = 422
    code = "address-refused"
    title = gettext_lazy("Nothing can be sent to this address.")


class NotDelivered(Exception):
    """The other side could not be reached or did not take it; worth another try. The text is for the log."""


@dataclass(frozen=True)
class Target:
    """Where to connect: the address that was looked at, and what to ask for there."""

    url: SplitResult
    address: str
    port: int


def signature(secret: str, body: bytes, at: int) -> str:
    """The header's value; whoever knows the secret can check body and time."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return f"t={at},v1={signed}"


def post(url: str, body: bytes, *, secret: str, headers: dict[str, str] | None = None) -> int:
    """Post signed JSON and return the status, 200 to 299.

    Raises:
        AddressRefused: no http(s) address, or one inside the network.
        NotDelivered: no connection, or another status.
    """
    target = resolved(url)
    head = {
        "Content-Type": "application/json",
        "User-Agent": "Loggia",
        "Host": target.url.netloc.rpartition("@")[2],
        "Loggia-Signature": signature(secret, body, int(time.time())),
        **(headers or {}),
    }
    connection = _connection(target)
    try:
        path = target.url.path or "/"
        connection.request("POST", f"{path}?{target.url.query}" if target.url.query else path, body, head)
        answer = connection.getresponse()
        answer.read(MOST_ANSWER_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise NotDelivered(type(error).__name__) from error
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise NotDelivered(f"HTTP {answer.status}")
    return answer.status


def resolved(url: str) -> Target:
    """The target of an address, looked up once.

    Raises:
        AddressRefused, NotDelivered.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise AddressRefused(_("This is no web address. Write it as https://example.org/path.")) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise AddressRefused(_("This is no web address. Write it as https://example.org/path."))
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotDelivered("name not found") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    allowed = _allowed_networks()
    for address in addresses:
        if not is_allowed(ipaddress.ip_address(address), allowed):
            raise AddressRefused(
                _("%(name)s lies inside a private network. The administrator can allow it by LOGGIA_OUTBOUND_PRIVATE.")
                % {"name": parts.hostname}
            )
    if parts.scheme == "http" and not any(ipaddress.ip_address(addresses[0]) in network for network in allowed):
        raise AddressRefused(_("Answers leave encrypted only. Write the address with https://."))
    return Target(parts, addresses[0], port)


def is_allowed(address: Address, allowed: list[Network]) -> bool:
    """Public, or in a network that the administrator named. A mapped IPv4 address is judged as what it means."""
    plain = getattr(address, "ipv4_mapped", None) or address
    return (plain.is_global and not plain.is_multicast) or any(plain in network for network in allowed)


def _allowed_networks() -> list[Network]:
    return [ipaddress.ip_network(network) for network in settings.LOGGIA_OUTBOUND_PRIVATE]


def _connection(target: Target) -> http.client.HTTPConnection:
    """Connected to the address that was checked, with the name for TLS: a second look-up could give another one."""
    host: Any = target.url.hostname
    if target.url.scheme == "http":
        plain = http.client.HTTPConnection(host, target.port, timeout=TIMEOUT_S)
        plain.sock = _socket(target)
        return plain
    secure = http.client.HTTPSConnection(host, target.port, timeout=TIMEOUT_S)
    context = ssl.create_default_context()
    try:
        secure.sock = context.wrap_socket(_socket(target), server_hostname=host)
    except OSError as error:
        raise NotDelivered(type(error).__name__) from error
    return secure


def _socket(target: Target) -> socket.socket:
    try:
        return socket.create_connection((target.address, target.port), timeout=TIMEOUT_S)
    except OSError as error:
        raise NotDelivered(type(error).__name__) from error

"""What ``bin/demo`` needs around the server: an address in the local network, a certificate for it, a welcome.

Run as ``python -m engagement.lan address | certificate ADDRESS FOLDER | wait URL | welcome URL yes|no``.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = timedelta(days=90)
PATIENCE_S = 60.0


def address() -> str:
    """This machine's address in the local network. No packet is sent: connecting a datagram socket only picks a route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def certificate(host: str, folder: Path) -> Path:
    """A self-signed certificate for ``host`` and localhost in ``folder``; an unexpired one for the same host is kept."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file, key_file = folder / "certificate.pem", folder / "key.pem"
    if _still_good(file, host):
        return file
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Loggia on this network")])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(host))]
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    unencrypted = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, unencrypted))
    file.write_bytes(built.public_bytes(pem))
    return file


def _still_good(file: Path, host: str) -> bool:
    if not file.exists():
        return False
    known = x509.load_pem_x509_certificate(file.read_bytes())
    names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    soon = datetime.now(UTC) + timedelta(days=1)
    return ipaddress.ip_address(host) in names.get_values_for_type(x509.IPAddress) and known.not_valid_after_utc > soon


def wait_for(url: str) -> None:
    """Return when the site answers. Raises SystemExit with a sentence when it does not."""
    if not url.startswith(("http://", "https://")):
        raise SystemExit(f"{url} is no web address.")
    context = ssl.create_default_context()
    # Our own certificate of a moment ago, on our own machine: only whether the server answers is asked.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2, context=context):  # noqa: S310
                return
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"The site did not answer at {url} within {PATIENCE_S:.0f} seconds. Its messages stand above.")


def welcome(base: str, *, lan: bool) -> str:
    from engagement.demo import PASSWORD

    rows = [
        ("resident", "/", "no account; the poster is at /p/pitka"),
        ("volunteer", "/sensors/mine/", f"volunteer@demo.example   {PASSWORD}"),
        ("officer", "/desk/", f"officer@demo.example     {PASSWORD}"),
        ("second officer", "/desk/", f"officer2@demo.example    {PASSWORD}"),
        ("planner", "/desk/scenarios/", f"planner@demo.example     {PASSWORD}"),
    ]
    lines = ["", "Loggia is ready. Answers and readings of this demo are simulated.", ""]
    lines += [f"  {who:<15} {base + path:<44} {note}" for who, path, note in rows]
    if lan:
        lines += [
            "",
            "Your phone will warn once, because the certificate is this machine's own. With it the survey, the 3D view and",
            "the sensors work; what needs a trusted certificate does not: working offline, AR and passkeys.",
        ]
    return "\n".join([*lines, "", "Ctrl+C stops it."])


def main(words: list[str]) -> None:
    match words:
        case ["address"]:
            print(address())  # noqa: T201
        case ["certificate", host, folder]:
            certificate(host, Path(folder))
        case ["wait", url]:
            wait_for(url)
        case ["welcome", base, lan]:
            if lan == "yes":
                segno.make(base + "/", error="m").terminal(compact=True)
            print(welcome(base, lan=lan == "yes"), flush=True)  # noqa: T201
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])

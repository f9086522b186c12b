#!/usr/bin/env python3
"""Makes the certificates of the simulation anew: Ed25519, so that signatures have one length."""
import datetime
import ipaddress
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FOLDER = pathlib.Path(__file__).resolve().parent
NAMES = [
    "a.test", "www.a.test", "b.test", "shop.co.uk", "192.0.2.7", "evila.test", "x.a.test", "evil.co.uk",
    "2001:db8::7", "p.test", "q.test", "proxy.a.test", "sec.test",
]
NOW, PAST = ("2000-01-01", "2119-12-31"), ("2000-01-01", "2001-01-01")


def alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def make(name, names, validity, issuer, usage):
    key = ed25519.Ed25519PrivateKey.generate()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_name, issuer_key = (issuer[0].subject, issuer[1]) if issuer else (subject, key)
    begin, end = (datetime.datetime.fromisoformat(day) for day in validity)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer_name)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(begin).not_valid_after(end)
    builder = builder.add_extension(x509.BasicConstraints(ca=usage is None, path_length=None), critical=True)
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([alternative(n) for n in names]), critical=False)
    return builder.sign(issuer_key, None), key


def write(stem, pair, with_key):
    text = pair[0].public_bytes(Encoding.PEM)
    if with_key:
        text += pair[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (FOLDER / f"{stem}.pem").write_bytes(text)


first, second = (make(f"{n} authority", [], NOW, None, None) for n in ("First", "Second"))
nobody = make("Nobody", [], NOW, None, None)
write("first", first, False)
write("second", second, False)
server, client = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH
write("good", make("good", NAMES, NOW, first, server), True)
write("expired", make("expired", NAMES, PAST, first, server), True)
write("elsewhere", make("elsewhere", ["elsewhere.test"], NOW, first, server), True)
write("nobody", make("nobody", NAMES, NOW, nobody, server), True)
for number in range(2):
    write(f"client{number}", make(f"client {number}", [], NOW, first, client), True)

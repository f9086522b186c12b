#!/usr/bin/env python3
"""Makes the test PKI in certs/ anew, all of it. The recorded vectors do not depend on the keys."""
import datetime
import ipaddress
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FOLDER = pathlib.Path(__file__).resolve().parent / "certs"
NAMES = [
    "secure.test", "other.test", "example.com", "www.example.com", "a.test", "b.test", "proxy.test", "127.0.0.1",
    "::1",
]
NOW, PAST, FUTURE = ("2020-01-01", "2119-12-31"), ("2020-01-01", "2021-01-01"), ("2100-01-01", "2119-12-31")
AUTHORITIES = {"ca": "Sessio Test CA", "other-ca": "Sessio Other CA"}
# Common name, alternative names, validity, issuer.
SERVERS = {
    "good": ("secure.test", NAMES, NOW, "ca"),
    "wildcard": ("wild.test", ["*.wild.test"], NOW, "ca"),
    "wronghost": ("elsewhere.test", ["elsewhere.test"], NOW, "ca"),
    "expired": ("secure.test", NAMES, PAST, "ca"),
    "notyet": ("secure.test", NAMES, FUTURE, "ca"),
    "cnonly": ("secure.test", [], NOW, "ca"),
    "selfsigned": ("secure.test", NAMES, NOW, None),
    "otherca": ("secure.test", NAMES, NOW, "other-ca"),
}
CLIENTS = {"client": ("client-one", [], NOW, "ca"), "client-other": ("client-two", [], NOW, "other-ca")}


def alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def usage(stem: str) -> tuple[x509.ExtensionType, bool]:
    """What the certificate is for, and whether that is critical."""
    if stem in AUTHORITIES:
        signs = {"digital_signature": True, "key_cert_sign": True, "crl_sign": True}
        rest = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only")
        return x509.KeyUsage(**signs, **dict.fromkeys((*rest, "decipher_only"), False)), True
    side = ExtendedKeyUsageOID.CLIENT_AUTH if stem in CLIENTS else ExtendedKeyUsageOID.SERVER_AUTH
    return x509.ExtendedKeyUsage([side]), False


def make(stem, common_name, names, validity, issuer):
    """A certificate and its key; `issuer` is another such pair, or None for a self-signed one."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    issuer_name, issuer_key = (issuer[0].subject, issuer[1]) if issuer else (subject, key)
    begin, end = (datetime.datetime.fromisoformat(day) for day in validity)
    extensions = [
        (x509.BasicConstraints(ca=stem in AUTHORITIES, path_length=None), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        usage(stem),
    ]
    if issuer:
        extensions.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False))
    if names:
        extensions.append((x509.SubjectAlternativeName(list(map(alternative, names))), False))
    builder = x509.CertificateBuilder(issuer_name, subject, key.public_key(), x509.random_serial_number(), begin, end)
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, is_critical)
    return builder.sign(issuer_key, hashes.SHA256()), key


def main():
    FOLDER.mkdir(exist_ok=True)
    made = {stem: make(stem, name, [], NOW, None) for stem, name in AUTHORITIES.items()}
    for stem, (name, names, validity, issuer) in {**SERVERS, **CLIENTS}.items():
        made[stem] = make(stem, name, names, validity, made.get(issuer))
    pem = {stem: certificate.public_bytes(Encoding.PEM) for stem, (certificate, _) in made.items()}
    private = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    keys = {stem: key.private_bytes(*private) for stem, (_, key) in made.items()}
    pem["both-cas"] = pem["other-ca"] + pem["ca"]
    pem["client-bundle"] = pem["client"] + keys["client"]
    for stem, content in pem.items():
        (FOLDER / f"{stem}.pem").write_bytes(content)
    # The keys of the authorities are thrown away: nothing else is ever signed with them.
    for stem in keys.keys() - AUTHORITIES.keys():
        (FOLDER / f"{stem}.key").write_bytes(keys[stem])


if __name__ == "__main__":
    main()

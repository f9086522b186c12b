"""The server side of TLS, at most 1.2: in 1.3 a missing client certificate shows after the handshake."""
import ssl

from ..surroundings import CERTS

HANDSHAKE_SECONDS_MAX = 2.0


def context(spec) -> ssl.SSLContext | None:
    """From a certificate's name, or an object with it and the wish for a client certificate."""
    if not spec:
        return None
    if isinstance(spec, str):
        spec = {"cert": spec}
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(CERTS / f"{spec['cert']}.pem", CERTS / f"{spec['cert']}.key")
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    if wish := spec.get("client_auth"):
        made.load_verify_locations(CERTS / "ca.pem")
        made.verify_mode = ssl.CERT_REQUIRED if wish == "required" else ssl.CERT_OPTIONAL
    return made


def accept(made: ssl.SSLContext, plain) -> tuple[ssl.SSLSocket, dict]:
    """Shakes hands; says also what the client sent of itself."""
    names: list[str | None] = []
    made.sni_callback = lambda _socket, name, _context: names.append(name)
    plain.settimeout(HANDSHAKE_SECONDS_MAX)
    wrapped = made.wrap_socket(plain, server_side=True)
    wrapped.settimeout(None)
    subject = dict(part[0] for part in (wrapped.getpeercert() or {}).get("subject", ()))
    return wrapped, {"sni": names[0] if names else None, "client_cert": subject.get("commonName")}

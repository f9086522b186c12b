"""The server's own check of a digest answer (RFC 7616, qop `auth` or none)."""
import hashlib
import re

_FIELD = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))')
_HASHES = {"MD5": "md5", "MD5-SESS": "md5", "SHA": "sha1", "SHA-256": "sha256", "SHA-512": "sha512"}


def is_valid(header: str, request_line: str, user: str, password: str) -> bool:
    """Whether the answer belongs to this request, this user and this password."""
    given = {m[1].lower(): m[3] if m[2] is None else m[2] for m in _FIELD.finditer(header[len("Digest ") :])}
    algorithm = given.get("algorithm", "MD5").upper()
    method, target = request_line.split(" ")[:2]
    if algorithm not in _HASHES or (given.get("username"), given.get("uri")) != (user, target):
        return False

    def joined(*parts):
        text = ":".join(str(part) for part in parts)
        return hashlib.new(_HASHES[algorithm], text.encode("utf-8")).hexdigest()

    secret = joined(user, given.get("realm"), password)
    if algorithm.endswith("-SESS"):
        secret = joined(secret, given.get("nonce"), given.get("cnonce"))
    once = [given.get("nonce")]
    if "qop" in given:
        once += [given.get("nc"), given.get("cnonce"), given["qop"]]
    return given.get("response") == joined(secret, *once, joined(method, target))

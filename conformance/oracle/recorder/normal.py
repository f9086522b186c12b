"""Placeholders for what differs between clients for no reason (FORMAT.md, section 4)."""
import re

import requests.utils

BOUNDARY = "0123456789abcdef0123456789abcdef"
_DEFAULTS = requests.utils.default_headers()


def header(name: str, value) -> str:
    """A header value as it is recorded."""
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if not isinstance(value, str):
        return str(value)
    match name.lower():
        case "user-agent" if value == _DEFAULTS["User-Agent"]:
            return "USER-AGENT"
        case "user-agent" if value.startswith("python-urllib3/"):
            return "TRANSPORT-USER-AGENT"
        case "accept-encoding" if value == _DEFAULTS["Accept-Encoding"]:
            return "ACCEPT-ENCODING"
    return value.replace(BOUNDARY, "BOUNDARY")


def credentials(value: str) -> str:
    """A digest answer without what its random nonce changes."""
    return re.sub(r'\b(cnonce|response)="[^"]*"', lambda m: f'{m[1]}="{m[1].upper()}"', value)


def body(data: bytes) -> bytes:
    """A body with the multipart boundary replaced."""
    return data.replace(BOUNDARY.encode(), b"BOUNDARY")

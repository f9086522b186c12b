"""Values of the vector files as Python values, and back (FORMAT.md, section 2)."""
import base64
import hashlib
import math

INLINE_BYTES_MAX = 3000
_PLAIN = frozenset(range(32, 127)) | {9, 10, 13}


def octets(form) -> bytes:
    """An input byte string; absent means empty."""
    match form:
        case None:
            return b""
        case str():
            return form.encode("latin-1")
        case {"b64": text}:
            return base64.b64decode(text)
        case {"bytes": text}:
            return text.encode("latin-1")
        case {"utf8": text}:
            return text.encode("utf-8")
        case {"repeat": [part, count]}:
            return octets(part) * count
        case {"parts": parts}:
            return b"".join(map(octets, parts))
    raise ValueError(f"no byte string: {form!r}")


def show_octets(data: bytes | None):
    """The output form of a byte string; a long one is recorded by its length and hash."""
    if data is None:
        return None
    data = bytes(data)
    if len(data) > INLINE_BYTES_MAX:
        return {"len": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    if _PLAIN.issuperset(data):
        return data.decode("ascii")
    return {"b64": base64.b64encode(data).decode("ascii")}


def text_or_octets(form):
    """Where the API takes both, only a tagged object is bytes. Numbers and the like stay."""
    return octets(form) if isinstance(form, dict) else form


def show_either(value):
    """The output form where text and bytes have to be told apart."""
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": bytes(value).decode("latin-1")}
    return value


def _items(form):
    return [text_or_octets(x) for x in form] if isinstance(form, list) else text_or_octets(form)


def mapping(form):
    """Pairs become a dict, tagged pairs a dict or a list of pairs; text and bytes stay what they are."""
    match form:
        case list() | {"map": list()}:
            pairs = form if isinstance(form, list) else form["map"]
            return {text_or_octets(k): _items(v) for k, v in pairs}
        case {"list": pairs}:
            return [(text_or_octets(k), _items(v)) for k, v in pairs]
    return text_or_octets(form)


def show_pairs(found):
    """A mapping in its own order."""
    return None if found is None else [[show_either(k), show_either(v)] for k, v in found.items()]


def json_value(form):
    """A JSON body, with the numbers that JSON cannot write."""
    match form:
        case {"$float": text} if len(form) == 1:
            return float(text)
        case dict():
            return {k: json_value(v) for k, v in form.items()}
        case list():
            return [json_value(v) for v in form]
    return form


def show_json(value):
    """The inverse of `json_value`."""
    match value:
        case float() if not math.isfinite(value):
            return {"$float": str(value)}
        case dict():
            return {k: show_json(v) for k, v in value.items()}
        case list():
            return [show_json(v) for v in value]
    return value

"""Reading a response step by step (FORMAT.md, section 3.5)."""
from . import results
from .values import octets, show_json, show_octets


def _chunks(spec: dict, iterate, **options) -> dict:
    """As many items as wanted; what came before an error counts."""
    got: list = []
    try:
        for item in iterate(decode_unicode=spec.get("decode", False), **options):
            got.append(item if isinstance(item, str) else show_octets(item))
            if len(got) >= spec.get("max", float("inf")):
                break
    except Exception as raised:  # noqa: BLE001
        return {"chunks": got, "error": results.error(raised)}
    return {"chunks": got}


def _content(response, spec):
    return _chunks(spec, response.iter_content, chunk_size=spec["iter_content"])


def delimiter(form, decode: bool):
    """The delimiter of lines is bytes, unless the lines are text."""
    return form if form is None or decode else octets(form)


def _lines(response, spec):
    lines = spec["iter_lines"]
    end = delimiter(lines.get("delimiter"), spec.get("decode", False))
    return _chunks(spec, response.iter_lines, chunk_size=lines.get("chunk_size", 512), delimiter=end)


def _set_encoding(response, spec):
    response.encoding = spec["set_encoding"]
    return {}


def _close(response, _spec):
    response.close()
    return {}


def _raise_for_status(response, _spec):
    response.raise_for_status()
    return {"raised": False}


def _raw(response, spec):
    decode = spec.get("decode_content", False)
    return {"raw": show_octets(response.raw.read(spec["raw_read"], decode_content=decode))}


_STEPS = {
    "iter_content": _content,
    "iter_lines": _lines,
    "content": lambda response, _: {"content": show_octets(response.content)},
    "text": lambda response, _: {"text": response.text},
    "json": lambda response, _: {"json": show_json(response.json())},
    "set_encoding": _set_encoding,
    "close": _close,
    "raise_for_status": _raise_for_status,
    "raw_read": _raw,
}


def perform(response, spec: dict) -> dict:
    """One step, and what it gives."""
    step = next(_STEPS[name] for name in _STEPS if name in spec)
    try:
        return step(response, spec)
    except Exception as raised:  # noqa: BLE001
        return {"error": results.error(raised)}

"""Reading the content of a response."""
from requests import HTTPError, utils
from requests.models import Response

from ..handmade import response_of
from ..reads import delimiter
from ..values import octets, show_either, show_json, text_or_octets


def iter_content(case):
    items = response_of(case).iter_content(case.get("size", 1), decode_unicode=case.get("decode", False))
    return [show_either(item) for item in items]


def iter_lines(case):
    decode = case.get("decode", False)
    end = delimiter(case.get("delimiter"), decode)
    items = response_of(case).iter_lines(case.get("size", 512), decode_unicode=decode, delimiter=end)
    return [show_either(item) for item in items]


def response_text(case):
    response = response_of(case)
    return {"encoding": response.encoding, "text": response.text}


def response_json(case):
    return show_json(response_of(case).json())


def guess_json_utf(case):
    return utils.guess_json_utf(octets(case["body"]))


def raise_for_status(case):
    response = Response()
    response.status_code, response.url = case["status"], case.get("url", "http://example.com/")
    response.reason = text_or_octets(case["reason"])
    try:
        response.raise_for_status()
    except HTTPError as raised:
        return {"ok": response.ok, "message": str(raised)}
    return {"ok": response.ok, "message": None}

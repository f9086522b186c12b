"""Responses: parsing of their headers, and reading their content."""
from requests import HTTPError, utils
from requests.models import Response
from requests.structures import CaseInsensitiveDict

from ..handmade import response_of
from ..reads import delimiter
from ..values import mapping, octets, show_either, show_json, show_pairs, text_or_octets


def _content_type(case):
    kind, params = utils._parse_content_type_header(case["value"])
    return {"type": kind, "params": show_pairs(params)}


def _iter_content(case):
    items = response_of(case).iter_content(case.get("size", 1), decode_unicode=case.get("decode", False))
    return [show_either(item) for item in items]


def _iter_lines(case):
    decode = case.get("decode", False)
    end = delimiter(case.get("delimiter"), decode)
    items = response_of(case).iter_lines(case.get("size", 512), decode_unicode=decode, delimiter=end)
    return [show_either(item) for item in items]


def _text(case):
    response = response_of(case)
    return {"encoding": response.encoding, "text": response.text}


def _raise_for_status(case):
    response = Response()
    response.status_code, response.url = case["status"], case.get("url", "http://example.com/")
    response.reason = text_or_octets(case["reason"])
    try:
        response.raise_for_status()
    except HTTPError as raised:
        return {"ok": response.ok, "message": str(raised)}
    return {"ok": response.ok, "message": None}


FUNCTIONS = {
    "get_encoding_from_headers": lambda case: utils.get_encoding_from_headers(
        CaseInsensitiveDict(mapping(case["headers"]))
    ),
    "parse_content_type": _content_type,
    "parse_header_links": lambda case: list(map(show_pairs, utils.parse_header_links(case["value"]))),
    "links": lambda case: [[key, show_pairs(link)] for key, link in response_of(case).links.items()],
    "parse_dict_header": lambda case: show_pairs(utils.parse_dict_header(case["value"])),
    "parse_list_header": lambda case: utils.parse_list_header(case["value"]),
    "unquote_header_value": lambda case: utils.unquote_header_value(case["value"], case.get("is_filename", False)),
    "iter_content": _iter_content,
    "iter_lines": _iter_lines,
    "response_text": _text,
    "response_json": lambda case: show_json(response_of(case).json()),
    "guess_json_utf": lambda case: utils.guess_json_utf(octets(case["body"])),
    "raise_for_status": _raise_for_status,
}

"""Parsing of header values."""
from requests import utils
from requests.structures import CaseInsensitiveDict

from ..handmade import response_of
from ..values import mapping, show_pairs


def get_encoding_from_headers(case):
    return utils.get_encoding_from_headers(CaseInsensitiveDict(mapping(case["headers"])))


def parse_content_type(case):
    kind, params = utils._parse_content_type_header(case["value"])
    return {"type": kind, "params": show_pairs(params)}


def parse_header_links(case):
    return [show_pairs(link) for link in utils.parse_header_links(case["value"])]


def links(case):
    return [[key, show_pairs(link)] for key, link in response_of(case).links.items()]


def parse_dict_header(case):
    return show_pairs(utils.parse_dict_header(case["value"]))


def parse_list_header(case):
    return utils.parse_list_header(case["value"])


def unquote_header_value(case):
    return utils.unquote_header_value(case["value"], case.get("is_filename", False))

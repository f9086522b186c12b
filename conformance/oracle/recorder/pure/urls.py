"""URLs, their parts, and addresses."""
from requests import utils
from requests.models import PreparedRequest

from ..values import mapping, show_either, text_or_octets


def _prepared(case):
    request = PreparedRequest()
    request.prepare_url(text_or_octets(case["url"]), mapping(case.get("params")))
    return request


def prepare_url(case):
    return _prepared(case).url


def path_url(case):
    return _prepared(case).path_url


def encode_params(case):
    return show_either(PreparedRequest._encode_params(mapping(case["params"])))


def requote_uri(case):
    return utils.requote_uri(case["uri"])


def unquote_unreserved(case):
    return utils.unquote_unreserved(case["uri"])


def get_auth_from_url(case):
    return list(utils.get_auth_from_url(case["url"]))


def prepend_scheme_if_needed(case):
    return utils.prepend_scheme_if_needed(case["url"], case["scheme"])


def urldefragauth(case):
    return utils.urldefragauth(case["url"])


def is_ipv4_address(case):
    return utils.is_ipv4_address(case["value"])


def is_valid_cidr(case):
    return utils.is_valid_cidr(case["value"])


def address_in_network(case):
    return utils.address_in_network(case["ip"], case["net"])


def dotted_netmask(case):
    return utils.dotted_netmask(case["bits"])

"""URLs, their parts, and addresses."""
from requests import utils
from requests.models import PreparedRequest

from ..values import mapping, show_either, text_or_octets


def _prepared(case):
    request = PreparedRequest()
    request.prepare_url(text_or_octets(case["url"]), mapping(case.get("params")))
    return request


FUNCTIONS = {
    "prepare_url": lambda case: _prepared(case).url,
    "path_url": lambda case: _prepared(case).path_url,
    "encode_params": lambda case: show_either(PreparedRequest._encode_params(mapping(case["params"]))),
    "requote_uri": lambda case: utils.requote_uri(case["uri"]),
    "unquote_unreserved": lambda case: utils.unquote_unreserved(case["uri"]),
    "get_auth_from_url": lambda case: list(utils.get_auth_from_url(case["url"])),
    "prepend_scheme_if_needed": lambda case: utils.prepend_scheme_if_needed(case["url"], case["scheme"]),
    "urldefragauth": lambda case: utils.urldefragauth(case["url"]),
    "is_ipv4_address": lambda case: utils.is_ipv4_address(case["value"]),
    "is_valid_cidr": lambda case: utils.is_valid_cidr(case["value"]),
    "address_in_network": lambda case: utils.address_in_network(case["ip"], case["net"]),
    "dotted_netmask": lambda case: utils.dotted_netmask(case["bits"]),
}

"""Responses that no server sent, for functions that only look at one."""
import io
import types

from requests import utils
from requests.models import Response
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPHeaderDict

from .values import octets


def response_of(spec, url="http://example.com/") -> Response:
    """A response that has been read, or one that is still to be read from `chunks`."""
    response = Response()
    response.status_code, response.reason, response.url = spec.get("status", 200), "OK", url
    response.headers = CaseInsensitiveDict(HTTPHeaderDict(map(tuple, spec.get("headers", []))))
    response.encoding = utils.get_encoding_from_headers(response.headers)
    if "chunks" in spec:
        chunks = [octets(chunk) for chunk in spec["chunks"]]
        response.raw = types.SimpleNamespace(stream=lambda _size, decode_content: iter(chunks))
    else:
        response._content, response._content_consumed = octets(spec.get("body")), True
        response.raw = io.BytesIO()
    if "encoding" in spec:
        response.encoding = spec["encoding"]
    return response

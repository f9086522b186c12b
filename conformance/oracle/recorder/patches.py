"""Leads the sockets of the client under test to the scripted network and fixes what is random."""
import contextlib
import ipaddress
import socket

import requests.models
import socks
import urllib3.connectionpool
import urllib3.filepost
import urllib3.util.connection
from urllib3.exceptions import LocationParseError

from . import normal
from .surroundings import replaced

LOOPBACK = "127.0.0.1"
SOCKS_PORT = 1080


def boundary():
    """Multipart bodies get the boundary that `normal` knows."""

    def encode(fields, boundary=None):
        return urllib3.filepost.encode_multipart_formdata(fields, boundary or normal.BOUNDARY)

    return replaced((requests.models, "encode_multipart_formdata", encode))


def _connecting(network):
    """`urllib3.util.connection.create_connection`, for direct connections and HTTP proxies."""

    def connect(address, timeout=None, source_address=None, socket_options=None):
        host, port = address
        host = host.removeprefix("[").removesuffix("]")
        try:
            host.encode("idna")
        except UnicodeError:
            raise LocationParseError(f"'{host}', label empty or too long") from None
        loopback_port = network.dial(host, port)
        made = socket.socket()
        for option in socket_options or ():
            made.setsockopt(*option)
        if timeout is None or isinstance(timeout, (int, float)):
            made.settimeout(timeout)
        made.connect((LOOPBACK, loopback_port))
        return made

    return connect


def _connecting_by_socks(network, real):
    """`socks.create_connection`: the proxy is scripted, PySocks speaks the protocol itself."""

    def connect(destination, *, proxy_addr, proxy_port=None, **options):
        try:
            loopback_port = network.dial(proxy_addr, proxy_port or SOCKS_PORT)
        except OSError as error:
            raise socks.ProxyConnectionError("cannot connect to the SOCKS proxy", error) from error
        for unused in ("source_address", "socket_options"):
            options.pop(unused, None)
        return real(destination, proxy_addr=LOOPBACK, proxy_port=loopback_port, **options)

    return connect


def _resolving(network):
    """`socket.gethostbyname` and what `socket.getaddrinfo` has to look up instead of its host."""

    def resolve(host):
        name = host.decode("ascii") if isinstance(host, bytes) else host
        try:
            return str(ipaddress.ip_address(name))
        except ValueError:
            return network.resolve(name)

    return resolve


@contextlib.contextmanager
def client(network):
    """While it is open, requests sees only `network`, and sends nothing before that is at rest."""
    resolve, getaddrinfo = _resolving(network), socket.getaddrinfo
    pool = urllib3.connectionpool.HTTPConnectionPool
    urlopen = pool.urlopen

    def urlopen_when_settled(self, *args, **options):
        network.settle()
        return urlopen(self, *args, **options)

    with boundary(), replaced(
        (urllib3.util.connection, "create_connection", _connecting(network)),
        (socks, "create_connection", _connecting_by_socks(network, socks.create_connection)),
        (socket, "gethostbyname", resolve),
        (socket, "getaddrinfo", lambda host, *rest, **named: getaddrinfo(resolve(host), *rest, **named)),
        (pool, "urlopen", urlopen_when_settled),
    ):
        yield

"""SOCKS 4, 4a (openssh.com/txt/socks4.protocol) and 5 (RFC 1928, 1929) as the scripted side speaks them."""
import ipaddress
import socket

from .connection import Connection

NO_AUTHENTICATION, USER_AND_PASSWORD, NONE_ACCEPTABLE = 0, 2, 0xFF
GRANTED_4, GRANTED_5 = 90, 0


class _SocksConnection(Connection):
    """Logs the handshake, then relays to the server that was asked for."""

    VERSION = 0

    def run(self):
        self.await_bytes()
        self.take(1)
        seen = {"version": self.VERSION}
        granted = self.shake_hands(seen, self.server.spec.get("socks", {}))
        if granted:
            target = self.network.behind(seen["address"], seen["port"])
            if target is not None:
                self.relay(target)

    def shake_hands(self, seen: dict, script: dict) -> bool:
        raise NotImplementedError

    def log(self, seen: dict):
        self.network.log({"server": self.server.index, "conn": self.number, "socks": seen})

    def take_counted(self) -> bytes:
        """A field behind its length in one byte."""
        return self.take(self.take(1)[0])

    def take_port(self) -> int:
        return int.from_bytes(self.take(2), "big")


class Socks4Connection(_SocksConnection):
    VERSION = 4

    def shake_hands(self, seen, script):
        command, port, address = self.take(1)[0], self.take_port(), self.take(4)
        seen["user"] = self.take_until(b"\0")[:-1].decode("latin-1")
        kind, text = "ipv4", socket.inet_ntoa(address)
        # 4a: the address 0.0.0.x says that a name follows.
        if address[:3] == b"\0\0\0" and address[3]:
            kind, text = "domain", self.take_until(b"\0")[:-1].decode("latin-1")
        seen |= {"command": command, "address_type": kind, "address": text, "port": port}
        self.log(seen)
        code = script.get("reply", GRANTED_4)
        self.socket.sendall(bytes([0, code, 0, 0, 0, 0, 0, 0]))
        return code == GRANTED_4


class Socks5Connection(_SocksConnection):
    VERSION = 5

    def shake_hands(self, seen, script):
        seen["methods"] = list(self.take_counted())
        if not self._authenticate(seen, script.get("auth")):
            seen["refused"] = True
            self.log(seen)
            return False
        command = self.take(3)[1]
        kind, address = self._take_address()
        seen |= {"command": command, "address_type": kind, "address": address, "port": self.take_port()}
        self.log(seen)
        code = script.get("reply", GRANTED_5)
        self.socket.sendall(bytes([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))
        return code == GRANTED_5

    def _authenticate(self, seen, wanted) -> bool:
        if not wanted:
            seen["auth"] = None
            self.socket.sendall(bytes([5, NO_AUTHENTICATION]))
            return True
        if USER_AND_PASSWORD not in seen["methods"]:
            self.socket.sendall(bytes([5, NONE_ACCEPTABLE]))
            return False
        self.socket.sendall(bytes([5, USER_AND_PASSWORD]))
        self.take(1)
        seen["auth"] = [self.take_counted().decode("latin-1") for _ in ("user", "password")]
        is_right = seen["auth"] == wanted
        self.socket.sendall(bytes([1, 0 if is_right else 1]))
        return is_right

    def _take_address(self) -> tuple[str, str]:
        match self.take(1)[0]:
            case 1:
                return "ipv4", socket.inet_ntoa(self.take(4))
            case 4:
                return "ipv6", str(ipaddress.IPv6Address(self.take(16)))
        return "domain", self.take_counted().decode("latin-1")

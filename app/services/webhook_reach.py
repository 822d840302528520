"""Which machines the office calls because a platform's address says so: those of the public internet, and networks that a setting names.

An address is typed by one person and a name is answered by somebody else's server, today so and tomorrow otherwise. So what counts is the
very address that is connected to: the name is asked once, and the connection goes to what was answered and looked at.
"""

import ipaddress
import socket
import time
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


class OutOfReach(OSError):
    """The name leads only to addresses that the office does not call."""


def networks(text: str) -> tuple[Network, ...]:
    """ "10.1.0.0/16, fd00:1::/32" as networks. Raises ValueError."""
    return tuple(ipaddress.ip_network(one) for one in text.replace(",", " ").split())


def may_be_called(address: str, also: Sequence[Network]) -> bool:
    """`address`: as the resolver gave it. What an IPv6 address hides (mapped, translated, 6to4) is looked at in its stead."""
    found = _bare(ipaddress.ip_address(address.partition("%")[0]))
    if any(found in network for network in also):
        return True
    return found.is_global and not found.is_multicast and not found.is_reserved


def connect(host: str, port: int, until: float, also: Sequence[Network]) -> socket.socket:
    """A connection before `until` (of the monotonic clock). Raises OutOfReach, or what the last of the addresses answered."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    allowed = [each for each in found if may_be_called(str(each[4][0]), also)]
    if not allowed:
        raise OutOfReach
    for family, kind, protocol, _, address in allowed[:-1]:
        try:
            return _connected(family, kind, protocol, address, until)
        except OSError:
            continue
    family, kind, protocol, _, address = allowed[-1]
    return _connected(family, kind, protocol, address, until)


def _connected(family: int, kind: int, protocol: int, address: tuple[object, ...], until: float) -> socket.socket:
    line = socket.socket(family, kind, protocol)
    try:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        line.settimeout(left)
        line.connect(address)
    except BaseException:
        line.close()
        raise
    return line


def _bare(address: _Address) -> _Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address

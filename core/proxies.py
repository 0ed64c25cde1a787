"""Which proxies are believed when they say whom they speak for."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, Self

UNIX: Final = "unix"
"""Whoever connects through a Unix socket: it has no address."""
MOST_HOPS: Final = 10


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """Proxies by their addresses, or by how many of them stand in a row in front of us."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    unix: bool = False
    hops: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """``10.0.0.1, 172.16.0.0/12, unix``, or a number of hops; raises `ValueError` for anything else."""
        if text.strip().isascii() and text.strip().isdigit():
            if int(text) > MOST_HOPS:
                raise ValueError(f"{text.strip()} proxies in a row are too many to be meant")
            return cls(hops=int(text))
        entries = [entry.strip() for entry in text.split(",") if entry.strip()]
        networks = tuple(_network(entry) for entry in entries if entry != UNIX)
        return cls(networks, unix=UNIX in entries)

    def outermost(self, peer: str, forwarded: Sequence[str]) -> str | None:
        """The address that the outermost trusted proxy saw; None when the connection itself counts.

        ``forwarded`` is `X-Forwarded-For`: each proxy appends whom it was called by, so that it is read
        from its end, and only as far as it was written by somebody who is trusted.
        """
        if self.hops:
            return plain_address(forwarded[-self.hops]) if len(forwarded) >= self.hops else None
        seen, here = None, peer
        for told in reversed(forwarded):
            if not self._trusts(here):
                break
            address = plain_address(told)
            if address is None:
                break
            seen = here = address
        return seen

    def _trusts(self, address: str) -> bool:
        plain = plain_address(address)
        if plain is None:
            return self.unix and not address
        return any(ip_address(plain) in network for network in self.networks)


def plain_address(text: str) -> str | None:
    """An address without its port and brackets, IPv4 as itself; None for what is none."""
    for candidate in (text, text.removeprefix("[").partition("]")[0], text.rpartition(":")[0]):
        try:
            parsed = ip_address(candidate)
        except ValueError:
            continue
        return str(getattr(parsed, "ipv4_mapped", None) or parsed)
    return None


def _network(entry: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(entry)
    except ValueError as fault:
        raise ValueError(
            f"{entry!r} is no address and no network; name the proxies (10.0.0.1, 172.16.0.0/12, unix)"
            " or say how many there are in a row (1)"
        ) from fault

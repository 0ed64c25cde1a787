"""Whom a forwarded request comes from, as far as those who say it are trusted."""

import pytest

from core.proxies import TrustedProxies

LEAD, PROXY, OUTER, FORGED = "203.0.113.7", "10.0.0.1", "172.16.3.4", "198.51.100.66"


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "outermost"),
    [
        ("", PROXY, [LEAD], None),
        (PROXY, PROXY, [LEAD], LEAD),
        (PROXY, LEAD, [FORGED], None),
        (PROXY, PROXY, [FORGED, LEAD], LEAD),
        (PROXY, PROXY, [], None),
        (PROXY, PROXY, [FORGED, OUTER], OUTER),
        ("10.0.0.1, 172.16.0.0/12", PROXY, [FORGED, LEAD, OUTER], LEAD),
        ("10.0.0.0/8", PROXY, ["10.1.1.1", "10.2.2.2"], "10.1.1.1"),
        (PROXY, f"::ffff:{PROXY}", [f"::ffff:{LEAD}"], LEAD),
        (PROXY, PROXY, ["unknown"], None),
        (PROXY, PROXY, [LEAD, ""], None),
        (PROXY, PROXY, ["x" * 10_000], None),
        (PROXY, PROXY, [f"{LEAD}:4711"], LEAD),
        ("fd00::/8", "fd00::1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("unix", "", [LEAD], LEAD),
        ("unix", PROXY, [LEAD], None),
        (PROXY, "", [LEAD], None),
        ("1", PROXY, [FORGED, LEAD], LEAD),
        ("1", "", [FORGED, LEAD], LEAD),
        ("2", PROXY, [FORGED, LEAD, OUTER], LEAD),
        ("2", PROXY, [FORGED], None),
        ("0", PROXY, [FORGED], None),
    ],
)
def test_only_who_is_trusted_is_believed(
    trusted: str, peer: str, forwarded: list[str], outermost: str | None
) -> None:
    assert TrustedProxies.parse(trusted).outermost(peer, forwarded) == outermost


@pytest.mark.parametrize("text", ["*", "proxy.internal", "10.0.0.1/8/8", "10.0.0.300", "99", "-1", "²"])
def test_what_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|too many"):
        TrustedProxies.parse(text)

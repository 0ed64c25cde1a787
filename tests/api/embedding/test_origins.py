"""Origins as owners write them."""

import pytest

from api.embedding.origins import allows, plain_origin


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("www.Example.com/courses?a=b", "https://www.example.com"),
        ("https://shop.example.com:443/", "https://shop.example.com"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("*.example.com", "https://*.example.com"),
        ("https://müller.example", "https://xn--mller-kva.example"),
        ("https://user:password@example.com", "https://example.com"),
    ],
)
def test_a_website_is_its_origin(written: str, origin: str) -> None:
    assert plain_origin(written) == origin


@pytest.mark.parametrize(
    "written",
    [
        "",
        "*",
        "https://*",
        "https://*.com",
        "https://a.*.com",
        "https://example.com; script-src *",
        "https://example.com,https://other.com",
        "https://exa mple.com",
        "javascript:alert(1)",
        "ftp://example.com",
        "https://example.com:99999",
    ],
)
def test_what_is_no_website_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="website"):
        plain_origin(written)


@pytest.mark.parametrize(
    ("allowed", "origin", "may"),
    [
        ("https://example.com", "https://example.com", True),
        ("https://example.com", "http://example.com", False),
        ("http://example.com", "https://example.com", True),
        ("https://example.com", "https://www.example.com", False),
        ("https://*.example.com", "https://a.b.example.com", True),
        ("https://*.example.com", "https://example.com", False),
        ("https://*.example.com", "https://badexample.com", False),
        ("https://example.com", "null", False),
    ],
)
def test_it_allows_what_browsers_allow(allowed: str, origin: str, may: bool) -> None:
    assert allows([allowed], origin) is may

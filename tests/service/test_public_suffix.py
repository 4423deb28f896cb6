"""The registrable domain of whatever names a company on the Internet (rules §3)."""

import pytest

from service.public_suffix import registrable_domain


@pytest.mark.parametrize(
    "text",
    [
        "acme.example",
        "www.acme.example",
        "WWW.ACME.EXAMPLE.",
        "https://shop.acme.example:8443/de?x=1#top",
        "//acme.example/",
        "mailto:info@acme.example",
        "Info <info@acme.example"[6:],
        "user:secret@acme.example/path@elsewhere.example",
        "  acme.example\n",
        "acme.example?q=a@b.example",
    ],
)
def test_a_host_an_address_and_an_e_mail_give_the_registrable_domain(text: str) -> None:
    """A suffix that is not on the list counts as one label, so `acme.example` is registrable."""
    assert registrable_domain(text) == "acme.example"


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("shop.acme.co.uk", "acme.co.uk"),
        ("a.b.acme.com.au", "acme.com.au"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),
        ("MÜNCHEN.de", "xn--mnchen-3ya.de"),
        ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("www.例え.jp", "xn--r8jz45g.jp"),
        ("faß.de", "xn--fa-hia.de"),
        ("acme.github.io", "acme.github.io"),
        ("github.io", "github.io"),
        ("gmail.com", "gmail.com"),
    ],
)
def test_the_public_suffix_list_says_where_a_domain_begins(text: str, domain: str) -> None:
    assert registrable_domain(text) == domain


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "localhost",
        "com",
        "co.uk",
        "127.0.0.1",
        "http://[::1]:8000/",
        "10.0.0.999",
        "acme..example",
        "-acme.example",
        "acme .example",
        "a" * 64 + ".example",
        "é" * 80 + ".example",
        "a." * 130 + "example",
        "info@",
        "acme\0.example",
        "\ud800.example",
        "x" * 5_000,
    ],
)
def test_what_has_no_registrable_domain_gives_none(text: str) -> None:
    assert registrable_domain(text) is None

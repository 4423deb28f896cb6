"""The registrable domain of whatever names a company on the Internet (rules §3)."""

import pytest

from domain.free_mail import FREE_MAIL_DOMAINS
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
        "Info <info@acme.example>",
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
        ("Müller <kontakt@www.MÜNCHEN.de>", "xn--mnchen-3ya.de"),
        ("XN--MNCHEN-3YA.DE", "xn--mnchen-3ya.de"),
        ("www.пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("acme。example", "acme.example"),
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


def test_every_free_mail_domain_is_written_as_those_of_registrations_are() -> None:
    """A longer host (`vip.qq.com`) or a bare suffix on the list would never be met."""
    assert {domain for domain in FREE_MAIL_DOMAINS if registrable_domain(f"someone@{domain}") != domain} == set()


@pytest.mark.parametrize(
    "text",
    [
        *("jo@gmail.com", "jo@fibertel.com.ar", "jo@a1.net", "jo@bigpond.net.au", "jo@skynet.be", "jo@abv.bg"),
        *("jo@uol.com.br", "jo@sympatico.ca", "jo@vip.qq.com", "jo@cytanet.com.cy", "jo@seznam.cz", "jo@web.de"),
        *("jo@mail.dk", "jo@mail.ee", "jo@terra.es", "jo@luukku.com", "jo@laposte.net", "jo@btinternet.com"),
        *("jo@otenet.gr", "jo@net.hr", "jo@freemail.hu", "jo@telkom.net", "jo@eircom.net", "jo@rediffmail.com"),
        *("jo@libero.it", "jo@yahoo.co.jp", "jo@naver.com", "jo@inbox.lt", "jo@pt.lu", "jo@inbox.lv", "jo@onvol.net"),
        *("jo@prodigy.net.mx", "jo@ziggo.nl", "jo@wp.pl", "jo@sapo.pt", "jo@rdslink.ro", "jo@mail.ru"),
        *("jo@outlook.sa", "jo@telia.com", "jo@siol.net", "jo@azet.sk", "jo@mynet.com", "jo@comcast.net"),
        *("jo@mweb.co.za", "jo@proton.me", "jo@privaterelay.appleid.com"),
    ],
)
def test_an_address_at_a_mail_host_of_any_country_names_no_company(text: str) -> None:
    """One of each country of the G20 and of the European Union."""
    assert registrable_domain(text) in FREE_MAIL_DOMAINS

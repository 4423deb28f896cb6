"""The registrable domain of whatever names a company on the Internet (rules §3, matching accounts).

By the public suffix list with its default rule, in the snapshot that comes with the library: nothing is fetched and
nothing written. What it decided for a registration is in the registration's event.
"""

import ipaddress
import re
from functools import lru_cache

import idna
import tldextract

_LONGEST_TEXT = 2_000
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PLAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
"""A host name that needs no reading: most are written so."""
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|mailto:", re.IGNORECASE)
_split = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True, include_psl_private_domains=True
)


def registrable_domain(text: str) -> str | None:
    """The registrable domain of a host name, an address of the Web or an e-mail address, in lower case and punycode.

    `www.Acme.example`, `https://shop.acme.example/de?x=1` and `info@acme.example` all give `acme.example`: a suffix
    that is not on the list counts as one label. None when there is none: an IP address,
    a single label, a bare suffix.
    """
    host = text if len(text) <= 253 and _PLAIN.fullmatch(text) else _host(text)
    return None if host is None or len(host) > 253 else _registrable(host)


@lru_cache(maxsize=512)
def _registrable(host: str) -> str | None:
    labels = host.split(".")
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        return None
    found = _split(host)
    if not found.suffix:
        return ".".join(labels[-2:])
    if found.domain:
        return f"{found.domain}.{found.suffix}"
    if found.is_private and found.suffix != found.registry_suffix:
        # The owner of a suffix under which others register, such as `github.io`, is a company too.
        below = found.registry_suffix.count(".") + 2
        return ".".join(labels[-below:])
    return None


def _host(text: str) -> str | None:
    """The host name in a text, as the domain name system writes it."""
    trimmed = _SCHEME.sub("", text[:_LONGEST_TEXT].strip(), count=1)
    host = re.split(r"[/?#\\]", trimmed, maxsplit=1)[0].rpartition("@")[2].removesuffix(">")
    host = re.sub(r":[0-9]*$", "", host).rstrip(".")
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        pass
    else:
        return None
    try:
        return host.lower() if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return None

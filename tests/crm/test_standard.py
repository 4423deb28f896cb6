"""Standard Webhooks 1.0: what is let in, and what is turned away (crm-webhooks, §0 and §5)."""

import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from domain.ids import Instant
from service.crm.standard import BadSignature, signed_headers, verified_id
from service.source_commands import new_secret, secret_is_usable

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SENT_AT = Instant(1614265330 * 1_000_000)
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
MINUTE = 60 * 1_000_000


def test_the_published_vector_is_signed_and_verified() -> None:
    """The signature of the published example is ours, and is accepted."""
    assert signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", SENT_AT, BODY, SECRET) == HEADERS
    assert verified_id(HEADERS, BODY, [SECRET], SENT_AT) == "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_what_the_published_library_signs_is_verified_and_the_other_way_round() -> None:
    """Both implementations agree on a body that is not ASCII."""
    body = '{"account":"Süßwaren & Söhne"}'.encode()
    now = datetime.now(UTC)
    theirs = Webhook(SECRET).sign("msg_1", now, body.decode())
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": theirs}
    at = Instant(int(now.timestamp()) * 1_000_000)
    assert verified_id(headers, body, [SECRET], at) == "msg_1"
    Webhook(SECRET).verify(body, signed_headers("msg_1", at, body, SECRET))


def test_a_body_changed_by_one_byte_is_refused() -> None:
    """The signature covers the raw bytes, white space included."""
    with pytest.raises(BadSignature):
        verified_id(HEADERS, BODY.replace(b": ", b":"), [SECRET], SENT_AT)


def test_each_of_several_secrets_is_good_during_rotation() -> None:
    """Signed with the old or the new secret, or with both: let in."""
    new = new_secret()
    old_one = signed_headers("msg_1", SENT_AT, BODY, SECRET)
    new_one = signed_headers("msg_1", SENT_AT, BODY, new)
    both = old_one | {"webhook-signature": f"{old_one['webhook-signature']} {new_one['webhook-signature']}"}
    for headers in (old_one, new_one, both):
        assert verified_id(headers, BODY, [new, SECRET], SENT_AT) == "msg_1"
    assert verified_id(both, BODY, [new], SENT_AT) == "msg_1"
    with pytest.raises(BadSignature):
        verified_id(old_one, BODY, [new], SENT_AT)


@pytest.mark.parametrize(
    ("off", "good"), [(-5 * MINUTE, True), (5 * MINUTE, True), (-5 * MINUTE - 1, False), (5 * MINUTE + 1, False)]
)
def test_a_timestamp_is_good_for_five_minutes_either_way(off: int, good: bool) -> None:
    """At exactly five minutes it is still good."""
    now = Instant(SENT_AT + off)
    if good:
        verified_id(HEADERS, BODY, [SECRET], now)
    else:
        with pytest.raises(BadSignature):
            verified_id(HEADERS, BODY, [SECRET], now)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": ""},
        {"webhook-id": "with space"},
        {"webhook-id": "x" * 256},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "-1614265330"},
        {"webhook-timestamp": "1614265330.5"},
        {"webhook-timestamp": "١٦١٤٢٦٥٣٣٠"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1a," + base64.b64encode(b"x" * 64).decode()},
        {"webhook-signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
        {"webhook-signature": "v1,é"},
    ],
)
def test_headers_of_another_form_are_refused(changed: dict[str, str]) -> None:
    """Nothing about the headers leads to anything but a refusal."""
    with pytest.raises(BadSignature):
        verified_id(HEADERS | changed, BODY, [SECRET], SENT_AT)


def test_a_secret_of_the_callers_choice_has_24_to_64_bytes() -> None:
    """The standard's bounds, and its prefix."""
    assert secret_is_usable(new_secret())
    assert secret_is_usable(SECRET)
    for bad in (
        "whsec_",
        "whsec_short",
        SECRET.removeprefix("whsec_"),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
    ):
        assert not secret_is_usable(bad)

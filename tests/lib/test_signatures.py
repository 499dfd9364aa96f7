"""Signatures of messages between servers."""

import pytest

from leadboard.lib.signatures import is_signed, new_signing_secret, sign_message, signing_key

# The example of the specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def headers(**other):
    return {"webhook-id": ID, "webhook-timestamp": str(AT), "webhook-signature": SIGNATURE, **other}


def test_the_example_of_the_specification_comes_out():
    assert sign_message(SECRET, ID, AT, BODY) == SIGNATURE


def test_any_of_several_signatures_and_secrets_may_fit():
    assert is_signed([SECRET], headers(), BODY, now_s=AT)
    assert is_signed(
        [new_signing_secret(), SECRET], headers(**{"webhook-signature": f"v1,xx v2,yy {SIGNATURE}"}), BODY, now_s=AT + 300
    )


@pytest.mark.parametrize(
    "other, body, now_s",
    [
        ({}, BODY + b" ", AT),
        ({}, BODY, AT + 301),
        ({}, BODY, AT - 301),
        ({"webhook-id": "msg_other"}, BODY, AT),
        ({"webhook-id": ""}, BODY, AT),
        ({"webhook-timestamp": str(AT + 1)}, BODY, AT),
        ({"webhook-timestamp": "soon"}, BODY, AT),
        ({"webhook-timestamp": "١٦١٤٢٦٥٣٣٠"}, BODY, AT),
        ({"webhook-signature": ""}, BODY, AT),
        ({"webhook-signature": SIGNATURE.removeprefix("v1,")}, BODY, AT),
        ({"webhook-signature": "v1,ü"}, BODY, AT),
    ],
)
def test_whatever_differs_is_not_signed(other, body, now_s):
    assert not is_signed([SECRET], headers(**other), body, now_s=now_s)


def test_no_secret_signs_nothing():
    assert not is_signed([], headers(), BODY, now_s=AT)
    assert not is_signed([""], headers(), BODY, now_s=AT)


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_c2hvcnQ=", "not base64 at all!", "whsec_" + "A" * 200])
def test_a_text_that_is_no_secret_is_refused(text):
    with pytest.raises(ValueError, match=r"bytes|base64"):
        signing_key(text)


def test_new_secrets_have_32_bytes_and_differ():
    assert len(signing_key(new_signing_secret())) == 32
    assert new_signing_secret() != new_signing_secret()

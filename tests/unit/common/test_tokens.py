"""Only our own, whole, current access tokens are believed."""

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from common import tokens
from common.errors import Unauthenticated
from tests.bad_tokens import bad_tokens
from tests.forge import Forge

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
KEYS = {"k1": jwt.PyJWK(tokens.public_jwk(KEY, "k1"), "ES256")}


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def claims(**changes):
    now = int(time.time())
    whole = {
        "sub": "u1",
        "sid": "s1",
        "roles": ["customer"],
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        "jti": "t1",
    }
    return {
        name: value for name, value in (whole | changes).items() if value is not None
    }


def signed(key=KEY, kid="k1", typ="at+jwt", **changes):
    whole = {"iss": "shopnow", "aud": "shopnow"} | claims(**changes)
    return jwt.encode(whole, pem(key), "ES256", headers={"kid": kid, "typ": typ})


def without_signature(alg):
    header = {"alg": alg, "typ": "at+jwt", "kid": "k1"}
    body = {"iss": "shopnow", "aud": "shopnow"} | claims()
    parts = [
        base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=")
        for p in (header, body)
    ]
    return b".".join([*parts, b""]).decode()


def signed_with_public_key():
    # PyJWT itself refuses a PEM as an HMAC secret, so an attacker's own code.
    secret = KEY.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    unsigned = without_signature("HS256").rstrip(".")
    mac = hmac.new(secret, unsigned.encode(), hashlib.sha256).digest()
    return f"{unsigned}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def tampered():
    header, body, signature = signed().split(".")
    fields = json.loads(base64.urlsafe_b64decode(body + "=="))
    fields["roles"] = ["admin"]
    forged = base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()
    return f"{header}.{forged}.{signature}"


def test_a_token_of_ours_names_its_caller():
    said = claims(seller_id="shop1")
    token = tokens.issue(said, pem(KEY), "k1")

    caller = tokens.read(token, KEYS)

    roles = frozenset({"customer"})
    assert caller == tokens.Caller("u1", "s1", roles, "shop1", said["exp"])


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        signed()[:-5],
        signed(key=OTHER_KEY),
        signed(kid="k2"),
        signed(kid="../../dev/null"),
        signed(kid="' OR 1=1 --"),
        signed(typ="JWT"),
        signed(exp=int(time.time()) - 60),
        signed(nbf=int(time.time()) + 86_400, exp=int(time.time()) + 90_000),
        signed(iss="someone"),
        signed(aud="someone"),
        signed(sub=None),
        signed(exp=None),
        signed(jti=None),
        signed(roles=None),
        signed(roles=5),
        signed(padding="x" * 9000),
        without_signature("none"),
        without_signature("nOnE"),
        signed_with_public_key(),
        tampered(),
        "é" * 20,
    ],
)
def test_anything_else_is_refused_in_the_same_words(token):
    with pytest.raises(Unauthenticated) as refusal:
        tokens.read(token, KEYS)

    assert refusal.value.args == tokens.bad_token().args


# For a day: what is made here may be used late in a long run.
FORGE = Forge("k1", KEY, signed(seller_id="s1", exp=int(time.time()) + 86_400))
BAD = bad_tokens(FORGE)


def test_the_forge_makes_good_tokens():
    assert tokens.read(FORGE.like(), KEYS).id == "u1"
    assert FORGE.genuine not in BAD.values()


@pytest.mark.parametrize("token", BAD.values(), ids=BAD)
def test_a_token_that_is_wrong_in_one_thing_is_refused(token):
    with pytest.raises(Unauthenticated) as refusal:
        tokens.read(token, KEYS)

    assert refusal.value.args == tokens.bad_token().args

"""Tokens that nobody may believe, each in one thing unlike a good one."""

import json
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from common.ids import new_id
from common.tokens import CLAIMS
from tests.forge import Forge, compact, segment


def bad_tokens(forge: Forge) -> dict[str, str]:
    """By what is wrong with them."""
    return {
        **other_algorithms(forge),
        **other_keys(forge),
        **other_headers(forge),
        **other_claims(forge),
        **other_times(forge),
        **other_spellings(forge),
    }


def other_algorithms(forge: Forge) -> dict[str, str]:
    said = ".".join(forge.genuine.split(".")[:2])
    nones = {
        f"alg {alg!r}, {end}": unsigned(forge, alg, signature)
        for alg in ("none", "None", "NONE", "nOnE", "", None, 0)
        for end, signature in (
            ("no signature", ""),
            ("the old signature", forge.genuine.split(".")[2]),
        )
    }
    return nones | {
        "HS256 with the public key": forge.mac(forge.public_pem),
        "HS256 with the public key, stripped": forge.mac(forge.public_pem.strip()),
        "HS256 with nothing": forge.mac(b""),
        "ES384 in name": forge.like({"alg": "ES384"}),
        "es256 in small letters": forge.like({"alg": "es256"}),
        "no algorithm": forge.sign(
            compact({"kid": forge.kid, "typ": "at+jwt"}), compact(forge.claims)
        ),
        "a signature of zeros": f"{said}.{segment(bytes(64))}",
        "no signature": f"{said}.",
        "no signature, no dot": said,
    }


def other_keys(forge: Forge) -> dict[str, str]:
    stranger = ec.generate_private_key(ec.SECP256R1())
    kids = [
        "other", "../../../../dev/null", "/dev/null", "' OR '1'='1", "x';--",
        "http://evil.example/key", "", "a" * 65, "k\0", 1, None, ["k"], {"k": 1},
    ]  # fmt: skip
    unnamed = {name: forge.header[name] for name in ("alg", "typ")}
    return {f"kid {kid!r}": forge.like({"kid": kid}) for kid in kids} | {
        "another environment's key": forge.like(key=stranger),
        "another environment's key and kid": forge.like({"kid": "k1"}, stranger),
        "no kid": forge.sign(compact(unnamed), compact(forge.claims)),
    }


def other_headers(forge: Forge) -> dict[str, str]:
    stranger = ec.generate_private_key(ec.SECP256R1())
    jwk = ECAlgorithm.to_jwk(stranger.public_key(), as_dict=True)
    headers = {
        "jwk": jwk,
        "jku": "https://evil.example/jwks.json",
        "x5u": "https://evil.example/cert.pem",
        "x5c": ["MIIB"],
        "crit": ["exp"],
        "b64": False,
        "zip": "DEF",
        "cty": "JWT",
    }
    own = {f"with {name}": forge.like({name: each}) for name, each in headers.items()}
    theirs = {
        f"with {name} of the key that signed": forge.like(
            {name: headers[name]}, stranger
        )
        for name in ("jwk", "jku", "x5u")
    }
    types = {
        f"typ {typ!r}": forge.like({"typ": typ})
        for typ in ("JWT", "at+JWT", "application/at+jwt", "rt+jwt", "", None)
    }
    return own | theirs | types


def other_claims(forge: Forge) -> dict[str, str]:
    changed: dict[str, list[Any]] = {
        "aud": ["other", "", None, ["shopnow"], ["other"], "shopnow/"],
        "iss": ["other", "", None, ["shopnow"], "https://shopnow"],
        "sub": [None, 1, ["u"], {"id": "u"}],
        "sid": [None, 1, []],
        "jti": [None, 1],
        "roles": ["admin", None, {"admin": True}, 1],
        "seller_id": [1, {"$ne": None}, ["s"]],
    }
    wrong = {
        f"{name} {value!r}": forge.like(**{name: value})
        for name, values in changed.items()
        for value in values
    }
    missing = {f"no {name}": forge.like(without=name) for name in CLAIMS}
    promoted = compact(forge.claims | {"roles": ["admin"]})
    header, _, signature = forge.genuine.split(".")
    return (
        wrong
        | missing
        | {
            "tampered claims": f"{header}.{segment(promoted)}.{signature}",
            "claims that are a list": forge.sign(compact(forge.header), b"[]"),
            "claims that are text": forge.sign(compact(forge.header), b'"x"'),
        }
    )


def other_times(forge: Forge) -> dict[str, str]:
    now = int(time.time())
    soon, tomorrow = now + 600, now + 86_400
    wrong: dict[str, list[Any]] = {
        "exp": [
            now - 60, 0, -1, -soon, str(soon), soon + 0.5, float(soon), True, None,
            [soon], {"in": 600}, "never", "",
        ],
        "nbf": [tomorrow, str(now), now + 0.5, None],
        "iat": [tomorrow, str(now), now - 0.5, None],
    }  # fmt: skip
    rest = compact({k: v for k, v in forge.claims.items() if k != "exp"})[:-1]
    raw = {
        f"exp {text}": forge.sign(
            compact(forge.header), rest + b',"exp":' + text.encode() + b"}"
        )
        for text in ("NaN", "Infinity", "-Infinity", "1e400", "9" * 400, "-0", "0x7f")
    }
    return raw | {
        f"{name} {value!r}": forge.like(**{name: value})
        for name, values in wrong.items()
        for value in values
    }


def other_spellings(forge: Forge) -> dict[str, str]:
    token = forge.genuine
    header, claims, signature = token.split(".")
    last = chr(ord(signature[-1]) + 1)
    plain = compact(forge.header)
    return {
        "truncated": token[:-1],
        "half of it": token[: len(token) // 2],
        "a character less in the claims": f"{header}.{claims[:-1]}.{signature}",
        "longer than 8 KiB": forge.like(more="x" * 8192),
        "header padded": f"{header}==.{claims}.{signature}",
        "claims padded": f"{header}.{claims}==.{signature}",
        "signature padded": f"{token}==",
        "other bits after the signature": f"{header}.{claims}.{signature[:-1]}{last}",
        "letters that base64 skips": f"{header}.{claims}.****{signature}",
        "base64 of the other alphabet": f"{header}.{claims}.{'+/' * 43}",
        "a repeated claim": forge.sign(
            plain, compact(forge.claims)[:-1] + b',"roles":["admin"]}'
        ),
        "a repeated header": forge.sign(
            b'{"alg":"none",' + plain[1:], compact(forge.claims)
        ),
        "spaces in the claims": forge.sign(plain, json.dumps(forge.claims).encode()),
        "claims with a byte order mark": forge.sign(
            plain, b"\xef\xbb\xbf" + compact(forge.claims)
        ),
        "claims that are no UTF-8": forge.sign(plain, b'{"sub":"\xff"}'),
        "claims that are no JSON": forge.sign(plain, b"{"),
        "a header nested deeply": f"{segment(b'[' * 5000)}.{claims}.{signature}",
        "claims nested deeply": f"{header}.{segment(b'[' * 5000)}.{signature}",
        "four parts": f"{token}.{signature}",
        "five parts": f"{token}.{claims}.{signature}",
        "dots alone": "..",
        "an identity": new_id(),
    }


def unsigned(forge: Forge, alg: Any, signature: str) -> str:
    header = segment(compact(forge.header | {"alg": alg}))
    return f"{header}.{forge.genuine.split('.')[1]}.{signature}"

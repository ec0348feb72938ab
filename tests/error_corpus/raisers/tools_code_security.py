"""Tokens, signatures, passwords, paths and code that must not run."""

from __future__ import annotations

import datetime as dt
from typing import Any

from lab import add, case, closed_port

BARRED = {
    "types": "SECURITY",
    "strategies": "ESCALATION",
    "transient": "no",
    "why": "the proof is not accepted",
}
MALFORMED = {
    "types": "SECURITY VALIDATION UNKNOWN",
    "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
    "transient": "no",
    "why": "no such token or key at all",
}
KEY = "a key that is long enough for what it has to do, and then some"


def token(**claims: Any) -> str:
    """Make a token."""
    import jwt

    return jwt.encode(claims, KEY, algorithm="HS256")


def decoded(text: Any = None, key: str = KEY, **options: Any):
    """Read a token."""

    def run() -> None:
        import jwt

        jwt.decode(text() if callable(text) else text, key, algorithms=["HS256"], **options)

    return run


add("jwt_expired", "pyjwt", decoded(lambda: token(exp=1)), **BARRED)
add(
    "jwt_signature",
    "pyjwt",
    decoded(lambda: token(a=1), "another key that is long enough for what it has to do"),
    **BARRED,
)
add("jwt_audience", "pyjwt", decoded(lambda: token(aud="web"), audience="nodes"), **BARRED)
add("jwt_issuer", "pyjwt", decoded(lambda: token(iss="a"), issuer="b"), **BARRED)
add("jwt_not_yet", "pyjwt", decoded(lambda: token(nbf=4_000_000_000)), **BARRED)
add("jwt_claim", "pyjwt", decoded(lambda: token(a=1), options={"require": ["exp"]}), **BARRED)
add("jwt_segments", "pyjwt", decoded("not.a-token"), **MALFORMED)
add("jwt_padding", "pyjwt", decoded("a.b.c"), **MALFORMED)


@case("jwt_algorithm", "pyjwt", **BARRED)
def _() -> None:
    import jwt

    jwt.decode(token(a=1), KEY, algorithms=["RS256"])


@case(
    "jwt_keys_unreachable",
    "pyjwt",
    types="NETWORK SECURITY",
    strategies="RETRY ESCALATION",
    transient="yes",
    why="the server of the keys cannot be reached",
    tags=("cause-matters",),
)
def _() -> None:
    import jwt

    jwt.PyJWKClient(f"http://127.0.0.1:{closed_port()}/keys", timeout=1).get_signing_keys()


@case("jwt_wrapped", "pyjwt", tags=("cause-matters",), **BARRED)
def _() -> None:
    try:
        decoded(lambda: token(exp=1))()
    except Exception as error:
        raise RuntimeError("cannot call the model gateway") from error


@case("jose_expired", "python-jose", **BARRED)
def _() -> None:
    from jose import jwt

    jwt.decode(jwt.encode({"exp": 1}, KEY), KEY)


@case("jose_signature", "python-jose", **BARRED)
def _() -> None:
    from jose import jwt

    jwt.decode(jwt.encode({}, KEY), "other")


@case("authlib_signature", "authlib", **BARRED)
def _() -> None:
    from authlib.jose import jwt

    jwt.decode(
        jwt.encode({"alg": "HS256"}, {}, KEY),
        "another key, long enough for the algorithm that it is for",
    )


@case("authlib_expired", "authlib", **BARRED)
def _() -> None:
    from authlib.jose import jwt

    jwt.decode(jwt.encode({"alg": "HS256"}, {"exp": 1}, KEY), KEY).validate()


@case("authlib_grant", "authlib", **BARRED)
def _() -> None:
    from authlib.integrations.base_client.errors import OAuthError

    raise OAuthError("invalid_grant", "Token has been expired or revoked.")


@case(
    "authlib_unavailable",
    "authlib",
    types="NETWORK SECURITY UNKNOWN AI_SERVICE",
    strategies="RETRY",
    transient="yes",
    why="the server of the tokens asks to come again",
)
def _() -> None:
    from authlib.integrations.base_client.errors import OAuthError

    raise OAuthError("temporarily_unavailable", "The authorization server is currently overloaded.")


@case("fernet_token", "cryptography", **BARRED)
def _() -> None:
    from cryptography.fernet import Fernet

    Fernet(Fernet.generate_key()).decrypt(Fernet(Fernet.generate_key()).encrypt(b"x"))


@case("fernet_key", "cryptography", **MALFORMED)
def _() -> None:
    from cryptography.fernet import Fernet

    Fernet(b"short")


@case("cryptography_signature", "cryptography", **BARRED)
def _() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    Ed25519PrivateKey.generate().public_key().verify(b"x" * 64, b"node")


@case("cryptography_tag", "cryptography", **BARRED)
def _() -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    AESGCM(b"k" * 16).decrypt(b"n" * 12, b"x" * 32, None)


@case("cryptography_pem", "cryptography", **MALFORMED)
def _() -> None:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    load_pem_private_key(b"-----BEGIN NOTHING-----", None)


@case("cryptography_certificate", "cryptography", **MALFORMED)
def _() -> None:
    from cryptography import x509

    x509.load_pem_x509_certificate(b"no certificate")


@case(
    "cryptography_unsupported",
    "cryptography",
    **MALFORMED | {"types": "SECURITY VALIDATION UNKNOWN", "why": "an algorithm that is not there"},
)
def _() -> None:
    from cryptography.exceptions import UnsupportedAlgorithm

    raise UnsupportedAlgorithm("blowfish is not supported by this backend")


@case("itsdangerous_signature", "itsdangerous", **BARRED)
def _() -> None:
    from itsdangerous import URLSafeSerializer

    URLSafeSerializer("a").loads(URLSafeSerializer("b").dumps({"node": 1}))


@case("itsdangerous_age", "itsdangerous", **BARRED)
def _() -> None:
    from itsdangerous import URLSafeTimedSerializer

    URLSafeTimedSerializer("a").loads(URLSafeTimedSerializer("a").dumps(1), max_age=-1)


@case("itsdangerous_payload", "itsdangerous", **MALFORMED)
def _() -> None:
    from itsdangerous import Signer, URLSafeSerializer

    URLSafeSerializer("a").loads(Signer("a", salt=b"itsdangerous").sign("no json").decode())


@case("passlib_hash", "passlib", **MALFORMED)
def _() -> None:
    from passlib.hash import pbkdf2_sha256

    pbkdf2_sha256.verify("x", "no hash")


@case("passlib_unknown", "passlib", **MALFORMED)
def _() -> None:
    from passlib.context import CryptContext

    CryptContext(["pbkdf2_sha256"]).verify("x", "$9$unknown")


@case(
    "passlib_size",
    "passlib",
    **MALFORMED | {"types": "SECURITY VALIDATION", "why": "a password longer than allowed"},
)
def _() -> None:
    from passlib.hash import pbkdf2_sha256

    pbkdf2_sha256.hash("x" * 5000)


@case("argon2_mismatch", "argon2-cffi", **BARRED)
def _() -> None:
    import argon2

    hasher = argon2.PasswordHasher(time_cost=1, memory_cost=64)
    hasher.verify(hasher.hash("a"), "b")


@case("argon2_invalid", "argon2-cffi", **MALFORMED)
def _() -> None:
    import argon2

    argon2.PasswordHasher().verify("no hash", "b")


@case("hmac_own", "hmac", **BARRED)
def _() -> None:
    import hmac

    SignatureMismatchError = type(
        "SignatureMismatchError", (Exception,), {"__module__": "app.webhooks"}
    )
    if not hmac.compare_digest(hmac.digest(b"k", b"body", "sha256"), b"x"):
        raise SignatureMismatchError("webhook signature does not match")


@case("hashlib_name", "hashlib", **MALFORMED | {"types": "VALIDATION SECURITY UNKNOWN"})
def _() -> None:
    import hashlib

    hashlib.new("md77")


@case("secrets_traversal", "pathlib.security", **BARRED | {"why": "a path that leaves its folder"})
def _() -> None:
    from pathlib import PurePosixPath

    UnsafePathError = type("UnsafePathError", (ValueError,), {"__module__": "app.files"})
    try:
        PurePosixPath("/etc/passwd").relative_to("/srv/app/generated")
    except ValueError as error:
        raise UnsafePathError(
            "path traversal: '../../etc/passwd' leaves '/srv/app/generated'"
        ) from error


@case("secrets_leak", "app.security", **BARRED | {"why": "a secret in generated code"})
def _() -> None:
    SecretFoundError = type("SecretFoundError", (Exception,), {"__module__": "app.security"})
    raise SecretFoundError("generated file contains an access key at line 14")


@case("secrets_injection", "app.security", **BARRED | {"why": "an attack in the input"})
def _() -> None:
    PromptInjectionDetected = type(
        "PromptInjectionDetected", (Exception,), {"__module__": "app.security"}
    )
    raise PromptInjectionDetected("the contract's description gives orders to the model")


@case(
    "secrets_forbidden_import",
    "app.security",
    **BARRED
    | {
        "types": "SECURITY VALIDATION",
        "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION",
        "why": "generated code that must not run",
    },
)
def _() -> None:
    SecurityViolation = type("SecurityViolation", (Exception,), {"__module__": "app.security"})
    raise SecurityViolation("generated code calls os.system with a string from the request")


@case("secrets_unauthorized", "app.security", **BARRED)
def _() -> None:
    Unauthorized = type("UnauthorizedError", (Exception,), {"__module__": "app.gateway"})
    error = Unauthorized("API key is missing or was revoked; try again with another key")
    error.status_code = 401
    raise error


@case("secrets_clock", "app.security", **BARRED | {"why": "a signature that is too old"})
def _() -> None:
    raise PermissionError(
        f"request signed at {dt.date(2020, 1, 1)} is outside the allowed window, timeout of the signature passed"
    )


@case("audit_denied", "sys", **BARRED)
def _() -> None:
    raise PermissionError("audit hook: open of '/etc/shadow' is not allowed in the sandbox")


@case(
    "restricted_range",
    "jinja2",
    **BARRED
    | {
        "types": "SECURITY GENERATION VALIDATION UNKNOWN",
        "strategies": "ESCALATION ALTERNATIVE_PATH",
    },
)
def _() -> None:
    from jinja2.sandbox import SandboxedEnvironment

    SandboxedEnvironment().from_string("{{ range(9999999)|list }}").render()

"""Redaction: every shape of secret goes, ordinary text stays, and nothing makes it slow or fail."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omninode_bridge.agents.workflows._redaction import MAX_TEXT, REDACTED, redact, redact_value
from omninode_bridge.errors import ConfigurationError

PEM = (
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB12\n\n"
    + "MIIEpAIBAAKCAQEA7bq\n" * 20
    + "-----END RSA PRIVATE KEY-----"
)
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

# What is given, and the part of it that must be gone.
SECRETS = [
    ("key sk-proj-abcDEF123456ghiJKL789012 used", "abcDEF123456"),
    ("sk-ant-api03-AbCdEf_GhIjKl-123456789", "AbCdEf_GhIjKl"),
    ("OPENAI sk-abcdefghijklmnopqrstuvwx", "abcdefghijklmnop"),
    ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "16C7e42F"),
    ("github_pat_11ABCDEFG0abcdefghijkl_mnop", "11ABCDEFG0"),
    ("glpat-abcdefghij1234567890", "abcdefghij"),
    ("AKIAIOSFODNN7EXAMPLE in us-east-1", "IOSFODNN7"),
    ("xoxb-123456789012-abcdefABCDEF", "123456789012"),
    ("xoxp-123456789012-abcdefABCDEF", "123456789012"),
    ("xoxa-2-123456789012", "123456789012"),
    (f"jwt={JWT}", "dozjgNryP4J3"),
    (f"Authorization: Bearer {JWT}", "eyJzdWIi"),
    ("Authorization: Bearer abcdef", "abcdef"),
    ('"Authorization": "Bearer abc.def.123"', "abc.def"),
    ("{'Authorization': 'Basic dXNlcjpwYXNz'}", "dXNlcjpw"),
    ("authorization: Token 0123456789abcdef", "0123456789abcdef"),
    ("curl -H 'X-Api-Key: 7f3a9b' https://host", "7f3a9b"),
    ("Proxy-Authorization: Basic dXNlcjpwYXNz", "dXNlcjpw"),
    ("header was Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpw"),
    ("Cookie: sid=abc; other=def", "abc"),
    ("Cookie: sid=abc; other=def", "def"),
    ("'Cookie': 'sid=abc; other=def'", "def"),
    ("Set-Cookie: sid=abc; Path=/; other=def", "abc"),
    ("postgresql://bob:hunter2@db.example.com:5432/app", "hunter2"),
    ("redis://:hunter2@cache:6379/0", "hunter2"),
    ("amqp://user:p@ss:word@host/vhost", "p@ss"),
    ("mongodb+srv://u:hunter2%21@c0.example.net/db?x=1", "hunter2"),
    ("https://0123456789abcdef0123@sentry.example.com/1", "0123456789abcdef"),
    ("password=hunter2", "hunter2"),
    ("password: hunter2", "hunter2"),
    ("Password = hunter2", "hunter2"),
    ("DB_PASSWORD=hunter2 next", "hunter2"),
    ("db.password=hunter2", "hunter2"),
    ('"password": "hunter2"', "hunter2"),
    ("'password': 'hunter2'", "hunter2"),
    ('{\\"password\\": \\"hunter2\\"}', "hunter2"),
    ('connect(user="bob", password="with space")', "with space"),
    ('password = "with \\" quote"', "quote"),
    ("password='it\\'s'", "it"),
    ('password=f"hunter{2}"', "hunter"),
    ("passwd=hunter2", "hunter2"),
    ("pwd=hunter2;server=x", "hunter2"),
    ("Server=db;Password=hunter2;User Id=sa", "hunter2"),
    ("userPassword: hunter2", "hunter2"),
    ("dbpassword=hunter2", "hunter2"),
    ("client_secret=abcdefgh", "abcdefgh"),
    ("clientSecret: abcdefgh", "abcdefgh"),
    ("SECRET_KEY = 'django-insecure-abc'", "django-insecure"),
    ("api_key=abcdefgh", "abcdefgh"),
    ("api-key: abcdefgh", "abcdefgh"),
    ("apiKey: 'abcdefgh'", "abcdefgh"),
    ("OPENAI_API_KEY=abcdefgh", "abcdefgh"),
    ("export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI"),
    ("access_token=abcdefgh&state=1", "abcdefgh"),
    ("https://host/cb?access_token=abcdefgh&state=1", "abcdefgh"),
    ("token: abc123def456", "abc123def456"),
    ('"token": "abcdefghij"', "abcdefghij"),
    ("GITHUB_TOKEN=abcdefgh", "abcdefgh"),
    ("refresh_token => 'abcdefgh'", "abcdefgh"),
    ("passphrase: correct", "correct"),
    ("credentials=abcdefgh", "abcdefgh"),
    ("signature=8f3a9b1c7d2e4f5061728394a5b6c7d8", "8f3a9b1c"),
    ("mysql --password=hunter2 -u root", "hunter2"),
    ("tool --password hunter2 --verbose", "hunter2"),
    ("tool --api-key abcdefgh run", "abcdefgh"),
    ("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXX", "B00000000"),
    ("https://hooks.slack.com/workflows/T0/A0/123/abc", "A0/123"),
    ("https://discord.com/api/webhooks/123456/abcDEF", "abcDEF"),
    (PEM, "MIIEpAIBAAKCAQEA7bq"),
    (PEM.replace("RSA ", "").replace("\n", "\\n"), "MIIEpAIBAAKCAQEA7bq"),
    (PEM.replace("RSA ", "OPENSSH ")[:300], "MIIEpAIBAAKCAQEA7bq"),
    (PEM[200:], "MIIEpAIBAAKCAQEA7bq"),
    ("whsec_abcdefghijklmnop1234", "abcdefghijklmnop"),
    ("sk_live_abcdefgh1234", "abcdefgh1234"),
    ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "SyA1234567890"),
    ("hf_abcdefghijklmnopqrstuvwx", "abcdefghijkl"),
]

ORDINARY = [
    "",
    "a plain sentence about tokens, passwords and secrets.",
    "KeyError: 'password'",
    "the password must not be empty",
    "def login(user: str, password: str) -> None: ...",
    "def f(token: Token, *, api_key: str | None = None) -> bytes:",
    "password: Optional[str] = None",
    "self.password = password",
    "token = lexer.next_token()",
    "client = Client(api_key=api_key, token=token)",
    "api_key = os.environ['OPENAI_API_KEY']",
    "secret = get_secret(name)",
    "password=None",
    'password=""',
    "password=${DB_PASSWORD}",
    "password: {{ db_password }}",
    "password: <your password>",
    "password: ********",
    "max_tokens=4096, tokens: 512, token_count=17",
    "prompt_tokens: 1234",
    "secret_name: db",
    "token_type: bearer",
    "Unexpected token: 'return'",
    "invalid token: '}'",
    "SyntaxError: unexpected token: else",
    "basic validation and Basic authentication",
    "bearer of news",
    "Bearer authentication failed",
    "class sk-fading-circle-loader",
    "/cache/ab/3f786850e387550fdab836ed7e6dc881de23001b/file.py",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "id 123e4567-e89b-12d3-a456-426614174000",
    "https://host:8080/path?q=a@b.c",
    "https://user@github.com/owner/repo.git",
    "git+ssh://git@github.com/owner/repo.git@v1.2",
    "mail bob@example.com",
    "for key, value in mapping.items(): cache[key] = value",
    "primary_key=True, foreign_key: users.id",
    "keyboard: us",
    "author: Bob",
    "secretary: Alice",
    "tokenizer: bpe",
    "compass: north",
    "PWD=/home/user/project",
    "def extract(self, path=None, pwd=None):",
    "password = getpass('Password: ', stream=None)",
    "headers = {'Authorization': auth, 'Cookie': cookie}",
    "if password == other and token != 'x':",
    "x = {'a': 1, \"b\": [2, 3]}",
    "type: object\nproperties:\n  password:\n    type: string\n",
    "@dataclass\nclass A:\n    api_key: SecretStr\n    token: str = field()\n",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS, ids=[text[:40] for text, _ in SECRETS])
def test_secrets_are_taken_out(text: str, secret: str) -> None:
    """The secret is gone from the text, and something says that it was there."""
    done = redact(text)

    assert secret not in done
    assert REDACTED in done


@pytest.mark.parametrize(("text", "secret"), SECRETS, ids=[text[:40] for text, _ in SECRETS])
def test_secrets_inside_more_text_are_taken_out(text: str, secret: str) -> None:
    """It makes no difference what stands around the secret, and that stays."""
    done = redact(f"first line\n{text}\nlast line")

    assert secret not in done
    assert done.startswith("first line\n")
    assert done.endswith("\nlast line")


@pytest.mark.parametrize("text", ORDINARY, ids=[text[:40] or "empty" for text in ORDINARY])
def test_ordinary_text_stays(text: str) -> None:
    """Code, prose, hashes, UUIDs and addresses are untouched."""
    assert redact(text) == text


def test_what_follows_in_an_address_stays() -> None:
    """Only the value goes, not the next parameter."""
    done = redact("https://host/cb?access_token=abcd&efgh&state=1&x=2")

    assert done == f"https://host/cb?access_token={REDACTED}&state=1&x=2"


@pytest.mark.parametrize("text", [text for text, _ in SECRETS])
def test_redacting_twice_changes_nothing(text: str) -> None:
    """What was redacted is left alone by a second run, alone and in a row of others."""
    for given_text in (text, f"{text} {text}", json.dumps({"error": text})):
        once = redact(given_text)

        assert redact(once) == once


PIECES = st.sampled_from(
    [text for text, _ in SECRETS]
    + ORDINARY
    + [
        REDACTED,
        "password=",
        '"',
        "'",
        "\\",
        "://",
        "@",
        ":",
        "=",
        " ",
        "\n",
        "token",
        "\x00",
        "\ud800",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join), st.integers(1, 400))
def test_any_text_is_bounded_printable_and_redacted_once(text: str, limit: int) -> None:
    """Whatever is given and wherever it is cut: bounded, encodable, and a second run agrees."""
    once = redact(text, limit=limit)

    assert len(once) <= limit
    once.encode("utf-8")
    assert redact(once, limit=limit) == once


def test_long_text_keeps_its_ends_and_no_secret_of_a_cut() -> None:
    """Head and tail stay, the count of what was cut is told, a secret across a cut is gone."""
    body = "x " * 40_000
    secret = "password=" + "hunter2" * 50

    for place in range(0, 400, 17):
        text = f"HEAD {body[: 10_000 + place]}{secret} {body}{secret} TAIL"
        done = redact(text)

        assert len(done) <= MAX_TEXT
        assert done.startswith("HEAD")
        assert done.endswith("TAIL")
        assert "characters cut" in done
        assert "hunter2" not in done


HOSTILE = [
    "a" * 1_000_000,
    "password" * 125_000,
    "password=" * 110_000,
    'password="' * 100_000,
    "password='\\" * 100_000,
    'password="""' * 80_000,
    "password: " * 100_000,
    "token_" * 166_000,
    "key-" * 250_000,
    "://" * 333_000,
    "://a:" * 200_000,
    "://" + "a" * 1_000_000,
    "://a:" + "b" * 1_000_000,
    "@" * 1_000_000,
    "-----BEGIN PRIVATE KEY-----" * 37_000,
    "-----END PRIVATE KEY-----" * 40_000,
    "A" * 990_000 + "-----END PRIVATE KEY-----",
    ("A" * 60 + "\n") * 16_000,
    "eyJ" * 333_000,
    "eyJaaaaaa.aaaaaa." * 58_000,
    "sk-" * 333_000,
    "Bearer " * 140_000,
    "bearer" + " " * 1_000_000,
    "https://hooks.slack.com/services/" * 30_000,
    "--password " * 90_000,
    "-" * 1_000_000,
    "\\" * 1_000_000,
    "'" * 1_000_000,
    "\ud800" * 1_000_000,
    "authorization: " + "bearer " * 140_000,
    "1234567890:" * 90_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=[repr(text[:20]) for text in HOSTILE])
def test_hostile_text_takes_little_time(text: str) -> None:
    """A megabyte is done at once, and where all is looked at time grows with the text alone."""
    began = time.process_time()

    done = redact(text)
    whole = redact(text[:100_000], limit=200_000)

    # What grows with the square of the length would take minutes.
    assert time.process_time() - began < 3.0
    assert len(done) <= MAX_TEXT
    assert len(whole) <= 200_000


def test_values_under_secret_keys_are_replaced() -> None:
    """A mapping's entry with a secret name is replaced whole, whatever it holds."""
    value = {
        "password": "p",
        "apiKey": ["a"],
        "nested": {"client_secret": {"x": 1}, "token": 12345, "user": "bob"},
        "max_tokens": 5,
        "DB_PASSWORD": 7,
        "secret_name": "db",
        "password_set": True,
        "token": None,
        "authorization": "Bearer x",
        "text": "password=hunter2",
    }

    assert redact_value(value) == {
        "password": REDACTED,
        "apiKey": REDACTED,
        "nested": {"client_secret": REDACTED, "token": REDACTED, "user": "bob"},
        "max_tokens": 5,
        "DB_PASSWORD": REDACTED,
        "secret_name": "db",
        "password_set": True,
        "token": None,
        "authorization": REDACTED,
        "text": f"password={REDACTED}",
    }


class Unreadable:
    """Fails whenever it is asked for anything."""

    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __str__


class BadDict(dict[str, Any]):
    """A mapping that cannot be walked."""

    def __iter__(self) -> Any:
        raise RuntimeError("no")


def test_what_is_not_json_appears_by_its_type() -> None:
    """Objects, bytes, sets and broken values are named, never asked for their text."""
    value = {
        "o": Unreadable(),
        "b": b"secret",
        "s": {1},
        "bad": BadDict(a=1),
        Unreadable(): 1,
        3: "x",
        "big": 10**5000,
        "nan": float("nan"),
        "inf": float("-inf"),
        "t": (1, 2.5, None, True),
    }

    copied = redact_value(value)

    assert copied == {
        "o": "<Unreadable>",
        "b": "<bytes>",
        "s": "<set>",
        "bad": "<BadDict>",
        "<Unreadable>": 1,
        "3": "x",
        "big": "<int>",
        "nan": "nan",
        "inf": "-inf",
        "t": [1, 2.5, None, True],
    }
    json.dumps(copied, allow_nan=False)


def test_values_are_bounded_in_depth_width_and_number() -> None:
    """A value that contains itself, a long one and a wide one come out small."""
    loop: dict[str, Any] = {}
    loop["again"] = loop
    wide = {str(n): list(range(1_000)) for n in range(1_000)}

    assert len(json.dumps(redact_value(loop))) < 500
    assert len(json.dumps(redact_value(wide))) < 100_000
    assert len(redact_value(list(range(1_000)))) == 100
    assert redact_value(list(range(1_000)))[-1] == "901 more"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | PIECES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | PIECES, inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_value_is_redacted_once_and_stays_json(value: Any) -> None:
    """The copy can be written as JSON, and a second run changes nothing."""
    once = redact_value(value)

    json.dumps(once, allow_nan=False).encode("utf-8")
    assert redact_value(once) == once


def test_the_value_itself_is_untouched() -> None:
    """The caller's mapping is copied, not changed."""
    value = {"password": "p", "list": [{"token": "abc12345"}]}

    redact_value(value)

    assert value == {"password": "p", "list": [{"token": "abc12345"}]}


def test_what_is_no_text_is_named_and_a_silly_limit_refused() -> None:
    """Redaction never fails on what it is given, only on how it is asked."""
    assert redact(None) == "<NoneType>"  # type: ignore[arg-type]
    assert redact(Unreadable()) == "<Unreadable>"  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="limit is 0; it must be positive"):
        redact("x", limit=0)

"""HTTP and websocket clients."""

from __future__ import annotations

import asyncio
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from unittest import mock

from http_llm_labels import (
    ABSENT,
    BAD,
    BAD_URL,
    CERTIFICATE,
    CUT,
    DEADLINE,
    DNS,
    DOWN,
    FORBIDDEN,
    GATEWAY,
    LARGE,
    LOOP,
    NO_HTTP,
    NO_JSON,
    POOL,
    REFUSED,
    THROTTLED,
    but,
    label,
    together,
)  # fmt: skip
from lab import add, black_hole, case, closed_port, web, wire

# fmt: off
Raiser = Callable[[], Any]
AGAIN = label("VALIDATION NETWORK UNKNOWN", "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION RETRY", "unknown", "a conflict may pass or not")


def no_name(code: int = socket.EAI_AGAIN, text: str = "Temporary failure in name resolution") -> Any:
    """Let no name resolve."""
    return mock.patch("socket.getaddrinfo", side_effect=socket.gaierror(code, text))


# -- httpx


def hx(path: str = "/v1/contracts", *, timeout: Any = 0.4, parse: bool = False, **server: Any) -> Raiser:
    def run() -> Any:
        import httpx

        with web(**server) as base, httpx.Client(timeout=timeout) as client:
            answer = client.get(base + path).raise_for_status()
            return answer.json() if parse else answer.text
    return run


def hxa(path: str = "/v1/contracts", **server: Any) -> Raiser:
    async def run() -> Any:
        import httpx

        with web(**server) as base:
            async with httpx.AsyncClient(timeout=0.4) as client, client.stream("POST", base + path, json={"a": 1}) as answer:
                answer.raise_for_status()
                async for _ in answer.aiter_bytes():
                    pass
    return run


add("httpx_server_error", "httpx", hx(status=500, body="<h1>Oops</h1>"), **DOWN)
add("httpx_bad_gateway", "httpx", hx(status=502), **DOWN)
add("httpx_unavailable_later", "httpx", hx(status=503, headers={"Retry-After": "20"}), **DOWN)
add("httpx_gateway_waited", "httpx", hx(status=504), **GATEWAY)
add("httpx_request_timeout", "httpx", hx(status=408), **but(GATEWAY, why="the server waited too long for us"))
add("httpx_throttled", "httpx", hx(status=429, headers={"Retry-After": "3"}), **THROTTLED)
add("httpx_throttled_date", "httpx", hx(status=429, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), **THROTTLED)
add("httpx_no_such_limit", "httpx", hx("/v2/rate_limits/429", status=404, body={"detail": "Too many requests profile not found"}), **but(ABSENT, "misleading"))
add("httpx_gone", "httpx", hx("/timeouts/retry", status=410), **but(ABSENT, "misleading"))
add("httpx_unauthorized", "httpx", hx(status=401, body={"detail": "token expired, try again later"}), **but(FORBIDDEN, "misleading"))
add("httpx_forbidden", "httpx", hx(status=403), **FORBIDDEN)
add("httpx_bad_request_again", "httpx", hx(status=400, body={"error": "Something went wrong, please try again"}), **but(BAD, "misleading"))
add("httpx_unprocessable", "httpx", hx(status=422, body={"detail": [{"loc": ["body", "timeout"], "msg": "field required"}]}), **but(BAD, "misleading"))
add("httpx_too_large", "httpx", hx(status=413), **LARGE)
add("httpx_method", "httpx", hx(status=405), **BAD)
add("httpx_conflict", "httpx", hx(status=409, body={"error": "the document was updated by somebody else"}), **AGAIN)
add("httpx_redirects", "httpx", lambda: loop_httpx(), **LOOP)
add("httpx_moved", "httpx", hx(status=302, headers={"Location": "/login"}), **label("VALIDATION NETWORK UNKNOWN SECURITY", "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION", "no", "the resource has moved"))
add("httpx_hang", "httpx", hx(mode="hang", timeout=0.15), **DEADLINE)
add("httpx_cut", "httpx", hx(mode="cut"), **CUT)
add("httpx_reset", "httpx", hx(mode="reset"), **CUT)
add("httpx_short", "httpx", hx(mode="short", body='{"items": ['), **CUT)
add("httpx_chunks", "httpx", hx(mode="chunks_cut", body=["a", "b"]), **CUT)
add("httpx_garbage", "httpx", hx(mode="garbage"), **NO_HTTP)
add("httpx_tls", "httpx", hx(mode="tls"), **CERTIFICATE)
add("httpx_html", "httpx", hx(parse=True, body="<html>maintenance</html>"), **NO_JSON)
add("httpx_gzip", "httpx", hx(body=b"no gzip", headers={"content-encoding": "gzip"}), **but(NO_JSON, why="the body does not unpack"))
add("httpx_async_unavailable", "httpx", hxa(status=503), **DOWN)
add("httpx_async_stream_cut", "httpx", hxa(mode="chunks_cut", body=["data: 1\n\n"]), **CUT)
add("httpx_async_stream_throttled", "httpx", hxa(status=429), **THROTTLED)
add("httpx_async_forbidden", "httpx", hxa(status=403, body={"message": "rate limit admin only"}), **but(FORBIDDEN, "misleading"))


def loop_httpx() -> Any:
    import httpx

    with web(302, headers={"Location": "/again"}) as base, httpx.Client(follow_redirects=True, max_redirects=3) as client:
        return client.get(base)


@case("httpx_refused", "httpx", **REFUSED)
def _() -> None:
    import httpx

    httpx.get(f"http://127.0.0.1:{closed_port()}/v1/nodes")


@case("httpx_connect_hang", "httpx", **DEADLINE)
async def _() -> None:
    import httpx

    with black_hole() as (host, port):
        async with httpx.AsyncClient(timeout=0.2) as client:
            await client.get(f"http://{host}:{port}/")


@case("httpx_name", "httpx", **DNS)
def _() -> None:
    import httpx

    with no_name():
        httpx.get("http://contracts.internal/v1")


@case("httpx_pool", "httpx", **POOL)
async def _() -> None:
    import httpx

    with web(delay=0.6) as base:
        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=1), timeout=httpx.Timeout(2, pool=0.1)) as client:
            await asyncio.gather(client.get(base), client.get(base))


@case("httpx_scheme", "httpx", **BAD_URL)
def _() -> None:
    import httpx

    httpx.get("localhost/timeout")


@case("httpx_url", "httpx", **but(BAD_URL, "misleading"))
def _() -> None:
    import httpx

    httpx.get("http://127.0.0.1:retry/")


@case("httpx_group", "httpx", **but(FORBIDDEN, "group", why="one of the two may not, and never will"))
async def _() -> None:
    import httpx

    async def fetch(status: int) -> None:
        with web(status) as base:
            async with httpx.AsyncClient() as client:
                (await client.get(base)).raise_for_status()

    await together(lambda: fetch(503), lambda: fetch(403))


@case("httpx_group_passing", "httpx", **but(DOWN, "group", why="all of them pass", types="NETWORK TIMEOUT"))
async def _() -> None:
    import httpx

    async def fetch(**server: Any) -> None:
        with web(**server) as base:
            async with httpx.AsyncClient() as client:
                (await client.get(base)).raise_for_status()

    await together(lambda: fetch(status=502), lambda: fetch(mode="cut"))


@case("httpx_wrapped", "httpx", **but(DOWN, "cause-matters"))
def _() -> None:
    import httpx

    try:
        hx(status=503)()
    except httpx.HTTPError as error:
        raise RuntimeError("could not load the contract") from error


@case("httpx_wrapped_forbidden", "httpx", **but(FORBIDDEN, "cause-matters", why="the cause may not, whatever the wrapper says"))
def _() -> None:
    import httpx

    try:
        hx(status=403)()
    except httpx.HTTPError as error:
        raise RuntimeError("temporary problem, retrying may help") from error


@case("httpx_said_again", "httpx", **DOWN)
def _() -> None:
    import httpx

    try:
        hx(status=503)()
    except httpx.HTTPError as error:
        raise RuntimeError(str(error)) from None


@case("httpx_said_refused", "httpx", **REFUSED)
def _() -> None:
    import httpx

    try:
        httpx.get(f"http://127.0.0.1:{closed_port()}/")
    except httpx.HTTPError as error:
        raise RuntimeError(f"fetch failed: {error}") from None


@case("httpx_said_absent", "httpx", **but(ABSENT, "misleading"))
def _() -> None:
    import httpx

    try:
        hx("/retry/timeout", status=404)()
    except httpx.HTTPError as error:
        raise RuntimeError(str(error)) from None


@case("httpx_bug_while_handling", "httpx", **label("VALIDATION GENERATION UNKNOWN SYNTAX", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the handler itself is wrong", "misleading"))
def _() -> None:
    import httpx

    try:
        hx(status=503)()
    except httpx.HTTPStatusError as error:
        error.response.headers["x-retry-in"]


# -- requests and urllib3


def rq(path: str = "/api/nodes", *, timeout: float = 0.4, parse: bool = False, **server: Any) -> Raiser:
    def run() -> Any:
        import requests

        with web(**server) as base:
            answer = requests.get(base + path, timeout=timeout)
            answer.raise_for_status()
            return answer.json() if parse else answer.text
    return run


add("requests_server_error", "requests", rq(status=500), **DOWN)
add("requests_origin", "requests", rq(status=520), **DOWN)
add("requests_origin_timeout", "requests", rq(status=524), **but(GATEWAY, types="TIMEOUT NETWORK"))
add("requests_throttled", "requests", rq(status=429, headers={"X-RateLimit-Reset": "30", "X-RateLimit-Remaining": "0"}), **THROTTLED)
add("requests_unauthorized", "requests", rq(status=401), **FORBIDDEN)
add("requests_proxy_auth", "requests", rq(status=407), **FORBIDDEN)
add("requests_legal", "requests", rq(status=451), **label("SECURITY VALIDATION NETWORK UNKNOWN", "ESCALATION ALTERNATIVE_PATH", "no", "it may not be shown here"))
add("requests_absent", "requests", rq("/status/503", status=404), **but(ABSENT, "misleading"))
add("requests_bad", "requests", rq(status=400, body={"code": "InvalidTimeout", "message": "timeout must be a number"}), **but(BAD, "misleading"))
add("requests_media", "requests", rq(status=415), **BAD)
add("requests_precondition", "requests", rq(status=412), **label("VALIDATION NETWORK UNKNOWN", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the condition of the request does not hold"))
add("requests_hang", "requests", rq(mode="hang", timeout=0.15), **DEADLINE)
add("requests_cut", "requests", rq(mode="cut"), **CUT)
add("requests_reset", "requests", rq(mode="reset"), **CUT)
add("requests_short", "requests", rq(mode="chunks_cut", body=["x" * 20]), **CUT)
add("requests_garbage", "requests", rq(mode="garbage"), **NO_HTTP)
add("requests_tls", "requests", rq(mode="tls"), **CERTIFICATE)
add("requests_empty", "requests", rq(parse=True, body=""), **NO_JSON)
add("requests_scheme", "requests", lambda: __import__("requests").get("ftp://127.0.0.1/x"), **BAD_URL)
add("requests_no_scheme", "requests", lambda: __import__("requests").get("127.0.0.1/retry"), **but(BAD_URL, "misleading"))
add("requests_header", "requests", lambda: __import__("requests").get("http://127.0.0.1:1/", headers={"X-Key": "a\nb"}), **BAD)
add("requests_refused", "requests", lambda: __import__("requests").get(f"http://127.0.0.1:{closed_port()}/", timeout=1), **REFUSED)


@case("requests_name", "requests", **DNS)
def _() -> None:
    import requests

    with no_name(socket.EAI_NONAME, "Name or service not known"):
        requests.get("http://registry.svc.cluster.local/", timeout=1)


@case("requests_loop", "requests", **LOOP)
def _() -> None:
    import requests

    with web(301, headers={"Location": "/"}) as base:
        requests.get(base)


@case("requests_connect_hang", "requests", **DEADLINE)
def _() -> None:
    import requests

    with black_hole() as (host, port):
        requests.get(f"http://{host}:{port}", timeout=0.2)


@case("requests_proxy", "requests", **REFUSED)
def _() -> None:
    import requests

    requests.get("http://127.0.0.1:9/", proxies={"http": f"http://127.0.0.1:{closed_port()}"}, timeout=1)


@case("requests_retries_used", "requests", **DOWN)
def _() -> None:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3 import Retry

    with web(503) as base, requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=Retry(1, status_forcelist=[503], backoff_factor=0)))
        session.get(base)


@case("requests_wrapped_timeout", "requests", **but(DEADLINE, "cause-matters"))
def _() -> None:
    import requests

    try:
        rq(mode="hang", timeout=0.15)()
    except requests.RequestException as error:
        raise ValueError("contract could not be fetched") from error


def u3(path: str = "/", *, timeout: float = 0.3, retries: Any = False, **server: Any) -> Raiser:
    def run() -> Any:
        import urllib3

        with web(**server) as base, urllib3.PoolManager(retries=retries, timeout=timeout) as pool:
            return pool.request("GET", base + path).json()
    return run


add("urllib3_hang", "urllib3", u3(mode="hang", timeout=0.15), **DEADLINE)
add("urllib3_cut", "urllib3", u3(mode="cut"), **CUT)
add("urllib3_short", "urllib3", u3(mode="short", body="[1,"), **CUT)
add("urllib3_tls", "urllib3", u3(mode="tls"), **CERTIFICATE)
add("urllib3_tls_retried", "urllib3", u3(mode="tls", retries=1), **CERTIFICATE)
add("urllib3_text", "urllib3", u3(body="OK"), **NO_JSON)
add("urllib3_gzip", "urllib3", u3(body=b"plain", headers={"content-encoding": "gzip"}), **but(NO_JSON, why="the body does not unpack"))
add("urllib3_refused", "urllib3", lambda: __import__("urllib3").request("GET", f"http://127.0.0.1:{closed_port()}", retries=1), **REFUSED)
add("urllib3_place", "urllib3", lambda: __import__("urllib3").request("GET", "http://exa mple:99999999/"), **BAD_URL)


@case("urllib3_pool", "urllib3", **POOL)
def _() -> None:
    import urllib3

    with web(delay=0.5) as base:
        pool = urllib3.connection_from_url(base, maxsize=1, block=True)
        pool.request("GET", "/", preload_content=False)
        pool.urlopen("GET", "/", pool_timeout=0.1, retries=False)


@case("urllib3_status", "urllib3", **DOWN)
def _() -> None:
    import urllib3

    with web(502) as base:
        urllib3.request("GET", base, retries=urllib3.Retry(1, status_forcelist=[502]))


# -- the standard library

LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ul(path: str = "/v1", *, timeout: float = 0.4, **server: Any) -> Raiser:
    def run() -> Any:
        with web(**server) as base, LOCAL.open(base + path, timeout=timeout) as answer:
            return json.load(answer)
    return run


add("urllib_overloaded", "urllib", ul(status=529), **DOWN)
add("urllib_forbidden_timeout", "urllib", ul("/timeout", status=403), **but(FORBIDDEN, "misleading"))
add("urllib_throttled", "urllib", ul(status=429, headers={"Retry-After": "1"}), **THROTTLED)
add("urllib_incomplete", "urllib", ul(mode="short", body="{"), **CUT)
add("urllib_tls", "urllib", ul(mode="tls"), **CERTIFICATE)
add("urllib_scheme", "urllib", lambda: LOCAL.open("htp://127.0.0.1/"), **BAD_URL)
add("urllib_reset", "urllib", ul(mode="reset"), **CUT)
add("urllib_html", "urllib", ul(body="<!doctype html>"), **NO_JSON)


# -- aiohttp


def ah(path: str = "/graph", *, total: float = 0.4, parse: bool = False, **server: Any) -> Raiser:
    async def run() -> Any:
        import aiohttp

        with web(**server) as base:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total)) as session, session.get(base + path) as answer:
                answer.raise_for_status()
                return await (answer.json() if parse else answer.read())
    return run


add("aiohttp_unavailable", "aiohttp", ah(status=503), **DOWN)
add("aiohttp_gateway_waited", "aiohttp", ah(status=504), **GATEWAY)
add("aiohttp_throttled", "aiohttp", ah(status=429, headers={"Retry-After": "8"}), **THROTTLED)
add("aiohttp_forbidden", "aiohttp", ah("/rate-limit", status=403), **but(FORBIDDEN, "misleading"))
add("aiohttp_absent", "aiohttp", ah("/try/again/later", status=404), **but(ABSENT, "misleading"))
add("aiohttp_bad", "aiohttp", ah(status=400), **BAD)
add("aiohttp_hang", "aiohttp", ah(mode="hang", total=0.15), **DEADLINE)
add("aiohttp_cut", "aiohttp", ah(mode="cut"), **CUT)
add("aiohttp_reset", "aiohttp", ah(mode="reset"), **CUT)
add("aiohttp_payload", "aiohttp", ah(mode="short", body="{"), **CUT)
add("aiohttp_chunks", "aiohttp", ah(mode="chunks_cut", body=["a"]), **CUT)
add("aiohttp_garbage", "aiohttp", ah(mode="garbage"), **NO_HTTP)
add("aiohttp_tls", "aiohttp", ah(mode="tls"), **CERTIFICATE)
add("aiohttp_content_type", "aiohttp", ah(parse=True, body="<p>", headers={"content-type": "text/html"}), **NO_JSON)
add("aiohttp_redirects", "aiohttp", ah(status=307, headers={"Location": "/x"}), **LOOP)


@case("aiohttp_refused", "aiohttp", **REFUSED)
async def _() -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        await session.get(f"http://127.0.0.1:{closed_port()}")


@case("aiohttp_connect_hang", "aiohttp", **DEADLINE)
async def _() -> None:
    import aiohttp

    with black_hole() as (host, port):
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_connect=0.15)) as session:
            await session.get(f"http://{host}:{port}")


@case("aiohttp_name", "aiohttp", **DNS)
async def _() -> None:
    import aiohttp

    with no_name():
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver())) as session:
            await session.get("http://models.internal/")


@case("aiohttp_url", "aiohttp", **BAD_URL)
async def _() -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        await session.get("/v1/relative")


@case("aiohttp_closed", "aiohttp", **label("VALIDATION UNKNOWN NETWORK GENERATION", "ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH", "no", "the session stays closed", "misleading"))
async def _() -> None:
    import aiohttp

    session = aiohttp.ClientSession()
    await session.close()
    await session.get("http://127.0.0.1:9/")


@case("aiohttp_socket_refused", "aiohttp", **DOWN)
async def _() -> None:
    import aiohttp

    with web(502) as base:
        async with aiohttp.ClientSession() as session:
            await session.ws_connect(base)


@case("aiohttp_handler_bad", "aiohttp", **BAD)
async def _() -> None:
    from aiohttp import web as served

    raise served.HTTPUnprocessableEntity(reason="retry must be positive")


@case("aiohttp_handler_limit", "aiohttp", **THROTTLED)
async def _() -> None:
    from aiohttp import web as served

    raise served.HTTPTooManyRequests(headers={"Retry-After": "4"})


@case("aiohttp_handler_down", "aiohttp", **DOWN)
async def _() -> None:
    from aiohttp import web as served

    raise served.HTTPServiceUnavailable


@case("aiohttp_handler_large", "aiohttp", **LARGE)
async def _() -> None:
    from aiohttp import web as served

    raise served.HTTPRequestEntityTooLarge(max_size=10, actual_size=20)


# -- others


def h2(path: str = "/", **server: Any) -> Raiser:
    def run() -> Any:
        import httplib2

        with web(**server) as base:
            return httplib2.Http(timeout=0.3).request(base + path)
    return run


add("httplib2_hang", "httplib2", h2(mode="hang"), **DEADLINE)
add("httplib2_cut", "httplib2", h2(mode="cut"), **CUT)
add("httplib2_tls", "httplib2", h2(mode="tls"), **CERTIFICATE)
add("httplib2_redirects", "httplib2", h2(status=302, headers={"Location": "/"}), **LOOP)
add("httplib2_no_place", "httplib2", h2(status=302), **label("VALIDATION NETWORK UNKNOWN", "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION", "no", "the server sends us nowhere"))
add("httplib2_refused", "httplib2", lambda: __import__("httplib2").Http().request(f"http://127.0.0.1:{closed_port()}/"), **REFUSED)
add("httplib2_relative", "httplib2", lambda: __import__("httplib2").Http().request("v1/x"), **BAD_URL)


@case("httplib2_name", "httplib2", **DNS)
def _() -> None:
    import httplib2

    with no_name(socket.EAI_NONAME, "Name or service not known"):
        httplib2.Http().request("http://catalog.internal/")


def nq(path: str = "/", *, timeout: float = 0.4, **server: Any) -> Raiser:
    def run() -> Any:
        import niquests

        with web(**server) as base:
            answer = niquests.get(base + path, timeout=timeout)
            answer.raise_for_status()
            return answer.json()
    return run


add("niquests_unavailable", "niquests", nq(status=503), **DOWN)
add("niquests_throttled", "niquests", nq(status=429), **THROTTLED)
add("niquests_absent", "niquests", nq("/timeout", status=404), **but(ABSENT, "misleading"))
add("niquests_forbidden", "niquests", nq(status=403), **FORBIDDEN)
add("niquests_hang", "niquests", nq(mode="hang", timeout=0.15), **DEADLINE)
add("niquests_cut", "niquests", nq(mode="cut"), **CUT)
add("niquests_tls", "niquests", nq(mode="tls"), **CERTIFICATE)
add("niquests_html", "niquests", nq(body="<html>"), **NO_JSON)


def pc(**server: Any) -> Raiser:
    def run() -> None:
        import pycurl

        with web(**server) as base:
            curl = pycurl.Curl()
            curl.setopt(pycurl.URL, base)
            curl.setopt(pycurl.TIMEOUT_MS, 300)
            curl.setopt(pycurl.FAILONERROR, True)
            curl.setopt(pycurl.FOLLOWLOCATION, True)
            curl.setopt(pycurl.MAXREDIRS, 3)
            curl.setopt(pycurl.WRITEFUNCTION, len)
            curl.perform()
    return run


def pcu(url: str) -> Raiser:
    def run() -> None:
        import pycurl

        curl = pycurl.Curl()
        curl.setopt(pycurl.URL, url)
        curl.perform()
    return run


add("pycurl_hang", "pycurl", pc(mode="hang"), **DEADLINE)
add("pycurl_cut", "pycurl", pc(mode="cut"), **CUT)
add("pycurl_short", "pycurl", pc(mode="short"), **CUT)
add("pycurl_reset", "pycurl", pc(mode="reset"), **CUT)
add("pycurl_tls", "pycurl", pc(mode="tls"), **CERTIFICATE)
add("pycurl_unavailable", "pycurl", pc(status=503), **DOWN)
add("pycurl_absent", "pycurl", pc(status=404), **ABSENT)
add("pycurl_unauthorized", "pycurl", pc(status=401), **FORBIDDEN)
add("pycurl_throttled", "pycurl", pc(status=429), **THROTTLED)
add("pycurl_redirects", "pycurl", pc(status=302, headers={"Location": "/"}), **LOOP)
add("pycurl_scheme", "pycurl", pcu("gopherx://127.0.0.1/"), **BAD_URL)
add("pycurl_refused", "pycurl", lambda: pcu(f"http://127.0.0.1:{closed_port()}")(), **REFUSED)


def tn(*, timeout: float = 0.3, **server: Any) -> Raiser:
    async def run() -> None:
        from tornado.simple_httpclient import SimpleAsyncHTTPClient

        with web(**server) as base:
            await SimpleAsyncHTTPClient(force_instance=True).fetch(base, request_timeout=timeout)
    return run


add("tornado_hang", "tornado", tn(mode="hang"), **DEADLINE)
add("tornado_throttled", "tornado", tn(status=429), **THROTTLED)
add("tornado_unauthorized", "tornado", tn(status=401), **FORBIDDEN)
add("tornado_absent", "tornado", tn(status=404), **ABSENT)
add("tornado_cut", "tornado", tn(mode="cut"), **CUT)
add("tornado_handler", "tornado", lambda: (_ for _ in ()).throw(__import__("tornado.web").web.HTTPError(403, "quota page is for admins")), **but(FORBIDDEN, "misleading"))
add("tornado_argument", "tornado", lambda: (_ for _ in ()).throw(__import__("tornado.web").web.MissingArgumentError("timeout")), **but(BAD, "misleading"))


def ws(**server: Any) -> Raiser:
    def run() -> None:
        import websocket

        with web(**server) as base:
            websocket.create_connection(base.replace("http", "ws"), timeout=0.3)
    return run


add("websocket_client_down", "websocket-client", ws(status=503), **DOWN)
add("websocket_client_forbidden", "websocket-client", ws(status=403), **FORBIDDEN)
add("websocket_client_hang", "websocket-client", ws(mode="hang"), **DEADLINE)
add("websocket_client_cut", "websocket-client", ws(mode="cut"), **CUT)
add("websocket_client_tls", "websocket-client", ws(mode="tls"), **CERTIFICATE)
add("websocket_client_url", "websocket-client", lambda: __import__("websocket").create_connection("http//x"), **BAD_URL)
add("websocket_client_refused", "websocket-client", lambda: __import__("websocket").create_connection(f"ws://127.0.0.1:{closed_port()}"), **REFUSED)


@case("websockets_closed_going", "websockets", **but(CUT, why="the other side restarts"))
async def _() -> None:
    import websockets
    from websockets.asyncio.server import serve

    async def handle(one: Any) -> None:
        await one.close(1012, "service restart")

    async with serve(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with websockets.connect(f"ws://127.0.0.1:{port}", proxy=None) as client:
            await client.recv()


@case("websockets_policy", "websockets", **label("SECURITY VALIDATION NETWORK", "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION", "no", "the server refuses what was said"))
async def _() -> None:
    import websockets
    from websockets.asyncio.server import serve

    async def handle(one: Any) -> None:
        await one.close(1008, "invalid api key")

    async with serve(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with websockets.connect(f"ws://127.0.0.1:{port}", proxy=None) as client:
            await client.recv()


@case("websockets_large", "websockets", **LARGE)
async def _() -> None:
    import websockets
    from websockets.asyncio.server import serve

    async def handle(one: Any) -> None:
        await one.send("x" * 4000)

    async with serve(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with websockets.connect(f"ws://127.0.0.1:{port}", proxy=None, max_size=100) as client:
            await client.recv()


@case("websockets_internal", "websockets", **but(CUT, why="the other side fails for now"))
async def _() -> None:
    import websockets
    from websockets.asyncio.server import serve

    async def handle(one: Any) -> None:
        await one.close(1011, "internal error")

    async with serve(handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with websockets.connect(f"ws://127.0.0.1:{port}", proxy=None) as client:
            await client.recv()


@case("websockets_status", "websockets", **FORBIDDEN)
async def _() -> None:
    import websockets

    with web(401) as base:
        await websockets.connect(base.replace("http", "ws"), proxy=None)


@case("http_h11_wrong", "h11", **label("VALIDATION NETWORK", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "we ourselves break the protocol"))
def _() -> None:
    import h11

    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Data(data=b"x"))


@case("http_wire_half", "http.client", **CUT)
def _() -> None:
    import http.client

    with wire(None, b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf") as (host, port):
        client = http.client.HTTPConnection(host, port, timeout=1)
        client.request("GET", "/")
        client.getresponse().read()

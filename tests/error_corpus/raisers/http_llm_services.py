"""Web frameworks, protocols over HTTP, and services with a client of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent import futures
from typing import Any

from http_llm_labels import (
    ABSENT,
    BAD,
    BAD_CALL,
    BUSY,
    CONTEXT,
    DEADLINE,
    DOWN,
    FAILS,
    FORBIDDEN,
    GATEWAY,
    KEY,
    LARGE,
    MODEL,
    QUOTA,
    RATE,
    SLOW,
    THROTTLED,
    but,
    label,
)
from lab import add, case, web

# fmt: off
Raiser = Callable[[], Any]
XML = {"content-type": "text/xml"}
CONTRACT = label("CONTRACT VALIDATION SYNTAX", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the two sides do not fit")


# -- what our own handlers raise


def aborted(status: int, text: str) -> Raiser:
    def run() -> None:
        from werkzeug.exceptions import abort

        abort(status, description=text)
    return run


add("werkzeug_throttled", "Werkzeug", aborted(429, "100 per 1 minute"), **THROTTLED)
add("werkzeug_absent", "Werkzeug", aborted(404, "no contract named 'retry_after'"), **but(ABSENT, "misleading"))
add("werkzeug_down", "Werkzeug", aborted(503, "maintenance"), **DOWN)
add("werkzeug_gateway", "Werkzeug", aborted(504, "the generator did not answer"), **GATEWAY)
add("werkzeug_unauthorized", "Werkzeug", aborted(401, "log in again"), **FORBIDDEN)
add("werkzeug_forbidden", "Werkzeug", aborted(403, "rate plan does not allow this"), **but(FORBIDDEN, "misleading"))
add("werkzeug_shape", "Werkzeug", aborted(422, "'timeout' is not a number"), **but(BAD, "misleading"))
add("werkzeug_large", "Werkzeug", aborted(413, "16 MB at most"), **LARGE)


def fast(status: int, detail: Any) -> Raiser:
    def run() -> None:
        from fastapi import HTTPException

        raise HTTPException(status, detail)
    return run


add("http_fastapi_throttled", "fastapi", fast(429, "Rate limit exceeded: 5 per 1 minute"), **THROTTLED)
add("http_fastapi_down", "fastapi", fast(503, "model not loaded yet"), **but(DOWN, types="NETWORK AI_SERVICE"))
add("http_fastapi_absent", "fastapi", fast(404, "timeout policy not found"), **but(ABSENT, "misleading"))
add("http_fastapi_token", "fastapi", fast(401, "Could not validate credentials"), **FORBIDDEN)
add("http_fastapi_bad", "fastapi", fast(400, "try again with a smaller batch"), **but(BAD, "misleading", strategies="ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION GRACEFUL_DEGRADATION"))


@case("http_fastapi_request", "fastapi", **but(BAD, "misleading"))
def _() -> None:
    from fastapi.exceptions import RequestValidationError

    raise RequestValidationError([{"type": "int_parsing", "loc": ("query", "retry_after"), "msg": "Input should be a valid integer", "input": "soon"}])


@case("starlette_gone", "starlette", **DOWN | {"types": "NETWORK"})
def _() -> None:
    from starlette.exceptions import HTTPException

    raise HTTPException(502)


def falc(kind: str, **more: Any) -> Raiser:
    def run() -> None:
        import falcon

        raise getattr(falcon, kind)(**more)
    return run


add("falcon_throttled", "falcon", falc("HTTPTooManyRequests", retry_after=30), **THROTTLED)
add("falcon_down", "falcon", falc("HTTPServiceUnavailable", title="draining", retry_after=5), **DOWN)
add("falcon_forbidden", "falcon", falc("HTTPForbidden", title="no"), **FORBIDDEN)
add("falcon_field", "falcon", lambda: (_ for _ in ()).throw(__import__("falcon").HTTPInvalidParam("must be positive", "timeout")), **but(BAD, "misleading"))


# -- model context protocol


@case("mcp_timeout", "mcp", **DEADLINE | {"types": "TIMEOUT NETWORK AI_SERVICE"})
def _() -> None:
    from mcp import MCPError

    raise MCPError(408, "Timed out while waiting for response to ClientRequest. Waited 5.0 seconds.")


def mcp(code: int, message: str) -> Raiser:
    def run() -> None:
        from mcp import MCPError

        raise MCPError(code, message)
    return run


add("mcp_no_method", "mcp", mcp(-32601, "Method not found"), **but(CONTRACT, types="CONTRACT VALIDATION SYNTAX NETWORK"))
add("mcp_parameters", "mcp", mcp(-32602, "Invalid params: unknown tool retry"), **but(BAD, "misleading", types="VALIDATION CONTRACT"))
add("mcp_closed", "mcp", mcp(-32000, "Connection closed"), **label("NETWORK", "RETRY ALTERNATIVE_PATH", "yes", "the connection broke"))


# -- gRPC to a vendor of models


def grok(code: str, details: str, delay: float = 0.0, trailing: tuple[tuple[str, str], ...] = ()) -> Raiser:
    def run() -> Any:
        import time

        import grpc
        from xai_sdk import Client
        from xai_sdk.chat import user

        class Handler(grpc.GenericRpcHandler):
            def service(self, call: Any) -> Any:
                def answer(_: bytes, context: Any) -> bytes:
                    time.sleep(delay)
                    context.set_trailing_metadata(trailing)
                    context.abort(grpc.StatusCode[code], details)
                    return b""
                return grpc.unary_unary_rpc_method_handler(answer)

        server = grpc.server(futures.ThreadPoolExecutor(2), handlers=[Handler()])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            client = Client(api_key="k", api_host=f"127.0.0.1:{port}", timeout=0.4, use_insecure_channel=True, channel_options=[("grpc.enable_retries", 0)])
            return client.chat.create("grok-4", messages=[user("hi")]).sample()
        finally:
            server.stop(0)
    return run


add("xai_grpc_rate", "xai-sdk", grok("RESOURCE_EXHAUSTED", "Too many requests for team: 10 requests per second. Please slow down."), **RATE)
add("xai_grpc_credit", "xai-sdk", grok("RESOURCE_EXHAUSTED", "Your team has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit."), **QUOTA)
add("xai_grpc_key", "xai-sdk", grok("UNAUTHENTICATED", "Incorrect API key provided: k."), **KEY)
add("xai_grpc_model", "xai-sdk", grok("NOT_FOUND", "The model grok-9 does not exist or your team does not have access to it."), **MODEL)
add("xai_grpc_long", "xai-sdk", grok("INVALID_ARGUMENT", "This model's maximum prompt length is 131072 but the request contains 140001 tokens."), **CONTEXT)
add("xai_grpc_down", "xai-sdk", grok("UNAVAILABLE", "The service is temporarily unavailable."), **BUSY | {"types": "AI_SERVICE NETWORK"})
add("xai_grpc_internal", "xai-sdk", grok("INTERNAL", "Internal error"), **FAILS | {"types": "AI_SERVICE NETWORK"})
add("xai_grpc_slow", "xai-sdk", grok("CANCELLED", "late", delay=1.0), **SLOW)
add("xai_grpc_argument", "xai-sdk", grok("INVALID_ARGUMENT", "temperature must be between 0 and 2, retry with another value"), **but(BAD_CALL, "misleading"))


# -- SOAP and OAuth


@case("zeep_fault", "zeep", **label("NETWORK UNKNOWN VALIDATION", "RETRY ALTERNATIVE_PATH ESCALATION", "unknown", "the server fails and does not say why"))
def _() -> None:
    from zeep.exceptions import Fault

    raise Fault("Server was unable to process request.", code="soap:Server")


@case("zeep_wsdl", "zeep", **DOWN)
def _() -> None:
    import zeep

    with web(503) as base:
        zeep.Client(base + "/?wsdl")


@case("zeep_words", "zeep", **label("SYNTAX CONTRACT VALIDATION", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the document does not parse"))
def _() -> None:
    import zeep

    with web(200, "<wsdl", headers=XML) as base:
        zeep.Client(base + "/?wsdl")


def oauth(status: int, body: Any) -> Raiser:
    def run() -> Any:
        import os

        from oauthlib.oauth2 import BackendApplicationClient
        from requests_oauthlib import OAuth2Session

        os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
        with web(status, body) as base:
            return OAuth2Session(client=BackendApplicationClient("c")).fetch_token(base + "/token", client_secret="s", timeout=1)
    return run


add("oauth_client", "requests-oauthlib", oauth(401, {"error": "invalid_client", "error_description": "Client authentication failed"}), **FORBIDDEN)
add("oauth_grant", "requests-oauthlib", oauth(400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked. Try again."}), **but(FORBIDDEN, "misleading", types="SECURITY VALIDATION"))
add("oauth_busy", "requests-oauthlib", oauth(503, {"error": "temporarily_unavailable"}), **DOWN | {"types": "NETWORK SECURITY"})
add("oauth_server", "requests-oauthlib", oauth(500, {"error": "server_error"}), **DOWN | {"types": "NETWORK SECURITY"})


@case("oauth_expired", "requests-oauthlib", **but(FORBIDDEN, why="the token stays expired until somebody renews it"))
def _() -> None:
    import time

    from requests_oauthlib import OAuth2Session

    OAuth2Session("c", token={"access_token": "t", "token_type": "Bearer", "expires_in": -30, "expires_at": time.time() - 30}).get("https://127.0.0.1:9/x")


# -- services


def telegram(status: int, body: Any, **server: Any) -> Raiser:
    async def run() -> Any:
        from telegram import Bot
        from telegram.request import HTTPXRequest

        with web(status, body, **server) as base:
            bot = Bot("1:k", base_url=base + "/bot", request=HTTPXRequest(read_timeout=0.2))
            return await bot.get_me()
    return run


def tg(code: int, text: str, **more: Any) -> dict[str, Any]:
    return {"ok": False, "error_code": code, "description": text, **more}


add("telegram_flood", "python-telegram-bot", telegram(429, tg(429, "Too Many Requests: retry after 5", parameters={"retry_after": 5})), **THROTTLED)
add("telegram_token", "python-telegram-bot", telegram(401, tg(401, "Unauthorized")), **FORBIDDEN)
add("telegram_blocked", "python-telegram-bot", telegram(403, tg(403, "Forbidden: bot was blocked by the user")), **FORBIDDEN)
add("telegram_bad", "python-telegram-bot", telegram(400, tg(400, "Bad Request: message is too long")), **but(LARGE, types="VALIDATION"))
add("telegram_down", "python-telegram-bot", telegram(502, tg(502, "Bad Gateway")), **DOWN)
add("telegram_hang", "python-telegram-bot", telegram(200, "{}", mode="hang"), **DEADLINE)


def praw(status: int, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        import prawcore

        with web(status, body, **server) as base:
            requestor = prawcore.Requestor(user_agent="test:agent:1 (by acme)", oauth_url=base, reddit_url=base, timeout=0.3)  # codespell:ignore requestor
            auth = prawcore.ReadOnlyAuthorizer(authenticator=prawcore.TrustedAuthenticator(requestor=requestor, client_id="c", client_secret="s"))  # codespell:ignore requestor
            auth.refresh()
            return None
    return run


add("praw_unauthorized", "prawcore", praw(401), **FORBIDDEN)
add("praw_hang", "prawcore", praw(200, mode="hang"), **DEADLINE)


@case("praw_throttled", "prawcore", **THROTTLED)
def _() -> None:
    import prawcore
    import requests

    with web(429, headers={"retry-after": "12"}) as base:
        raise prawcore.exceptions.TooManyRequests(requests.get(base))


def fire(status: int, body: Any) -> Raiser:
    def run() -> Any:
        from firecrawl import Firecrawl

        with web(status, body) as base:
            return Firecrawl(api_key="fc-k", api_url=base, max_retries=0, timeout=1).scrape("https://example.com")
    return run


add("firecrawl_credit", "firecrawl-py", fire(402, {"success": False, "error": "Insufficient credits to perform this request. For more credits, you can upgrade your plan."}), **but(QUOTA, types="AI_SERVICE RATE_LIMIT NETWORK"))
add("firecrawl_rate", "firecrawl-py", fire(429, {"success": False, "error": "Rate limit exceeded. Consumed (req/min): 12, Remaining (req/min): 0. Please retry after 31s"}), **RATE)
add("firecrawl_key", "firecrawl-py", fire(401, {"success": False, "error": "Unauthorized: Invalid token"}), **KEY)
add("firecrawl_timeout", "firecrawl-py", fire(408, {"success": False, "error": "Request timed out"}), **SLOW)
add("firecrawl_site", "firecrawl-py", fire(403, {"success": False, "error": "This website is no longer supported, please reach out."}), **but(FORBIDDEN, types="SECURITY VALIDATION NETWORK", strategies="ESCALATION ALTERNATIVE_PATH"))


def jira(status: int, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        from jira import JIRA

        with web(status, body, **server) as base:
            return JIRA(base, token_auth="k", get_server_info=False, max_retries=0, timeout=0.4).issue("N-1")
    return run


add("jira_absent", "jira", jira(404, {"errorMessages": ["Issue does not exist or you do not have permission to see it."], "errors": {}}), **ABSENT)
add("jira_unauthorized", "jira", jira(401), **FORBIDDEN)
add("jira_down", "jira", jira(503, "<html>Jira is starting</html>"), **DOWN)


def spot(status: int, body: Any, **server: Any) -> Raiser:
    def run() -> Any:
        import spotipy

        with web(status, body, **server) as base:
            client = spotipy.Spotify(auth="k", retries=0, requests_timeout=0.4)
            client.prefix = base + "/"
            return client.track("x" * 22)
    return run


add("spotipy_token", "spotipy", spot(401, {"error": {"status": 401, "message": "The access token expired"}}), **FORBIDDEN)
add("spotipy_rate", "spotipy", spot(429, {"error": {"status": 429, "message": "API rate limit exceeded"}}, headers={"Retry-After": "2"}), **THROTTLED)
add("spotipy_down", "spotipy", spot(502, {"error": {"status": 502, "message": "Bad gateway."}}), **DOWN | {"types": "NETWORK RATE_LIMIT"})


def smith(status: int, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        from langsmith import Client

        with web(status, body, **server) as base:
            return Client(api_url=base, api_key="k", timeout_ms=300, retry_config=0, auto_batch_tracing=False).read_project(project_id="0" * 8 + "-0000-0000-0000-" + "0" * 12)
    return run


add("langsmith_key", "langsmith", smith(401, {"detail": "Invalid token"}), **KEY)
add("langsmith_absent", "langsmith", smith(404, {"detail": "Tracing session not found"}), **but(ABSENT, types="VALIDATION NETWORK UNKNOWN AI_SERVICE"))


def fal(status: int, body: Any, **server: Any) -> Raiser:
    def run() -> Any:
        import fal_client

        with web(status, body, **server) as base:
            client = fal_client.SyncClient(key="k", default_timeout=0.5)
            return client._client.get(base).raise_for_status() if not hasattr(fal_client.client, "_raise_for_status") else fal_client.client._raise_for_status(client._client.get(base))
    return run


add("fal_balance", "fal-client", fal(403, {"detail": "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."}), **but(QUOTA, types="AI_SERVICE SECURITY RATE_LIMIT"))
add("fal_shape", "fal-client", fal(422, {"detail": [{"loc": ["body", "prompt"], "msg": "field required", "type": "value_error.missing"}]}), **BAD_CALL)


def airtable(status: int, body: Any) -> Raiser:
    def run() -> Any:
        from pyairtable import Api

        with web(status, body) as base:
            return Api("k", endpoint_url=base, retry_strategy=None, timeout=(1, 1)).table("app", "tbl").first()
    return run


add("airtable_rate", "pyairtable", airtable(429, {"errors": [{"error": "RATE_LIMIT_REACHED", "message": "Rate limit exceeded. Please try again later"}]}), **THROTTLED)
add("airtable_field", "pyairtable", airtable(422, {"error": {"type": "UNKNOWN_FIELD_NAME", "message": "Unknown field name: \"timeout\""}}), **but(BAD, "misleading"))
add("airtable_token", "pyairtable", airtable(401, {"error": {"type": "AUTHENTICATION_REQUIRED", "message": "Authentication required"}}), **FORBIDDEN)


def tweet(status: int, body: Any, **server: Any) -> Raiser:
    def run() -> Any:
        import requests
        import tweepy

        kind = {429: tweepy.TooManyRequests, 403: tweepy.Forbidden, 503: tweepy.TwitterServerError, 401: tweepy.Unauthorized}[status]
        with web(status, body, **server) as base:
            raise kind(requests.get(base))
    return run


add("tweepy_rate", "tweepy", tweet(429, {"title": "Too Many Requests", "detail": "Too Many Requests", "status": 429}), **THROTTLED)
add("tweepy_forbidden", "tweepy", tweet(403, {"title": "Forbidden", "detail": "You are not allowed to create a Tweet with duplicate content."}), **but(FORBIDDEN, types="SECURITY VALIDATION", strategies="ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION"))
add("tweepy_down", "tweepy", tweet(503, {"title": "Service Unavailable"}), **DOWN)


def unstr(status: int, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        from unstructured_client import UnstructuredClient
        from unstructured_client.models import operations, shared

        with web(status, body, **server) as base:
            client = UnstructuredClient(api_key_auth="k", server_url=base, timeout_ms=400)
            files = shared.Files(content=b"x", file_name="a.txt")
            return client.general.partition(request=operations.PartitionRequest(partition_parameters=shared.PartitionParameters(files=files)), retries=None)
    return run


add("unstructured_shape", "unstructured-client", unstr(422, {"detail": "File type None is not supported."}), **BAD_CALL)
add("unstructured_key", "unstructured-client", unstr(401, {"detail": "API key is invalid, please provide a valid API key in the header."}), **KEY)

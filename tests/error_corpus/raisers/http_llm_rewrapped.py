"""The same situations in other clothes: said again as text, wrapped, in groups, with notes, by layers of an application."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from http_llm_clients import ah, hx, rq, u3, ul
from http_llm_compat import fw, hf, ol, tg, via, vo, zp
from http_llm_labels import (
    ABSENT,
    BUSY,
    CERTIFICATE,
    CONTEXT,
    CUT,
    DAY,
    DEADLINE,
    DOWN,
    FAILS,
    FILTER,
    FORBIDDEN,
    KEY,
    MODEL,
    QUOTA,
    RATE,
    REFUSED,
    SLOW,
    THROTTLED,
    but,
    label,
    together,
)
from http_llm_vendors import (
    OVER,
    OVER_QUOTA,
    SPENT,
    TOO_LONG,
    TPM,
    ae,
    an,
    az,
    br,
    ge,
    gg,
    me,
    mi,
    oa,
    oe,
    violated,
)
from lab import add, case, closed_port

# fmt: off
Raiser = Callable[[], Any]


class StepError(Exception):
    """An error of the application, which says nothing of its own."""

    __module__ = "service.steps"


class PipelineError(Exception):
    """An error of the application, one layer further out."""

    __module__ = "service.pipeline"


def caught(raiser: Raiser) -> Exception:
    """Return what a raiser raises."""
    try:
        if inspect.iscoroutinefunction(raiser):
            asyncio.run(raiser())
        else:
            raiser()
    except Exception as error:
        return error
    raise AssertionError


def said(raiser: Raiser, words: str = "{}", kind: type[Exception] = RuntimeError) -> Raiser:
    """Say only the text again."""
    def run() -> None:
        error = caught(raiser)
        raise kind(words.format(error)) from None
    return run


def named(raiser: Raiser, words: str = "step 'generate' failed: {}") -> Raiser:
    """Say class and text again, as a line of a log does."""
    def run() -> None:
        error = caught(raiser)
        raise StepError(words.format(f"{type(error).__name__}: {error}"))
    return run


def wrapped(raiser: Raiser, words: str = "the step failed") -> Raiser:
    """Wrap, with the cause."""
    def run() -> None:
        error = caught(raiser)
        raise StepError(words) from error
    return run


def twice(raiser: Raiser) -> Raiser:
    """Wrap two times."""
    def run() -> None:
        try:
            wrapped(raiser)()
        except StepError as error:
            raise PipelineError("pipeline 'nodes' stopped") from error
    return run


def grouped(*raisers: Raiser, words: str = "parts failed") -> Raiser:
    """Raise all as a group."""
    def run() -> None:
        raise ExceptionGroup(words, [caught(raiser) for raiser in raisers])
    return run


def nested(raiser: Raiser, other: Raiser) -> Raiser:
    """Raise a group within a group."""
    def run() -> None:
        raise ExceptionGroup("stages failed", [caught(other), ExceptionGroup("parts failed", [caught(raiser)])])
    return run


def noted(raiser: Raiser, note: str) -> Raiser:
    """Add a note that tells of something else."""
    def run() -> None:
        error = caught(raiser)
        error.add_note(note)
        raise error
    return run


CREDIT = an(400, ae("invalid_request_error", "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."))
GEMINI_DAY = gg(429, ge(429, "RESOURCE_EXHAUSTED", OVER_QUOTA, *violated("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "41s")))
GEMINI_MINUTE = gg(429, ge(429, "RESOURCE_EXHAUSTED", OVER_QUOTA + "\nPlease retry in 36.5s.", *violated("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "36s")))
GEMINI_BUSY = gg(503, ge(503, "UNAVAILABLE", "The model is overloaded. Please try again later."))
GEMINI_KEY = gg(400, ge(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}))
THROTTLE = br(400, "ThrottlingException", "Too many requests, please wait before trying again.")
BEDROCK_LONG = br(400, "ValidationException", "Input is too long for requested model.")
CAPACITY = mi(429, me("Service tier capacity exceeded for this model.", "service_tier_capacity_exceeded", "3505"))
FILTERED = az(400, {"error": {"message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.", "type": None, "param": "prompt", "code": "content_filter", "status": 400}})
BALANCE = via(402, {"error": {"message": "Insufficient Balance", "type": "unknown_error", "param": None, "code": "invalid_request_error"}})
LOADING = hf(503, {"error": "Model acme/node-writer is currently loading", "estimated_time": 20.0})
TOO_BIG = ol(500, {"error": "model requires more system memory (24.5 GiB) than is available (7.6 GiB)"})
ARREARS = zp(429, '{"error": {"code": "1113", "message": "您的账户已欠费，请充值后重试。"}}')
MEMORY = label("AI_SERVICE", "GRACEFUL_DEGRADATION ALTERNATIVE_PATH ESCALATION", "no", "the model does not fit into this machine", "misleading")


def refused() -> None:
    import requests

    requests.get(f"http://127.0.0.1:{closed_port()}/v1", timeout=1)


# -- the text alone
add("said_credit", "anthropic", said(CREDIT), **QUOTA)
add("said_gemini_day", "google-genai", said(GEMINI_DAY), **but(DAY, "misleading"))
add("said_gemini_minute", "google-genai", said(GEMINI_MINUTE, "generation failed: {}"), **but(RATE, "misleading"))
add("said_gemini_busy", "google-genai", said(GEMINI_BUSY), **BUSY)
add("said_gemini_key", "google-genai", said(GEMINI_KEY, kind=ValueError), **KEY)
add("said_throttle", "boto3", said(THROTTLE), **RATE)
add("said_bedrock_long", "boto3", said(BEDROCK_LONG), **CONTEXT)
add("said_capacity", "mistralai", said(CAPACITY), **but(BUSY, types="AI_SERVICE RATE_LIMIT"))
add("said_filtered", "openai", said(FILTERED), **but(FILTER, "misleading"))
add("said_balance", "openai", said(BALANCE), **QUOTA)
add("said_loading", "huggingface_hub", said(LOADING), **but(BUSY, types="AI_SERVICE NETWORK"))
add("said_memory", "ollama", said(TOO_BIG), **MEMORY)
add("said_arrears", "zhipuai", said(ARREARS), **QUOTA)
add("said_refused", "requests", said(refused, kind=Exception), **REFUSED)
add("said_cut", "aiohttp", said(ah(mode="cut"), "upload failed: {}"), **CUT)
add("said_absent", "httpx", said(hx("/timeouts/503", status=404), "lookup failed: {}"), **but(ABSENT, "misleading"))
add("said_tls", "urllib3", said(u3(mode="tls", retries=1)), **CERTIFICATE)
add("said_hang", "requests", said(rq(mode="hang", timeout=0.15)), **DEADLINE)
add("said_throttled", "urllib", said(ul(status=429)), **THROTTLED)
add("said_overloaded", "anthropic", said(an(529, OVER), "claude: {}"), **BUSY)
add("said_key", "together", said(tg(401, {"error": {"message": "Invalid API key provided.", "type": "invalid_request_error", "code": "invalid_api_key"}})), **KEY)
add("said_spending", "fireworks-ai", said(fw(412, {"error": {"message": "Account acme is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices."}})), **QUOTA)

# -- class and text, as a log line
add("named_minute", "openai", named(oa(429, TPM)), **RATE)
add("named_spent", "openai", named(oa(429, SPENT)), **QUOTA)
add("named_context", "openai", named(oa(400, TOO_LONG)), **CONTEXT)
add("named_model", "openai", named(oa(404, oe("The model `gpt-9` does not exist or you do not have access to it.", "invalid_request_error", "model_not_found"))), **MODEL)
add("named_hang", "openai", named(oa(mode="hang", timeout=0.15)), **SLOW)
add("named_credit", "anthropic", named(CREDIT, "attempt 3 of 3 failed ({})"), **QUOTA)
add("named_busy", "anthropic", named(an(529, OVER), "attempt 1 of 3 failed ({})"), **BUSY)
add("named_gemini_day", "google-genai", named(GEMINI_DAY), **but(DAY, "misleading"))
add("named_forbidden", "httpx", named(hx("/retry", status=403)), **but(FORBIDDEN, "misleading"))
add("named_down", "aiohttp", named(ah(status=503)), **DOWN)
add("named_voyage", "voyageai", named(vo(429, {"detail": "Rate limit reached"})), **RATE)
add("named_throttle", "boto3", named(THROTTLE), **RATE)

# -- wrapped
add("wrapped_credit", "anthropic", wrapped(CREDIT), **but(QUOTA, "cause-matters"))
add("wrapped_gemini_day", "google-genai", wrapped(GEMINI_DAY), **but(DAY, "cause-matters"))
add("wrapped_gemini_minute", "google-genai", wrapped(GEMINI_MINUTE), **but(RATE, "cause-matters"))
add("wrapped_throttle", "boto3", wrapped(THROTTLE), **but(RATE, "cause-matters"))
add("wrapped_bedrock_long", "boto3", wrapped(BEDROCK_LONG, "please try again later"), **but(CONTEXT, "cause-matters", "misleading"))
add("wrapped_filtered", "openai", wrapped(FILTERED), **but(FILTER, "cause-matters"))
add("wrapped_memory", "ollama", wrapped(TOO_BIG), **but(MEMORY, "cause-matters"))
add("wrapped_refused", "requests", wrapped(refused), **but(REFUSED, "cause-matters"))
add("wrapped_tls", "aiohttp", wrapped(ah(mode="tls"), "could not connect"), **but(CERTIFICATE, "cause-matters"))
add("wrapped_cut", "urllib3", wrapped(u3(mode="cut")), **but(CUT, "cause-matters"))
add("twice_spent", "openai", twice(oa(429, SPENT)), **but(QUOTA, "cause-matters"))
add("twice_busy", "mistralai", twice(CAPACITY), **but(BUSY, "cause-matters", types="AI_SERVICE RATE_LIMIT"))
add("twice_forbidden", "requests", twice(rq(status=403)), **but(FORBIDDEN, "cause-matters"))
add("twice_down", "httpx", twice(hx(status=502)), **but(DOWN, "cause-matters"))
add("twice_server", "fireworks-ai", twice(fw(500, {"error": {"message": "internal server error"}})), **but(FAILS, "cause-matters"))

# -- in groups
add("group_one_busy", "anthropic", grouped(an(529, OVER)), **but(BUSY, "group"))
add("group_one_key", "google-genai", grouped(GEMINI_KEY), **but(KEY, "group"))
add("group_mixed_quota", "boto3", grouped(THROTTLE, CREDIT), **but(QUOTA, "group", why="one of the two will never pass"))
add("group_mixed_throttle", "google-genai", grouped(GEMINI_MINUTE, GEMINI_BUSY), **but(BUSY, "group", types="AI_SERVICE RATE_LIMIT", why="both pass"))
add("group_three", "requests", grouped(rq(status=503), refused, rq(mode="cut")), **but(DOWN, "group", why="all pass", types="NETWORK TIMEOUT"))
add("group_three_absent", "requests", grouped(rq(status=503), refused, rq(status=404), words="mirrors timed out"), **label("VALIDATION NETWORK UNKNOWN", "ESCALATION ALTERNATIVE_PATH", "no", "one of them will never pass", "group", "misleading"))
add("group_nested_key", "openai", nested(oa(401, oe("Incorrect API key provided: k.", "invalid_request_error", "invalid_api_key")), oa(429, TPM)), **but(KEY, "group", why="the one deeper inside will never pass"))
add("group_nested_busy", "mistralai", nested(CAPACITY, CAPACITY), **but(BUSY, "group", types="AI_SERVICE RATE_LIMIT", why="all pass"))

# -- with notes that tell of something else
add("noted_forbidden", "httpx", noted(hx(status=403), "retrying in 3 s"), **but(FORBIDDEN, "misleading"))
add("noted_throttled", "httpx", noted(hx(status=429, headers={"Retry-After": "2"}), "the input was invalid json before"), **but(THROTTLED, "misleading"))
add("noted_context", "openai", noted(oa(400, TOO_LONG), "rate limit: 30000 tokens per minute"), **but(CONTEXT, "misleading"))


# -- errors of our own code beside or after those of others


@case("own_timeout_name", "python", **label("VALIDATION GENERATION UNKNOWN SYNTAX", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "a wrong name stays wrong", "misleading"))
def _() -> None:
    class Settings:
        retries = 3

    Settings().timeout  # noqa: B018


@case("own_status_text", "python", **label("VALIDATION GENERATION UNKNOWN", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the text stays no number", "misleading"))
def _() -> None:
    int("429 Too Many Requests")


@case("own_header_missing", "requests", **label("VALIDATION GENERATION UNKNOWN SYNTAX", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the handler itself is wrong", "misleading"))
def _() -> None:
    error: Any = caught(rq(status=503))
    try:
        raise error
    except Exception:
        float(error.response.headers["Retry-After"])


@case("own_hidden_context", "openai", **label("VALIDATION GENERATION UNKNOWN", "ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION", "no", "what was hidden does not count", "misleading"))
def _() -> None:
    try:
        raise caught(oa(429, TPM))
    except Exception:
        raise ValueError("node name 'rate limit' is not an identifier") from None


@case("own_gather_group", "asyncio", **but(DEADLINE, "group"))
async def _() -> None:
    async def slow() -> None:
        async with asyncio.timeout(0.02):
            await asyncio.sleep(1)

    await together(slow, slow)


@case("own_wait_for", "asyncio", **label("TIMEOUT NETWORK UNKNOWN", "RETRY GRACEFUL_DEGRADATION", "yes", "it took too long", "empty-message"))
async def _() -> None:
    await asyncio.wait_for(asyncio.sleep(1), 0.02)

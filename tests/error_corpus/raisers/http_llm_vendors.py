"""Vendors of language models that have a client of their own: OpenAI, Anthropic, Google, Mistral, and Azure and AWS."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from http_llm_labels import (
    BAD_CALL,
    BROKE,
    BUSY,
    CONTEXT,
    DAY,
    FAILS,
    FILTER,
    KEY,
    MAY_NOT,
    MODEL,
    NO_ANSWER,
    OUTPUT,
    QUOTA,
    RATE,
    SLOW,
    UNREACHED,
    but,
    label,
    together,
)
from lab import add, case, closed_port, web

# fmt: off
Raiser = Callable[[], Any]
ASK = [{"role": "user", "content": "Write the node."}]
SSE = {"content-type": "text/event-stream"}


def events(*data: Any, names: bool = False) -> str:
    """Return a stream of events."""
    return "".join((f"event: {one['type']}\n" if names else "") + f"data: {one if isinstance(one, str) else json.dumps(one)}\n\n" for one in data)


# -- OpenAI


def oa(status: int = 200, body: Any = "{}", *, timeout: float = 0.4, stream: bool = False, **server: Any) -> Raiser:
    def run() -> Any:
        import openai

        with web(status, body, **server) as base:
            client = openai.OpenAI(api_key="k", base_url=base, max_retries=0, timeout=timeout)
            answer = client.chat.completions.create(model="gpt-4.1", messages=ASK, stream=stream)
            return list(answer) if stream else answer.choices[0].message.content
    return run


def oaa(status: int = 200, body: Any = "{}", *, timeout: float = 0.4, **server: Any) -> Raiser:
    async def run() -> Any:
        import openai

        with web(status, body, **server) as base:
            async with openai.AsyncOpenAI(api_key="k", base_url=base, max_retries=0, timeout=timeout) as client:
                return await client.responses.create(model="gpt-5", input="Write the node.")
    return run


def oe(message: str, kind: str | None, code: str | None = None, param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


CHUNK = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4.1", "choices": [{"index": 0, "delta": {"content": "cla"}, "finish_reason": None}]}
TPM = oe("Rate limit reached for gpt-4.1 in organization org-x on tokens per min (TPM): Limit 30000, Used 29110, Requested 2412. Please try again in 3.044s. Visit https://platform.openai.com/account/rate-limits to learn more.", "tokens", "rate_limit_exceeded")
SPENT = oe("You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.", "insufficient_quota", "insufficient_quota")
TOO_LONG = oe("This model's maximum context length is 128000 tokens. However, your messages resulted in 141223 tokens. Please reduce the length of the messages.", "invalid_request_error", "context_length_exceeded", "messages")

add("openai_minute", "openai", oa(429, TPM, headers={"retry-after": "4", "x-ratelimit-reset-tokens": "3.044s", "x-ratelimit-remaining-tokens": "890"}), **RATE)
add("openai_minute_body", "openai", oa(429, TPM), **RATE)
add("openai_minute_ms", "openai", oa(429, TPM, headers={"retry-after-ms": "850"}), **RATE)
add("openai_requests", "openai", oaa(429, oe("Rate limit reached for gpt-5 on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s.", "requests", "rate_limit_exceeded"), headers={"x-ratelimit-reset-requests": "20s"}), **RATE)
add("openai_day", "openai", oa(429, oe("Rate limit reached for gpt-4.1 in organization org-x on requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 5h12m0s.", "requests", "rate_limit_exceeded"), headers={"x-ratelimit-reset-requests": "5h12m0s"}), **but(DAY, why="the wait would be hours"))
add("openai_request_too_large", "openai", oa(429, oe("Request too large for gpt-4.1 in organization org-x on tokens per min (TPM): Limit 30000, Requested 61234. The input or output tokens must be reduced in order to run successfully.", "tokens", "rate_limit_exceeded")), **label("RATE_LIMIT AI_SERVICE VALIDATION", "GRACEFUL_DEGRADATION ALTERNATIVE_PATH ESCALATION ERROR_CORRECTION", "no", "one request alone is more than the limit", "misleading"))
add("openai_spent", "openai", oa(429, SPENT), **QUOTA)
add("openai_spent_async", "openai", oaa(429, SPENT, headers={"retry-after": "1"}), **but(QUOTA, "misleading"))
add("openai_billing", "openai", oa(429, oe("Your account is not active, please check your billing details on our website.", "billing_not_active", "billing_not_active")), **QUOTA)
add("openai_hard_limit", "openai", oa(400, oe("Billing hard limit has been reached", "invalid_request_error", "billing_hard_limit_reached")), **QUOTA)
add("openai_key", "openai", oa(401, oe("Incorrect API key provided: sk-ab***xyz. You can find your API key at https://platform.openai.com/account/api-keys.", "invalid_request_error", "invalid_api_key")), **KEY)
add("openai_no_key", "openai", oaa(401, oe("You didn't provide an API key.", "invalid_request_error")), **KEY)
add("openai_deactivated", "openai", oa(401, oe("The OpenAI account associated with this API key has been deactivated.", "invalid_request_error", "account_deactivated")), **KEY)
add("openai_country", "openai", oa(403, oe("Country, region, or territory not supported", "request_forbidden", "unsupported_country_region_territory")), **MAY_NOT)
add("openai_project_model", "openai", oa(403, oe("Project `proj_x` does not have access to model `gpt-5-pro`", "invalid_request_error", "model_not_found")), **but(MODEL, types="AI_SERVICE SECURITY VALIDATION"))
add("openai_no_model", "openai", oa(404, oe("The model `gpt-4.1-nanno` does not exist or you do not have access to it.", "invalid_request_error", "model_not_found")), **MODEL)
add("openai_retired", "openai", oa(404, oe("The model `gpt-3.5-turbo-0301` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations", "invalid_request_error", "model_not_found")), **MODEL)
add("openai_context", "openai", oa(400, TOO_LONG), **CONTEXT)
add("openai_context_responses", "openai", oaa(400, oe("Your input exceeds the context window of this model. Please adjust your input and try again.", "invalid_request_error", "context_length_exceeded", "input")), **but(CONTEXT, "misleading"))
add("openai_string_long", "openai", oa(400, oe("Invalid 'messages[0].content': string too long. Expected a string with maximum length 1048576, but got a string with length 2097152 instead.", "invalid_request_error", "string_above_max_length", "messages[0].content")), **but(CONTEXT, types="AI_SERVICE VALIDATION GENERATION", strategies="GRACEFUL_DEGRADATION ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION"))
add("openai_policy", "openai", oa(400, oe("Your request was rejected as a result of our safety system.", "invalid_request_error", "content_policy_violation")), **FILTER)
add("openai_parameter", "openai", oa(400, oe("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", "invalid_request_error", "unsupported_parameter", "max_tokens")), **BAD_CALL)
add("openai_schema", "openai", oa(400, oe("Invalid schema for response_format 'retry_policy': In context=(), 'additionalProperties' is required to be supplied and to be false.", "invalid_request_error", None, "response_format")), **but(BAD_CALL, "misleading"))
add("openai_timeout_parameter", "openai", oa(400, oe("Invalid value: 'timeout'. Supported values are: 'auto' and 'default'.", "invalid_request_error", "invalid_value", "service_tier")), **but(BAD_CALL, "misleading"))
add("openai_server", "openai", oa(500, oe("The server had an error while processing your request. Sorry about that!", "server_error")), **FAILS)
add("openai_overloaded", "openai", oa(503, oe("The engine is currently overloaded, please try again later", "overloaded")), **BUSY)
add("openai_slow_down", "openai", oa(503, oe("Slow Down", "server_error"), headers={"retry-after": "15"}), **BUSY)
add("openai_gateway", "openai", oa(502, "<html><title>502 Bad Gateway</title></html>", headers={"content-type": "text/html"}), **FAILS)
add("openai_gateway_slow", "openai", oaa(504, "upstream request timeout", headers={"content-type": "text/plain"}), **SLOW)
add("openai_hang", "openai", oa(mode="hang", timeout=0.15), **SLOW)
add("openai_hang_async", "openai", oaa(mode="hang", timeout=0.15), **SLOW)
add("openai_cut", "openai", oa(mode="cut"), **BROKE)
add("openai_reset_async", "openai", oaa(mode="reset"), **BROKE)
add("openai_tls", "openai", oa(mode="tls"), **label("SECURITY", "ESCALATION", "no", "the certificate stays untrusted"))
add("openai_body", "openai", oa(200, "<html>login</html>"), **NO_ANSWER)
add("openai_stream_error", "openai", oa(200, events(CHUNK, oe("The server had an error processing your request. Sorry about that! You can retry your request.", "server_error")), stream=True, headers=SSE), **FAILS)
add("openai_stream_rate", "openai", oa(200, events(oe("Rate limit reached for gpt-4.1 on tokens per min. Please try again in 1.2s.", "tokens", "rate_limit_exceeded")), stream=True, headers=SSE), **RATE)
add("openai_stream_spent", "openai", oa(200, events(CHUNK, SPENT), stream=True, headers=SSE), **QUOTA)
add("openai_stream_cut", "openai", oa(200, [events(CHUNK)], stream=True, mode="chunks_cut", headers=SSE), **BROKE)
add("openai_refused", "openai", lambda: __import__("openai").OpenAI(api_key="k", base_url=f"http://127.0.0.1:{closed_port()}", max_retries=0).models.list(), **UNREACHED)
add("openai_unset", "openai", lambda: __import__("openai").OpenAI(), **KEY)
add("openai_server_says_no", "openai", oa(500, oe("Internal error: the project is suspended", "server_error"), headers={"x-should-retry": "false"}), **but(FAILS, strategies="ESCALATION ALTERNATIVE_PATH", transient="no", why="the server says that a retry is useless"))
add("openai_conflict", "openai", oa(409, oe("The resource is locked by another request", "conflict")), **label("AI_SERVICE VALIDATION NETWORK UNKNOWN", "RETRY ALTERNATIVE_PATH ESCALATION ERROR_CORRECTION", "unknown", "a conflict may pass or not"))
add("openai_flex", "openai", oa(429, oe("Resource Unavailable", "resource_unavailable")), **BUSY | {"types": ("AI_SERVICE RATE_LIMIT")})


def completion(content: str | None, reason: str = "stop", **message: Any) -> dict[str, Any]:
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4.1", "choices": [{"index": 0, "finish_reason": reason, "message": {"role": "assistant", "content": content, **message}}], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}


def parsed(body: Any) -> Raiser:
    def run() -> Any:
        import openai
        from pydantic import BaseModel

        class Node(BaseModel):
            name: str
            retries: int

        with web(200, body) as base:
            return openai.OpenAI(api_key="k", base_url=base, max_retries=0).chat.completions.parse(model="gpt-4.1", messages=ASK, response_format=Node)
    return run


add("openai_parse_length", "openai", parsed(completion('{"name": "x', "length")), **but(OUTPUT, transient="unknown", strategies="ALTERNATIVE_PATH ERROR_CORRECTION RETRY GRACEFUL_DEGRADATION ESCALATION"))
add("openai_parse_filter", "openai", parsed(completion(None, "content_filter")), **FILTER)
add("openai_parse_shape", "openai", parsed(completion('{"name": "x", "retries": "many"}')), **OUTPUT)
add("openai_parse_words", "openai", parsed(completion("Sure! Here is your node:")), **OUTPUT)
add("openai_tool_words", "openai", lambda: json.loads(completion(None, tool_calls=[{"function": {"arguments": '{"name": "timeout'}}])["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]), **but(OUTPUT, types="GENERATION VALIDATION AI_SERVICE SYNTAX", strategies="ALTERNATIVE_PATH ERROR_CORRECTION RETRY GRACEFUL_DEGRADATION ESCALATION"))


@case("openai_wrapped", "openai", **but(RATE, "cause-matters"))
def _() -> None:
    import openai

    try:
        oa(429, TPM)()
    except openai.OpenAIError as error:
        raise RuntimeError("code generation failed for node 'reducer'") from error


@case("openai_wrapped_spent", "openai", **but(QUOTA, "cause-matters"))
def _() -> None:
    import openai

    try:
        oa(429, SPENT)()
    except openai.OpenAIError as error:
        raise RuntimeError("code generation failed for node 'reducer'") from error


@case("openai_said_spent", "openai", **QUOTA)
def _() -> None:
    import openai

    try:
        oa(429, SPENT)()
    except openai.OpenAIError as error:
        raise RuntimeError(str(error)) from None


@case("openai_said_minute", "openai", **RATE)
def _() -> None:
    import openai

    try:
        oa(429, TPM)()
    except openai.OpenAIError as error:
        raise RuntimeError(f"generation failed: {error}") from None


@case("openai_said_context", "openai", **CONTEXT)
def _() -> None:
    import openai

    try:
        oa(400, TOO_LONG)()
    except openai.OpenAIError as error:
        raise ValueError(str(error)) from None


@case("openai_group", "openai", **but(QUOTA, "group", why="one of the two will never pass"))
async def _() -> None:
    await together(oaa(503, oe("overloaded", "overloaded")), oaa(429, SPENT))


@case("openai_group_busy", "openai", **but(BUSY, "group", types="AI_SERVICE RATE_LIMIT NETWORK", why="both pass"))
async def _() -> None:
    await together(oaa(503, oe("overloaded", "overloaded")), oaa(429, TPM))


@case("openai_noted", "openai", **but(KEY, "misleading"))
def _() -> None:
    import openai

    try:
        oa(401, oe("Incorrect API key provided: k.", "invalid_request_error", "invalid_api_key"))()
    except openai.OpenAIError as error:
        error.add_note("while asking for the retry policy of node 'timeout'")
        raise


# -- Azure


def az(status: int, body: Any, **server: Any) -> Raiser:
    def run() -> Any:
        import openai

        with web(status, body, **server) as base:
            client = openai.AzureOpenAI(api_key="k", azure_endpoint=base, api_version="2024-10-21", max_retries=0, timeout=0.5)
            return client.chat.completions.create(model="nodes-4o", messages=ASK)
    return run


add("azure_minute", "openai", az(429, {"error": {"code": "429", "message": "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 26 seconds."}}, headers={"retry-after": "26"}), **RATE)
add("azure_deployment", "openai", az(404, {"error": {"code": "DeploymentNotFound", "message": "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again."}}), **but(MODEL, "misleading"))
add("azure_filter", "openai", az(400, {"error": {"message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.", "type": None, "param": "prompt", "code": "content_filter", "status": 400, "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"violence": {"filtered": True, "severity": "medium"}}}}}), **but(FILTER, "misleading"))
add("azure_key", "openai", az(401, {"error": {"code": "401", "message": "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription."}}), **KEY)
add("azure_network", "openai", az(403, {"error": {"code": "AccessDenied", "message": "Access denied due to Virtual Network/Firewall rules."}}), **MAY_NOT)
add("azure_quota", "openai", az(403, {"error": {"code": "InsufficientQuota", "message": "This operation requires 30 new capacity in quota Tokens Per Minute (thousands) - gpt-4o, which is bigger than the current available capacity 0."}}), **but(QUOTA, types="AI_SERVICE RATE_LIMIT SECURITY"))
add("azure_capacity", "openai", az(429, {"error": {"code": "NoCapacity", "message": "The system is currently experiencing high demand and cannot process your request. Your request exceeds the maximum usage size allowed during peak load. Please retry after 1 second."}}, headers={"retry-after": "1"}), **but(BUSY, types="AI_SERVICE RATE_LIMIT"))


def ai(status: int = 200, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        from azure.ai.inference import ChatCompletionsClient
        from azure.core.credentials import AzureKeyCredential

        with web(status, body, **server) as base:
            client = ChatCompletionsClient(base, AzureKeyCredential("k"), retry_total=0, read_timeout=0.2)
            return client.complete(messages=ASK)
    return run


add("azure_inference_key", "azure-ai-inference", ai(401, {"error": {"code": "unauthorized", "message": "Bad credentials"}}), **KEY)
add("azure_inference_minute", "azure-ai-inference", ai(429, {"error": {"code": "RateLimitReached", "message": "Rate limit of 15 per 60s exceeded for UserByModelByMinute. Please wait 42 seconds before retrying.", "details": "Rate limit"}}, headers={"retry-after": "42"}), **RATE)
add("azure_inference_day", "azure-ai-inference", ai(429, {"error": {"code": "RateLimitReached", "message": "Rate limit of 150 per 86400s exceeded for UserByModelByDay. Please wait 54321 seconds before retrying."}}, headers={"retry-after": "54321"}), **but(DAY, why="the wait would be hours"))
add("azure_inference_model", "azure-ai-inference", ai(400, {"error": {"code": "unknown_model", "message": "Unknown model: mistral-xx"}}), **MODEL)
add("azure_inference_long", "azure-ai-inference", ai(413, {"error": {"code": "tokens_limit_reached", "message": "Request body too large for gpt-4o model. Max size: 8000 tokens."}}), **CONTEXT)
add("azure_inference_filter", "azure-ai-inference", ai(400, {"error": {"code": "content_filter", "message": "The response was filtered due to the prompt triggering the content management policy."}}), **FILTER)
add("azure_inference_server", "azure-ai-inference", ai(500, {"error": {"code": "InternalServerError", "message": "Backend returned unexpected response."}}), **FAILS)
add("azure_inference_hang", "azure-ai-inference", ai(mode="hang"), **SLOW)
add("azure_inference_cut", "azure-ai-inference", ai(mode="cut"), **BROKE)
add("azure_inference_parameter", "azure-ai-inference", ai(422, {"error": {"code": "Invalid input", "message": "temperature must be below 1"}, "status": 422}), **BAD_CALL)


# -- Anthropic


def an(status: int = 200, body: Any = "{}", *, timeout: float = 0.4, stream: bool = False, **server: Any) -> Raiser:
    def run() -> Any:
        import anthropic

        with web(status, body, **server) as base:
            client = anthropic.Anthropic(api_key="k", base_url=base, max_retries=0, timeout=timeout)
            answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=10, messages=ASK, stream=stream)
            return list(answer) if stream else answer.content[0].text
    return run


def ana(status: int = 200, body: Any = "{}", **server: Any) -> Raiser:
    async def run() -> Any:
        import anthropic

        with web(status, body, **server) as base:
            async with (
                anthropic.AsyncAnthropic(api_key="k", base_url=base, max_retries=0, timeout=0.4) as client,
                client.messages.stream(model="claude-sonnet-4-5", max_tokens=10, messages=ASK) as answer,
            ):
                async for _ in answer.text_stream:
                    pass
    return run


def ae(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_011"}


START = {"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": [], "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}}
OVER = ae("overloaded_error", "Overloaded")

add("anthropic_minute", "anthropic", an(429, ae("rate_limit_error", "This request would exceed your organization's rate limit of 30,000 input tokens per minute."), headers={"retry-after": "27", "anthropic-ratelimit-input-tokens-remaining": "0"}), **RATE)
add("anthropic_minute_async", "anthropic", ana(429, ae("rate_limit_error", "Number of request tokens has exceeded your per-minute rate limit")), **RATE)
add("anthropic_acceleration", "anthropic", an(429, ae("rate_limit_error", "This request would exceed your organization's maximum usage increase rate for input tokens per minute. Please scale up your input tokens usage more gradually.")), **RATE)
add("anthropic_daily", "anthropic", an(429, ae("rate_limit_error", "Number of request tokens has exceeded your daily rate limit (https://docs.claude.com/en/api/rate-limits). Please try again tomorrow or contact sales."), headers={"retry-after": "38120"}), **DAY)
add("anthropic_overloaded", "anthropic", an(529, OVER), **BUSY)
add("anthropic_overloaded_stream", "anthropic", an(200, events(START, OVER, names=True), stream=True, headers=SSE), **BUSY)
add("anthropic_overloaded_async", "anthropic", ana(200, events(OVER, names=True), headers=SSE), **BUSY)
add("anthropic_api_stream", "anthropic", ana(200, events(START, ae("api_error", "Internal server error"), names=True), headers=SSE), **FAILS)
add("anthropic_invalid_stream", "anthropic", an(200, events(START, ae("invalid_request_error", "messages: text content blocks must be non-empty"), names=True), stream=True, headers=SSE), **BAD_CALL)
add("anthropic_rate_stream", "anthropic", an(200, events(START, ae("rate_limit_error", "This request would exceed your rate limit"), names=True), stream=True, headers=SSE), **RATE)
add("anthropic_stream_cut", "anthropic", ana(200, [events(START, names=True)], mode="chunks_cut", headers=SSE), **BROKE)
add("anthropic_server", "anthropic", an(500, ae("api_error", "Internal server error")), **FAILS)
add("anthropic_unavailable", "anthropic", an(503, "upstream connect error or disconnect/reset before headers. reset reason: overflow", headers={"content-type": "text/plain"}), **FAILS)
add("anthropic_timeout_error", "anthropic", an(504, ae("timeout_error", "Request timed out")), **SLOW)
add("anthropic_key", "anthropic", an(401, ae("authentication_error", "invalid x-api-key")), **KEY)
add("anthropic_token", "anthropic", an(401, ae("authentication_error", "OAuth token has expired. Please obtain a new token or refresh your existing token.")), **KEY)
add("anthropic_may_not", "anthropic", an(403, ae("permission_error", "Your API key does not have permission to use the specified resource.")), **MAY_NOT)
add("anthropic_credit", "anthropic", an(400, ae("invalid_request_error", "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.")), **QUOTA)
add("anthropic_spend", "anthropic", an(400, ae("invalid_request_error", "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.")), **QUOTA)
add("anthropic_billing", "anthropic", an(402, ae("billing_error", "There is an issue with your billing or payment information.")), **QUOTA)
add("anthropic_long", "anthropic", an(400, ae("invalid_request_error", "prompt is too long: 214103 tokens > 200000 maximum")), **CONTEXT)
add("anthropic_long_output", "anthropic", an(400, ae("invalid_request_error", "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again")), **but(CONTEXT, "misleading"))
add("anthropic_large", "anthropic", an(413, ae("request_too_large", "Request exceeds the maximum allowed number of bytes.")), **CONTEXT)
add("anthropic_no_model", "anthropic", an(404, ae("not_found_error", "model: claude-2.1")), **MODEL)
add("anthropic_filter", "anthropic", an(400, ae("invalid_request_error", "Output blocked by content filtering policy")), **FILTER)
add("anthropic_parameter", "anthropic", an(400, ae("invalid_request_error", "max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-haiku")), **BAD_CALL | {"strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION GRACEFUL_DEGRADATION"})
add("anthropic_tool_pair", "anthropic", an(400, ae("invalid_request_error", "messages.2: `tool_use` ids were found without `tool_result` blocks immediately after: retry_job")), **but(BAD_CALL, "misleading"))
add("anthropic_hang", "anthropic", an(mode="hang", timeout=0.15), **SLOW)
add("anthropic_cut", "anthropic", an(mode="cut"), **BROKE)
add("anthropic_long_request", "anthropic", lambda: __import__("anthropic").Anthropic(api_key="k", base_url="http://127.0.0.1:9").messages.create(model="claude-sonnet-4-5", max_tokens=60_000, messages=ASK), **label("VALIDATION AI_SERVICE", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION GRACEFUL_DEGRADATION", "no", "the client refuses to wait that long", "misleading"))
add("anthropic_said_overloaded", "anthropic", lambda: (_ for _ in ()).throw(RuntimeError("Error code: 529 - {'type': 'error', 'error': {'type': 'overloaded_error', 'message': 'Overloaded'}}")), **BUSY)
add("anthropic_should_not", "anthropic", an(429, ae("rate_limit_error", "Extra usage is required for long context requests."), headers={"x-should-retry": "false"}), **but(QUOTA, types="RATE_LIMIT AI_SERVICE", why="the server says that a retry is useless"))


# -- Google


def gg(status: int = 200, body: Any = "{}", *, timeout: int = 400, stream: bool = False, **server: Any) -> Raiser:
    def run() -> Any:
        from google import genai

        with web(status, body, **server) as base:
            client = genai.Client(api_key="k", http_options={"base_url": base, "timeout": timeout})
            if stream:
                return list(client.models.generate_content_stream(model="gemini-2.5-pro", contents="Write the node."))
            return client.models.generate_content(model="gemini-2.5-pro", contents="Write the node.")
    return run


def ge(code: int, status: str, message: str, *details: dict[str, Any]) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": status, "details": list(details)}}


def violated(id: str, delay: str | None = None) -> list[dict[str, Any]]:
    found = [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests", "quotaId": id, "quotaValue": "50"}]}]
    return [*found, {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}] if delay else found


OVER_QUOTA = "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."

add("genai_minute", "google-genai", gg(429, ge(429, "RESOURCE_EXHAUSTED", OVER_QUOTA + "\nPlease retry in 36.5s.", *violated("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "36s"))), **but(RATE, "misleading", why="the allowance of the minute comes back, whatever the words say"))
add("genai_day", "google-genai", gg(429, ge(429, "RESOURCE_EXHAUSTED", OVER_QUOTA, *violated("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "41s"))), **but(DAY, "misleading"))
add("genai_exhausted", "google-genai", gg(429, ge(429, "RESOURCE_EXHAUSTED", "Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.")), **RATE)
add("genai_key", "google-genai", gg(400, ge(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"})), **KEY)
add("genai_key_expired", "google-genai", gg(400, ge(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.", {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"})), **KEY)
add("genai_disabled", "google-genai", gg(403, ge(403, "PERMISSION_DENIED", "Generative Language API has not been used in project 123 before or it is disabled. Enable it, then retry.", {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"})), **but(MAY_NOT, "misleading"))
add("genai_place", "google-genai", gg(400, ge(400, "FAILED_PRECONDITION", "User location is not supported for the API use.")), **but(MAY_NOT, types="SECURITY AI_SERVICE VALIDATION"))
add("genai_billing", "google-genai", gg(403, ge(403, "PERMISSION_DENIED", "This API method requires billing to be enabled. Please enable billing on project #123", {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "BILLING_DISABLED"})), **but(QUOTA, types="AI_SERVICE SECURITY RATE_LIMIT"))
add("genai_no_model", "google-genai", gg(404, ge(404, "NOT_FOUND", "models/gemini-1.0-pro is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.")), **MODEL)
add("genai_long", "google-genai", gg(400, ge(400, "INVALID_ARGUMENT", "The input token count (1234567) exceeds the maximum number of tokens allowed (1048576).")), **CONTEXT)
add("genai_overloaded", "google-genai", gg(503, ge(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")), **BUSY)
add("genai_internal", "google-genai", gg(500, ge(500, "INTERNAL", "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting")), **FAILS)
add("genai_deadline", "google-genai", gg(504, ge(504, "DEADLINE_EXCEEDED", "The request timed out. Please try again.")), **SLOW)
add("genai_cancelled", "google-genai", gg(499, ge(499, "CANCELLED", "The operation was cancelled.")), **label("AI_SERVICE NETWORK TIMEOUT UNKNOWN", "RETRY ALTERNATIVE_PATH ESCALATION GRACEFUL_DEGRADATION", "unknown", "somebody gave up, nobody says who"))
add("genai_argument", "google-genai", gg(400, ge(400, "INVALID_ARGUMENT", "Invalid JSON payload received. Unknown name \"retryDelay\" at 'generation_config': Cannot find field.")), **but(BAD_CALL, "misleading"))
add("genai_stream", "google-genai", gg(503, ge(503, "UNAVAILABLE", "The service is currently unavailable."), stream=True), **BUSY)
add("genai_hang", "google-genai", gg(mode="hang", timeout=150), **SLOW)
add("genai_cut", "google-genai", gg(mode="cut"), **BROKE)
add("genai_body", "google-genai", gg(200, "<!doctype html>"), **NO_ANSWER)


# -- Mistral


def mi(status: int = 200, body: Any = "{}", *, timeout: int = 400, **server: Any) -> Raiser:
    def run() -> Any:
        from mistralai.client import Mistral

        with web(status, body, **server) as base:
            return Mistral(api_key="k", server_url=base, timeout_ms=timeout).chat.complete(model="codestral-latest", messages=ASK)
    return run


def me(message: str, kind: str, code: Any) -> dict[str, Any]:
    return {"object": "error", "message": message, "type": kind, "param": None, "code": code}


add("mistral_rate", "mistralai", mi(429, me("Rate limit exceeded", "rate_limited", "1300"), headers={"retry-after": "2"}), **RATE)
add("mistral_capacity", "mistralai", mi(429, me("Service tier capacity exceeded for this model.", "service_tier_capacity_exceeded", "3505")), **but(BUSY, types="AI_SERVICE RATE_LIMIT"))
add("mistral_key", "mistralai", mi(401, {"detail": "Unauthorized"}), **KEY)
add("mistral_no_model", "mistralai", mi(400, me("Invalid model: codestral-9999", "invalid_model", "1500")), **MODEL)
add("mistral_long", "mistralai", mi(400, me("Prompt contains 40210 tokens and 0 draft tokens, too large for model with 32768 maximum context length", "invalid_request_message", "3051")), **CONTEXT)
add("mistral_shape", "mistralai", mi(422, {"detail": [{"type": "missing", "loc": ["body", "messages"], "msg": "Field required", "input": {}}]}), **BAD_CALL)
add("mistral_payment", "mistralai", mi(402, {"message": "Payment required: your workspace has no credit left", "request_id": "x"}), **QUOTA)
add("mistral_server", "mistralai", mi(500, me("Service unavailable.", "internal_server_error", "3700")), **FAILS)
add("mistral_unreachable", "mistralai", mi(503, me("Service unavailable.", "unreachable_backend", "1100")), **FAILS)
add("mistral_hang", "mistralai", mi(mode="hang", timeout=150), **SLOW)
add("mistral_cut", "mistralai", mi(mode="cut"), **BROKE)
add("mistral_body", "mistralai", mi(200, {"id": "x", "choices": "none"}), **NO_ANSWER)


# -- Bedrock


def br(status: int = 200, kind: str = "", message: str = "", *, key: str = "message", stream: bool = False, **server: Any) -> Raiser:
    def run() -> Any:
        import boto3
        from botocore.config import Config

        headers = {"x-amzn-ErrorType": f"{kind}:http://internal.amazon.com/coral/"} if kind else {}
        with web(status, {key: message}, headers=headers, **server) as base:
            client = boto3.client(
                "bedrock-runtime", region_name="us-east-1", endpoint_url=base, aws_access_key_id="a", aws_secret_access_key="b",
                config=Config(retries={"max_attempts": 0}, read_timeout=0.3, connect_timeout=0.3),
            )
            return client.converse(modelId="anthropic.claude-3-haiku", messages=[{"role": "user", "content": [{"text": "hi"}]}])
    return run


add("bedrock_throttled", "boto3", br(429, "ThrottlingException", "Too many tokens, please wait before trying again."), **RATE)
add("bedrock_throttled_400", "boto3", br(400, "ThrottlingException", "Too many requests, please wait before trying again. You have sent too many requests."), **but(RATE, "misleading"))
add("bedrock_day", "boto3", br(429, "ThrottlingException", "Too many tokens per day, please wait before trying again."), **DAY)
add("bedrock_quota", "boto3", br(400, "ServiceQuotaExceededException", "You have exceeded the service quota for your account."), **but(QUOTA, types="AI_SERVICE RATE_LIMIT VALIDATION"))
add("bedrock_access", "boto3", br(403, "AccessDeniedException", "You don't have access to the model with the specified model ID."), **MAY_NOT)
add("bedrock_token", "boto3", br(403, "ExpiredTokenException", "The security token included in the request is expired"), **KEY)
add("bedrock_key", "boto3", br(403, "UnrecognizedClientException", "The security token included in the request is invalid."), **KEY)
add("bedrock_signature", "boto3", br(403, "InvalidSignatureException", "Signature expired: 20261123T100000Z is now earlier than 20261123T101500Z"), **but(KEY, types="SECURITY"))
add("bedrock_no_model", "boto3", br(400, "ValidationException", "The provided model identifier is invalid."), **MODEL)
add("bedrock_on_demand", "boto3", br(400, "ValidationException", "Invocation of model ID anthropic.claude-3-haiku with on-demand throughput isn't supported. Retry your request with the ID or ARN of an inference profile that contains this model."), **but(MODEL, "misleading", types="AI_SERVICE VALIDATION", strategies="ALTERNATIVE_PATH ESCALATION ERROR_CORRECTION"))
add("bedrock_retired", "boto3", br(404, "ResourceNotFoundException", "This model version has reached the end of its life. Please refer to the AWS documentation for more details."), **MODEL)
add("bedrock_long", "boto3", br(400, "ValidationException", "Input is too long for requested model."), **CONTEXT)
add("bedrock_shape", "boto3", br(400, "ValidationException", "The text field in the ContentBlock object at messages.0.content.0 is blank. Add text to the text field, and try again."), **but(BAD_CALL, "misleading"))
add("bedrock_model_timeout", "boto3", br(408, "ModelTimeoutException", "The model took too long to respond."), **SLOW)
add("bedrock_not_ready", "boto3", br(429, "ModelNotReadyException", "The model is not ready to serve inference requests."), **but(BUSY, types="AI_SERVICE RATE_LIMIT"))
add("bedrock_model_error", "boto3", br(424, "ModelErrorException", "The request failed due to an error while processing the model."), **label("AI_SERVICE", "RETRY ALTERNATIVE_PATH ESCALATION", "unknown", "the model itself failed"))
add("bedrock_unavailable", "boto3", br(503, "ServiceUnavailableException", "Bedrock is unable to process your request."), **BUSY)
add("bedrock_internal", "boto3", br(500, "InternalServerException", "The system encountered an unexpected error during processing. Try your request again."), **FAILS)
add("bedrock_hang", "boto3", br(mode="hang"), **SLOW)
add("bedrock_cut", "boto3", br(mode="cut"), **BROKE)


@case("bedrock_parameter", "boto3", **but(BAD_CALL, "misleading"))
def _() -> None:
    import boto3

    client = boto3.client("bedrock-runtime", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    client.converse(modelId="m", messages=[], timeout=3)


@case("bedrock_no_credentials", "boto3", **KEY)
def _() -> None:
    import boto3

    boto3.Session(region_name="us-east-1").client("bedrock-runtime", endpoint_url="http://127.0.0.1:9").converse(modelId="m")


@case("bedrock_no_region", "boto3", **label("VALIDATION AI_SERVICE UNKNOWN SECURITY", "ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH", "no", "the configuration lacks a region"))
def _() -> None:
    import boto3

    boto3.client("bedrock-runtime")

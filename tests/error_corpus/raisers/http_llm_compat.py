"""Smaller vendors of models, search, speech and embeddings, and the web interfaces that generated nodes often call."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from unittest import mock

from http_llm_labels import (
    ABSENT,
    BAD,
    BAD_CALL,
    BROKE,
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
    LARGE,
    MAY_NOT,
    MODEL,
    NO_ANSWER,
    OUTPUT,
    QUOTA,
    RATE,
    REFUSED,
    SLOW,
    THROTTLED,
    UNREACHED,
    but,
    label,
)
from lab import add, case, closed_port, web

# fmt: off
Raiser = Callable[[], Any]
ASK = [{"role": "user", "content": "Write the node."}]
SSE = {"content-type": "text/event-stream"}


# -- clients that look like that of OpenAI


def clone(package: str, cls: str, **more: Any) -> Callable[..., Raiser]:
    def call(status: int = 200, body: Any = "{}", *, timeout: float = 0.4, stream: bool = False, **server: Any) -> Raiser:
        def run() -> Any:
            client = getattr(__import__(package, fromlist=[cls]), cls)
            with web(status, body, **server) as base:
                one = client(api_key="k", base_url=base, max_retries=0, timeout=timeout)
                make = one.chat.completions.create if hasattr(one.chat, "completions") else one.chat.chat
                answer = make(model="m", messages=ASK, **({"stream": True} if stream else {}), **more)
                return list(answer) if stream else answer.choices[0].message.content
        return run
    return call


tg = clone("together", "Together")
add("together_rate", "together", tg(429, {"error": {"message": "You have reached the rate limit specific to this model meta-llama/Llama-3. The maximum rate limit for this model is 6.0 queries per minute.", "type": "model_rate_limit", "param": None, "code": None}}), **RATE)
add("together_key", "together", tg(401, {"error": {"message": "Invalid API key provided. You can find your API key at https://api.together.ai/settings/api-keys.", "type": "invalid_request_error", "code": "invalid_api_key"}}), **KEY)
add("together_credit", "together", tg(402, {"error": {"message": "Credit limit exceeded, please navigate to billing.", "type": "credit_limit", "code": None}}), **QUOTA)
add("together_model", "together", tg(404, {"error": {"message": "Unable to access model llama-9. Please visit https://api.together.ai/models to view the list of supported models.", "type": "invalid_request_error", "code": "model_not_available"}}), **MODEL)
add("together_long", "together", tg(422, {"error": {"message": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens and 512 `max_new_tokens`", "type": "invalid_request_error", "param": "max_tokens", "code": None}}), **CONTEXT)
add("together_overloaded", "together", tg(503, {"error": {"message": "The server is overloaded or not ready yet.", "type": "server_error"}}), **BUSY)
add("together_hang", "together", tg(mode="hang", timeout=0.15), **SLOW)

fw = clone("fireworks", "Fireworks")
add("fireworks_rate", "fireworks-ai", fw(429, {"error": {"object": "error", "type": "rate_limit", "message": "request rate limit exceeded: 10 requests per minute"}}, headers={"x-ratelimit-over-limit": "yes"}), **RATE)
add("fireworks_suspended", "fireworks-ai", fw(412, {"error": {"object": "error", "type": "error", "message": "Account acme is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices. Please go to https://fireworks.ai/account/billing for more information."}}), **QUOTA)
add("fireworks_key", "fireworks-ai", fw(403, {"error": {"object": "error", "type": "error", "message": "unauthorized"}}), **KEY)
add("fireworks_model", "fireworks-ai", fw(404, {"error": {"object": "error", "type": "error", "code": "NOT_FOUND", "message": "Model not found, inaccessible, and/or not deployed"}}), **MODEL)
add("fireworks_long", "fireworks-ai", fw(400, {"error": {"object": "error", "type": "invalid_request_error", "message": "The prompt is too long: 140032, model maximum context length: 131071"}}), **CONTEXT)
add("fireworks_server", "fireworks-ai", fw(500, {"error": {"message": "internal server error"}}), **FAILS)
add("fireworks_cut", "fireworks-ai", fw(mode="cut"), **BROKE)

cb = clone("cerebras.cloud.sdk", "Cerebras")
add("cerebras_queue", "cerebras_cloud_sdk", cb(429, {"message": "We're experiencing high traffic right now! Please try again soon.", "type": "too_many_requests_error", "param": "queue", "code": "queue_exceeded"}), **but(BUSY, types="AI_SERVICE RATE_LIMIT"))
add("cerebras_day", "cerebras_cloud_sdk", cb(429, {"message": "Tokens per day limit exceeded - too many tokens processed.", "type": "too_many_tokens_error", "param": "quota", "code": "token_quota_exceeded"}, headers={"x-ratelimit-reset-tokens-day": "41233.2"}), **DAY)
add("cerebras_minute", "cerebras_cloud_sdk", cb(429, {"message": "Requests per minute limit exceeded - too many requests sent.", "type": "too_many_requests_error", "code": "request_quota_exceeded"}), **RATE)
add("cerebras_key", "cerebras_cloud_sdk", cb(401, {"message": "Wrong API Key", "type": "invalid_request_error", "param": "api_key", "code": "wrong_api_key"}), **KEY)
add("cerebras_model", "cerebras_cloud_sdk", cb(404, {"message": "Model llama-9 does not exist or you do not have access to it.", "type": "not_found_error", "param": "model", "code": "model_not_found"}), **MODEL)
add("cerebras_long", "cerebras_cloud_sdk", cb(400, {"message": "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192", "type": "invalid_request_error", "param": "messages", "code": "context_length_exceeded"}), **CONTEXT)

wr = clone("writerai", "Writer")
add("writer_key", "writer-sdk", wr(401, {"tpe": "Unauthorized", "errors": [{"key": "fail.unauthorized", "description": "Invalid token", "extras": {}}]}), **KEY)
add("writer_server", "writer-sdk", wr(502, "bad gateway"), **FAILS)
add("writer_rate", "writer-sdk", wr(429, {"tpe": "RateLimit", "errors": [{"description": "too many requests"}]}), **RATE)

px = clone("perplexity", "Perplexity")
add("perplexity_model", "perplexityai", px(400, {"error": {"message": "Invalid model 'sonar-huge'. Permitted models can be found in the documentation.", "type": "invalid_model", "code": 400}}), **MODEL)
add("perplexity_credit", "perplexityai", px(401, {"error": {"message": "You exceeded your current quota, please check your plan and billing details.", "type": "insufficient_quota", "code": 401}}), **but(QUOTA, types="AI_SERVICE RATE_LIMIT SECURITY"))
add("perplexity_rate", "perplexityai", px(429, {"error": {"message": "Request rate limit exceeded, please try again later.", "type": "request_rate_limit_exceeded", "code": 429}}), **RATE)
add("perplexity_refused", "perplexityai", lambda: __import__("perplexity").Perplexity(api_key="k", base_url=f"http://127.0.0.1:{closed_port()}", max_retries=0).chat.completions.create(model="m", messages=ASK), **UNREACHED)

la = clone("llama_api_client", "LlamaAPIClient")
add("llama_api_rate", "llama_api_client", la(429, {"title": "Rate limit exceeded", "detail": "You have sent too many requests", "status": 429}), **RATE)
add("llama_api_key", "llama_api_client", la(401, {"title": "Unauthorized", "detail": "API key is invalid", "status": 401}), **KEY)
add("llama_api_hang", "llama_api_client", la(mode="hang", timeout=0.15), **SLOW)


# vendors that are reached with the client of OpenAI


def via(status: int, body: Any, *, model: str = "m", stream: bool = False, **server: Any) -> Raiser:
    def run() -> Any:
        import openai

        with web(status, body, **server) as base:
            answer = openai.OpenAI(api_key="k", base_url=base, max_retries=0, timeout=0.4).chat.completions.create(model=model, messages=ASK, stream=stream)
            return list(answer) if stream else answer
    return run


add("deepseek_balance", "openai", via(402, {"error": {"message": "Insufficient Balance", "type": "unknown_error", "param": None, "code": "invalid_request_error"}}), **QUOTA)
add("deepseek_busy", "openai", via(503, {"error": {"message": "Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.", "type": "service_unavailable_error", "code": "service_unavailable_error"}}), **BUSY)
add("deepseek_key", "openai", via(401, {"error": {"message": "Authentication Fails, Your api key: ****k is invalid", "type": "authentication_error", "code": "invalid_request_error"}}), **KEY)
add("deepseek_long", "openai", via(400, {"error": {"message": "This model's maximum context length is 131072 tokens. However, you requested 150001 tokens (146001 in the messages, 4000 in the completion). Please reduce the length of the messages or completion.", "type": "invalid_request_error", "code": "invalid_request_error"}}), **CONTEXT)
add("openrouter_credits", "openai", via(402, {"error": {"message": "This request requires more credits, or fewer max_tokens. You requested up to 64000 tokens, but can only afford 1200.", "code": 402, "metadata": {"provider_name": None}}}), **but(QUOTA, strategies="ESCALATION ALTERNATIVE_PATH GRACEFUL_DEGRADATION"))
add("openrouter_upstream", "openai", via(429, {"error": {"message": "Provider returned error", "code": 429, "metadata": {"raw": "qwen is temporarily rate-limited upstream. Please retry shortly, or add your own key", "provider_name": "Chutes"}}}), **RATE)
add("openrouter_none", "openai", via(404, {"error": {"message": "No endpoints found for qwen/qwen9.", "code": 404}}), **MODEL)
add("openrouter_free_day", "openai", via(429, {"error": {"message": "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day", "code": 429, "metadata": {"headers": {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795478400000"}}}}), **DAY)
add("openrouter_moderation", "openai", via(403, {"error": {"message": "Your chosen model requires moderation and your input was flagged", "code": 403, "metadata": {"reasons": ["violence"], "flagged_input": "..."}}}), **FILTER)
add("vllm_long", "openai", via(400, {"object": "error", "message": "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens in the messages, Please reduce the length of the messages.", "type": "BadRequestError", "param": None, "code": 400}), **CONTEXT)
add("vllm_model", "openai", via(404, {"object": "error", "message": "The model `llama` does not exist.", "type": "NotFoundError", "param": None, "code": 404}), **MODEL)
add("xai_credits", "openai", via(429, {"code": "Some resource has been exhausted", "error": "Your team has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit."}), **QUOTA)
add("xai_key", "openai", via(400, {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: k. You can obtain an API key from https://console.x.ai."}), **KEY)
add("moonshot_overloaded", "openai", via(429, {"error": {"message": "The engine is currently overloaded, please try again later", "type": "engine_overloaded_error"}}), **but(BUSY, types="AI_SERVICE RATE_LIMIT"))
add("moonshot_arrears", "openai", via(429, {"error": {"message": "Your account is suspended, please check your plan and billing details", "type": "exceeded_current_quota_error"}}), **QUOTA)
add("github_models_day", "openai", via(429, {"error": {"code": "RateLimitReached", "message": "Rate limit of 50 per 86400s exceeded for UserByModelByDay. Please wait 70211 seconds before retrying."}}, headers={"retry-after": "70211"}), **DAY)


# -- others


def ol(status: int = 200, body: Any = "{}", *, stream: bool = False, **server: Any) -> Raiser:
    def run() -> Any:
        import ollama

        with web(status, body, **server) as base:
            answer = ollama.Client(host=base, timeout=0.3).chat(model="llama9", messages=ASK, stream=stream)
            return list(answer) if stream else answer
    return run


add("ollama_model", "ollama", ol(404, {"error": "model 'llama9' not found"}), **MODEL)
add("ollama_memory", "ollama", ol(500, {"error": "model requires more system memory (24.5 GiB) than is available (7.6 GiB)"}), **label("AI_SERVICE", "GRACEFUL_DEGRADATION ALTERNATIVE_PATH ESCALATION", "no", "the model does not fit into this machine", "misleading"))
add("ollama_busy", "ollama", ol(503, {"error": "server busy, please try again. maximum pending requests exceeded"}), **BUSY)
add("ollama_runner", "ollama", ol(500, {"error": "llama runner process has terminated: exit status 2"}), **FAILS)
add("ollama_tools", "ollama", ol(400, {"error": "llama9 does not support tools"}), **but(BAD_CALL, types="VALIDATION AI_SERVICE"))
add("ollama_stream", "ollama", ol(200, '{"message": {"role": "assistant", "content": "cla"}, "done": false}\n{"error": "an error was encountered while running the model: unexpected EOF"}\n', stream=True), **FAILS)
add("ollama_hang", "ollama", ol(mode="hang"), **SLOW)
add("ollama_refused", "ollama", lambda: __import__("ollama").Client(host=f"http://127.0.0.1:{closed_port()}").list(), **UNREACHED)


def hf(status: int = 200, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        from huggingface_hub import InferenceClient

        with web(status, body, **server) as base:
            return InferenceClient(base, token="hf_k", timeout=0.3).chat_completion(ASK)
    return run


def hub(status: int, headers: dict[str, str] | None = None, body: Any = "{}") -> Raiser:
    def run() -> Any:
        from huggingface_hub import HfApi

        with web(status, body, headers=headers or {}) as base:
            return HfApi(endpoint=base, token="hf_k").model_info("acme/node-writer", timeout=1)
    return run


add("hf_credits", "huggingface_hub", hf(402, {"error": "You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO to get 20x more monthly included credits."}), **QUOTA)
add("hf_loading", "huggingface_hub", hf(503, {"error": "Model acme/node-writer is currently loading", "estimated_time": 20.0}), **but(BUSY, types="AI_SERVICE NETWORK"))
add("hf_token", "huggingface_hub", hf(401, {"error": "Invalid credentials in Authorization header"}), **KEY)
add("hf_rate", "huggingface_hub", hf(429, {"error": "Rate limit reached. Please log in or use a HF access token"}), **RATE)
add("hf_long", "huggingface_hub", hf(422, {"error": "Input validation error: `inputs` must have less than 4096 tokens. Given: 5120", "error_type": "validation"}), **CONTEXT)
add("hf_overloaded", "huggingface_hub", hf(429, {"error": "Model is overloaded", "error_type": "overloaded"}), **but(BUSY, types="AI_SERVICE RATE_LIMIT"))
add("hf_memory", "huggingface_hub", hf(500, {"error": "CUDA out of memory. Tried to allocate 2.00 GiB"}), **label("AI_SERVICE", "RETRY GRACEFUL_DEGRADATION ALTERNATIVE_PATH ESCALATION", "unknown", "the card may be free again or not"))
add("hf_hang", "huggingface_hub", hf(mode="hang"), **SLOW)
add("hf_gated", "huggingface_hub", hub(403, {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access to model acme/node-writer is restricted and you are not in the authorized list."}), **MAY_NOT)
add("hf_no_repo", "huggingface_hub", hub(404, {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}), **but(MODEL, types="VALIDATION AI_SERVICE NETWORK UNKNOWN"))
add("hf_no_revision", "huggingface_hub", hub(404, {"X-Error-Code": "RevisionNotFound", "X-Error-Message": "Invalid rev id: retry"}), **but(MODEL, types="VALIDATION AI_SERVICE NETWORK UNKNOWN"))
add("hf_repo_name", "huggingface_hub", lambda: __import__("huggingface_hub").HfApi(endpoint="http://127.0.0.1:9").model_info("a/b/timeout"), **but(BAD, "misleading"))


def rp(status: int = 200, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        import replicate

        with web(status, body, **server) as base:
            return replicate.Client(api_token="k", base_url=base, timeout=0.3).models.get("acme/node")
    return run


add("replicate_model", "replicate", rp(404, {"title": "Not found", "detail": "The requested resource could not be found.", "status": 404}), **MODEL)
add("replicate_credit", "replicate", rp(402, {"title": "Monthly spend limit reached", "detail": "You've hit your monthly spend limit. You can change or remove your limit at https://replicate.com/account/billing#limits.", "status": 402}), **QUOTA)
add("replicate_token", "replicate", rp(401, {"title": "Unauthenticated", "detail": "You did not pass a valid authentication token", "status": 401}), **KEY)
add("replicate_version", "replicate", rp(422, {"title": "Input validation failed", "detail": "- input: prompt is required\n", "status": 422, "invalid_fields": []}), **BAD_CALL)


@case("replicate_failed", "replicate", **label("AI_SERVICE GENERATION", "RETRY ALTERNATIVE_PATH ESCALATION GRACEFUL_DEGRADATION", "unknown", "the model itself failed"))
def _() -> None:
    import replicate
    from replicate.exceptions import ModelError
    from replicate.prediction import Prediction

    raise ModelError(Prediction(id="x", model="acme/node", version="1", status="failed", input={}, output=None, logs="", error="CUDA error: an illegal memory access was encountered", metrics=None, created_at=None, started_at=None, completed_at=None, urls=None)) if replicate else AssertionError


def ai21(status: int = 200, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        from ai21 import AI21Client
        from ai21.models.chat import UserMessage

        with web(status, body, **server) as base:
            return AI21Client(api_key="k", api_host=base, num_retries=0, timeout_sec=0.3).chat.completions.create(model="jamba", messages=[UserMessage(content="hi")])
    return run


add("ai21_key", "ai21", ai21(401, {"detail": "Forbidden: Bad or missing API token."}), **KEY)
add("ai21_rate", "ai21", ai21(429, {"detail": "Too many requests"}), **RATE)
add("ai21_shape", "ai21", ai21(422, {"detail": [{"loc": ["body", "max_tokens"], "msg": "ensure this value is less than 4096"}]}), **BAD_CALL)
add("ai21_server", "ai21", ai21(500, {"detail": "internal"}), **FAILS)
add("ai21_hang", "ai21", ai21(mode="hang"), **SLOW)


def vo(status: int = 200, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        import voyageai

        with web(status, body, **server) as base:
            return voyageai.Client(api_key="k", max_retries=0, timeout=0.3, base_url=base).embed(["x"], model="voyage-3")
    return run


add("voyage_rate", "voyageai", vo(429, {"detail": "You have not yet added your payment method in the billing page and will have reduced rate limits of 3 RPM and 10K TPM."}), **but(RATE, "misleading", why="three a minute come back"))
add("voyage_key", "voyageai", vo(401, {"detail": "Provided API key is invalid."}), **KEY)
add("voyage_model", "voyageai", vo(400, {"detail": "Model voyage-x is not supported. Supported models are ['voyage-3']."}), **MODEL)
add("voyage_long", "voyageai", vo(400, {"detail": "Request to model 'voyage-3' failed. The max allowed tokens per submitted batch is 120000. Your batch has 200001 tokens after truncation."}), **CONTEXT)
add("voyage_server", "voyageai", vo(500, {"detail": "server error"}), **FAILS)
add("voyage_hang", "voyageai", vo(mode="hang"), **SLOW)


def zp(status: int = 200, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        from zhipuai import ZhipuAI

        with web(status, body, **server) as base:
            return ZhipuAI(api_key="a.b", base_url=base, max_retries=0, timeout=0.3).chat.completions.create(model="glm-4", messages=ASK)
    return run


add("zhipu_arrears", "zhipuai", zp(429, {"error": {"code": "1113", "message": "Your account is in arrears, please recharge and try again."}}), **but(QUOTA, "misleading"))
add("zhipu_rate", "zhipuai", zp(429, {"error": {"code": "1302", "message": "Your account has reached the concurrency limit, please reduce the request frequency."}}), **RATE)
add("zhipu_key", "zhipuai", zp(401, {"error": {"code": "1002", "message": "Authorization Token is invalid, please confirm that it is transmitted correctly."}}), **KEY)
add("zhipu_sensitive", "zhipuai", zp(400, {"error": {"code": "1301", "message": "The system has detected potentially unsafe or sensitive content in the input or generation."}}), **FILTER)
add("zhipu_model", "zhipuai", zp(400, {"error": {"code": "1211", "message": "The model does not exist, please check the model code."}}), **MODEL)
add("zhipu_hang", "zhipuai", zp(mode="hang"), **SLOW)


def rk(status: int, body: Any = "{}") -> Raiser:
    def run() -> Any:
        from reka.client import Reka

        with web(status, body) as base:
            return Reka(api_key="k", base_url=base, timeout=0.3).chat.create(model="reka-core", messages=ASK, request_options={"max_retries": 0})
    return run


add("reka_key", "reka-api", rk(401, {"detail": "Invalid API key"}), **KEY)
add("reka_model", "reka-api", rk(404, {"detail": "Model reka-x not found"}), **MODEL)
add("reka_server", "reka-api", rk(500, {"detail": "Internal error"}), **FAILS)


def el(status: int, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        from elevenlabs.client import ElevenLabs

        with web(status, body, **server) as base:
            return b"".join(ElevenLabs(api_key="k", base_url=base, timeout=0.3).text_to_speech.convert("voice", text="done", request_options={"max_retries": 0}))
    return run


add("elevenlabs_quota", "elevenlabs", el(401, {"detail": {"status": "quota_exceeded", "message": "This request exceeds your quota of 10000. You have 12 credits remaining, while 40 credits are required for this request."}}), **but(QUOTA, types="AI_SERVICE RATE_LIMIT SECURITY"))
add("elevenlabs_concurrent", "elevenlabs", el(429, {"detail": {"status": "too_many_concurrent_requests", "message": "Too many concurrent requests. Your current subscription is associated with a maximum of 5 concurrent requests."}}), **RATE)
add("elevenlabs_busy", "elevenlabs", el(429, {"detail": {"status": "system_busy", "message": "The system is experiencing heavy traffic, please try again."}}), **but(BUSY, types="AI_SERVICE RATE_LIMIT"))
add("elevenlabs_key", "elevenlabs", el(401, {"detail": {"status": "invalid_api_key", "message": "Invalid API key"}}), **KEY)
add("elevenlabs_voice", "elevenlabs", el(404, {"detail": {"status": "voice_not_found", "message": "A voice for the voice_id voice was not found."}}), **MODEL)


def tv(status: int, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        from tavily import TavilyClient

        with web(status, body, **server) as base:
            return TavilyClient("tvly-k", api_base_url=base).search("timeout", timeout=0.3)
    return run


add("tavily_limit", "tavily-python", tv(432, {"detail": {"error": "This request exceeds your plan's set usage limit. Please upgrade your plan or contact support@tavily.com"}}), **but(QUOTA, types="AI_SERVICE RATE_LIMIT SECURITY VALIDATION NETWORK"))
add("tavily_key", "tavily-python", tv(401, {"detail": {"error": "Unauthorized: missing or invalid API key."}}), **KEY)
add("tavily_bad", "tavily-python", tv(400, {"detail": {"error": "Query is too long. Max query length is 400 characters."}}), **BAD_CALL | {"strategies": "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION GRACEFUL_DEGRADATION"})
add("tavily_rate", "tavily-python", tv(429, {"detail": {"error": "Your request has been blocked due to excessive requests. Please reduce rate of requests."}}), **RATE)
add("tavily_hang", "tavily-python", tv(200, mode="hang"), **SLOW)


def ex(status: int, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        from exa_py import Exa

        with web(status, body, **server) as base:
            return Exa("k", base_url=base).search("retry")
    return run


add("exa_credits", "exa-py", ex(402, {"requestId": "1", "error": "You have exceeded your credits limit. Please top up your account.", "tag": "NO_MORE_CREDITS"}), **QUOTA)
add("exa_key", "exa-py", ex(401, {"requestId": "1", "error": "x-api-key header is invalid", "tag": "INVALID_API_KEY"}), **KEY)
add("exa_down", "exa-py", ex(503, {"error": "Service temporarily unavailable"}), **but(FAILS, types="AI_SERVICE NETWORK"))
add("exa_shape", "exa-py", ex(400, {"error": "Invalid request body | Validation error: numResults must be less than 100", "tag": "INVALID_REQUEST_BODY"}), **BAD_CALL)


def dg(status: int, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        from deepgram import DeepgramClient
        from deepgram.environment import DeepgramClientEnvironment

        with web(status, body, **server) as base:
            place = DeepgramClientEnvironment(base=base, production=base, agent=base, **({"agent_rest": base} if "agent_rest" in DeepgramClientEnvironment.__init__.__annotations__ else {}))
            return DeepgramClient(api_key="k", environment=place, timeout=0.3).listen.v1.media.transcribe_url(url="https://example.com/a.wav", request_options={"max_retries": 0})
    return run


add("deepgram_credit", "deepgram-sdk", dg(402, {"err_code": "ASR_PAYMENT_REQUIRED", "err_msg": "Project does not have enough credits for an ASR request and does not have an overage agreement.", "request_id": "x"}), **QUOTA)
add("deepgram_key", "deepgram-sdk", dg(401, {"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials.", "request_id": "x"}), **KEY)
add("deepgram_rate", "deepgram-sdk", dg(429, {"err_code": "TOO_MANY_REQUESTS", "err_msg": "Too many requests. Please try again later"}), **RATE)


def gr() -> Any:
    from gradio_client import Client

    return Client(f"http://127.0.0.1:{closed_port()}", verbose=False)


add("gradio_refused", "gradio_client", gr, **UNREACHED)


def gradio(status: int, **server: Any) -> Raiser:
    def run() -> Any:
        from gradio_client import Client

        with web(status, **server) as base:
            return Client(base, verbose=False)
    return run


add("gradio_unauthorized", "gradio_client", gradio(401), **KEY)
add("gradio_rate", "gradio_client", gradio(429), **RATE)


# -- other HTTP clients


def cf(**server: Any) -> Raiser:
    def run() -> Any:
        from curl_cffi import requests

        with web(**server) as base:
            answer = requests.get(base, timeout=0.3)
            answer.raise_for_status()
            return answer.json()
    return run


add("curl_cffi_hang", "curl_cffi", cf(mode="hang"), **DEADLINE)
add("curl_cffi_down", "curl_cffi", cf(status=502), **DOWN)
add("curl_cffi_throttled", "curl_cffi", cf(status=429), **THROTTLED)
add("curl_cffi_forbidden", "curl_cffi", cf(status=403), **FORBIDDEN)
add("curl_cffi_cut", "curl_cffi", cf(mode="cut"), **CUT)
add("curl_cffi_tls", "curl_cffi", cf(mode="tls"), **CERTIFICATE)
add("curl_cffi_refused", "curl_cffi", lambda: __import__("curl_cffi.requests").requests.get(f"http://127.0.0.1:{closed_port()}"), **REFUSED)


def pr(**server: Any) -> Raiser:
    def run() -> Any:
        import primp

        with web(**server) as base:
            return primp.Client(timeout=0.3).get(base).json()
    return run


add("primp_hang", "primp", pr(mode="hang"), **DEADLINE)
add("primp_refused", "primp", lambda: __import__("primp").Client(timeout=0.5).get(f"http://127.0.0.1:{closed_port()}/"), **REFUSED)
add("primp_cut", "primp", pr(mode="cut"), **CUT)


def tq(**server: Any) -> Raiser:
    async def run() -> Any:
        import httpx
        from httpx_sse import aconnect_sse

        with web(**server) as base:
            async with httpx.AsyncClient(timeout=0.3) as client, aconnect_sse(client, "GET", base) as source:
                return [event async for event in source.aiter_sse()]
    return run


add("httpx_sse_type", "httpx-sse", tq(body="<html>"), **NO_ANSWER | {"types": "NETWORK VALIDATION SYNTAX GENERATION AI_SERVICE"})
add("httpx_sse_cut", "httpx-sse", tq(body=["data: 1\n\n"], mode="chunks_cut", headers=SSE), **CUT)


# -- web interfaces


def st(status: int, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        import stripe

        with web(status, body, **server) as base:
            return stripe.StripeClient("sk_test_k", base_addresses={"api": base}, max_network_retries=0).v1.charges.create({"amount": 1})
    return run


def se(kind: str, message: str, code: str | None = None, **more: Any) -> dict[str, Any]:
    return {"error": {"type": kind, "message": message, **({"code": code} if code else {}), **more}}


add("stripe_declined", "stripe", st(402, se("card_error", "Your card was declined. Please try again.", "card_declined", decline_code="insufficient_funds")), **label("VALIDATION UNKNOWN NETWORK SECURITY", "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION", "no", "the card stays declined", "misleading"))
add("stripe_rate", "stripe", st(429, se("invalid_request_error", "Request rate limit exceeded.", "rate_limit")), **THROTTLED)
add("stripe_lock", "stripe", st(429, se("invalid_request_error", "This object cannot be accessed right now because another API request or Stripe process is currently accessing it.", "lock_timeout")), **label("RATE_LIMIT NETWORK TIMEOUT", "RETRY", "yes", "the lock is free again soon"))
add("stripe_idempotency", "stripe", st(400, se("idempotency_error", "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than 'retry-1'.")), **but(BAD, "misleading"))
add("stripe_key", "stripe", st(401, se("invalid_request_error", "Invalid API Key provided: sk_test_k")), **FORBIDDEN)
add("stripe_missing", "stripe", st(404, se("invalid_request_error", "No such customer: 'cus_timeout'", "resource_missing", param="customer")), **but(ABSENT, "misleading"))
add("stripe_down", "stripe", st(500, se("api_error", "An unknown error occurred")), **DOWN)


def tw(status: int, code: int, message: str) -> Raiser:
    def run() -> Any:
        from twilio.http.http_client import TwilioHttpClient
        from twilio.rest import Client

        with web(status, {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}) as base:
            client = Client("AC" + "0" * 32, "k", http_client=TwilioHttpClient(timeout=0.5))
            with mock.patch.object(Client, "get_hostname", lambda self, uri: base + uri.partition(".com")[2]):
                return client.messages.create(to="+1", from_="+1", body="x")
    return run


add("twilio_rate", "twilio", tw(429, 20429, "Too Many Requests"), **THROTTLED)
add("twilio_auth", "twilio", tw(401, 20003, "Authenticate"), **FORBIDDEN)
add("twilio_number", "twilio", tw(400, 21211, "The 'To' number +1 is not a valid phone number."), **BAD)


def sl(status: int = 200, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        from slack_sdk import WebClient

        with web(status, body, **server) as base:
            return WebClient(token="xoxb", base_url=base + "/", timeout=1).chat_postMessage(channel="C1", text="x")
    return run


add("slack_limited", "slack_sdk", sl(429, {"ok": False, "error": "ratelimited"}, headers={"Retry-After": "10"}), **THROTTLED)
add("slack_auth", "slack_sdk", sl(200, {"ok": False, "error": "invalid_auth"}), **but(FORBIDDEN, "misleading"))
add("slack_channel", "slack_sdk", sl(200, {"ok": False, "error": "channel_not_found"}), **but(ABSENT, "misleading", types="VALIDATION UNKNOWN NETWORK"))
add("slack_limited_200", "slack_sdk", sl(200, {"ok": False, "error": "ratelimited"}), **THROTTLED)
add("slack_down", "slack_sdk", sl(200, {"ok": False, "error": "service_unavailable"}), **DOWN)
add("slack_scope", "slack_sdk", sl(200, {"ok": False, "error": "missing_scope", "needed": "chat:write", "provided": "identify"}), **FORBIDDEN)
add("slack_long", "slack_sdk", sl(200, {"ok": False, "error": "msg_too_long"}), **LARGE)


def gh(status: int, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        import github

        with web(status, body, **server) as base:
            return github.Github(base_url=base, retry=None, timeout=1).get_repo("acme/nodes")
    return run


add("github_limit", "PyGithub", gh(403, {"message": "API rate limit exceeded for 10.0.0.1. (But here's the good news: Authenticated requests get a higher rate limit.)", "documentation_url": "https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting"}, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795478400"}), **but(THROTTLED, "misleading", strategies="RETRY ALTERNATIVE_PATH ESCALATION", transient="unknown", why="the allowance comes back within the hour, or sooner"))
add("github_secondary", "PyGithub", gh(403, {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", "documentation_url": "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}, headers={"retry-after": "60"}), **but(THROTTLED, "misleading"))
add("github_credentials", "PyGithub", gh(401, {"message": "Bad credentials"}), **FORBIDDEN)
add("github_absent", "PyGithub", gh(404, {"message": "Not Found"}), **ABSENT)
add("github_integration", "PyGithub", gh(403, {"message": "Resource not accessible by integration"}), **FORBIDDEN)
add("github_shape", "PyGithub", gh(422, {"message": "Validation Failed", "errors": [{"resource": "Issue", "code": "missing_field", "field": "title"}]}), **BAD)
add("github_down", "PyGithub", gh(502, {"message": "Server Error"}), **DOWN)


def gl(status: int, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        import gitlab

        with web(status, body, **server) as base:
            return gitlab.Gitlab(base, private_token="k", timeout=0.4, retry_transient_errors=False).projects.get(1, obey_rate_limit=False)
    return run


add("gitlab_throttled", "python-gitlab", gl(429, "Retry later\n", headers={"Retry-After": "30"}), **THROTTLED)
add("gitlab_token", "python-gitlab", gl(401, {"message": "401 Unauthorized"}), **FORBIDDEN)
add("gitlab_absent", "python-gitlab", gl(404, {"message": "404 Project Not Found"}), **ABSENT)
add("gitlab_down", "python-gitlab", gl(503, "<html>"), **DOWN)


def no(status: int, body: Any = "{}", **server: Any) -> Raiser:
    def run() -> Any:
        import notion_client

        with web(status, body, **server) as base:
            return notion_client.Client(auth="k", base_url=base, timeout_ms=300, retry=False).users.list()
    return run


add("notion_limited", "notion-client", no(429, {"object": "error", "status": 429, "code": "rate_limited", "message": "You have been rate limited. Please try again in a few minutes."}), **THROTTLED)
add("notion_conflict", "notion-client", no(409, {"object": "error", "status": 409, "code": "conflict_error", "message": "Conflict occurred while saving. Please try again."}), **label("NETWORK VALIDATION UNKNOWN", "RETRY ALTERNATIVE_PATH ESCALATION ERROR_CORRECTION", "unknown", "a conflict may pass or not"))
add("notion_shape", "notion-client", no(400, {"object": "error", "status": 400, "code": "validation_error", "message": "body failed validation: body.retry_at should be an ISO date"}), **but(BAD, "misleading"))
add("notion_restricted", "notion-client", no(403, {"object": "error", "status": 403, "code": "restricted_resource", "message": "Insufficient permissions for this endpoint."}), **FORBIDDEN)
add("notion_hang", "notion-client", no(200, mode="hang"), **DEADLINE)


def gq(status: int, body: Any) -> Raiser:
    def run() -> Any:
        from gql import Client, gql
        from gql.transport.httpx import HTTPXTransport

        with web(status, body) as base, Client(transport=HTTPXTransport(base)) as session:
            return session.execute(gql("{ nodes { name } }"))
    return run


add("gql_throttled", "gql", gq(200, {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}), **THROTTLED)
add("gql_field", "gql", gq(200, {"errors": [{"message": "Cannot query field 'timeout' on type 'Node'.", "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}]}), **label("CONTRACT VALIDATION SYNTAX", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the query does not fit the schema", "misleading"))
add("gql_auth", "gql", gq(200, {"errors": [{"message": "You must be logged in", "extensions": {"code": "UNAUTHENTICATED"}}]}), **FORBIDDEN)
add("gql_down", "gql", gq(503, "unavailable"), **DOWN)
add("gql_internal", "gql", gq(200, {"errors": [{"message": "Internal server error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}), **DOWN)


@case("gql_words", "gql", **label("SYNTAX CONTRACT VALIDATION", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the query does not parse"))
def _() -> None:
    from gql import gql

    gql("{ nodes { name ")


def sg(status: int, body: Any) -> Raiser:
    def run() -> Any:
        from sendgrid import SendGridAPIClient

        with web(status, body) as base:
            return SendGridAPIClient("k", host=base).client.mail.send.post(request_body={"a": 1})
    return run


add("sendgrid_credits", "sendgrid", sg(401, {"errors": [{"message": "Maximum credits exceeded", "field": None, "help": None}]}), **label("SECURITY RATE_LIMIT", "ESCALATION ALTERNATIVE_PATH", "no", "the credit is used up", "quota"))
add("sendgrid_limit", "sendgrid", sg(429, {"errors": [{"message": "too many requests"}]}), **THROTTLED)
add("sendgrid_large", "sendgrid", sg(413, ""), **LARGE)
add("sendgrid_shape", "sendgrid", sg(400, {"errors": [{"message": "Does not contain a valid address.", "field": "from.email"}]}), **BAD)


@case("compat_answer_words", "python", **but(OUTPUT, types="GENERATION VALIDATION SYNTAX AI_SERVICE", strategies="ALTERNATIVE_PATH ERROR_CORRECTION RETRY GRACEFUL_DEGRADATION ESCALATION"))
def _() -> None:
    answer = "```json\n{'name': 'retry'}\n```"
    json.loads(answer)


@case("compat_key_error", "python", **label("VALIDATION GENERATION UNKNOWN SYNTAX", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the answer has no such field", "misleading"))
def _() -> None:
    answer = {"error": None, "choices": []}
    answer["retry_after"]

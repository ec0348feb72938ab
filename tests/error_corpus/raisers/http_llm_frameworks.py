"""Frameworks of agents and of structured output, on top of the clients of the vendors."""

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
    MODEL,
    OUTPUT,
    QUOTA,
    RATE,
    SLOW,
    UNREACHED,
    but,
    label,
)
from http_llm_vendors import OVER, SPENT, TOO_LONG, TPM, ae, completion, events, ge, oe
from lab import add, case, closed_port, web

# fmt: off
Raiser = Callable[[], Any]
ASK = [{"role": "user", "content": "Write the node."}]
SPENT_UP = label("GENERATION AI_SERVICE VALIDATION", "ALTERNATIVE_PATH ESCALATION GRACEFUL_DEGRADATION ERROR_CORRECTION RETRY", "unknown", "the framework has asked again already", "llm-output")
OWN_LIMIT = label("AI_SERVICE RATE_LIMIT VALIDATION GENERATION UNKNOWN", "ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH", "no", "our own limit, which stays", "misleading")
TURNS = label("GENERATION AI_SERVICE UNKNOWN VALIDATION", "ESCALATION GRACEFUL_DEGRADATION ALTERNATIVE_PATH ERROR_CORRECTION", "no", "the agent runs in circles")
GUARD = label("VALIDATION GENERATION SECURITY AI_SERVICE", "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION GRACEFUL_DEGRADATION", "no", "our own guard refuses it")
SETUP = label("VALIDATION UNKNOWN GENERATION AI_SERVICE CONTRACT", "ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH", "no", "it is set up wrongly")
UPDATED = oe("The server had an error while processing your request. Sorry about that!", "server_error")
WRONG_KEY = oe("Incorrect API key provided: k.", "invalid_request_error", "invalid_api_key")
NO_MODEL = oe("The model `gpt-9` does not exist or you do not have access to it.", "invalid_request_error", "model_not_found")
FILTERED = oe("The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.", None, "content_filter", "prompt")

# what the vendor answers, and what that means whoever asked
SITUATIONS: dict[str, tuple[int, Any, dict[str, Any], dict[str, Any]]] = {
    "minute": (429, TPM, {"headers": {"retry-after": "4"}}, RATE),
    "spent": (429, SPENT, {}, QUOTA),
    "key": (401, WRONG_KEY, {}, KEY),
    "model": (404, NO_MODEL, {}, MODEL),
    "context": (400, TOO_LONG, {}, CONTEXT),
    "filter": (400, FILTERED, {}, but(FILTER, "misleading")),
    "server": (500, UPDATED, {}, FAILS),
    "busy": (503, oe("That model is currently overloaded with other requests.", "server_error"), {}, BUSY),
    "hang": (200, "{}", {"mode": "hang"}, SLOW),
    "cut": (200, "{}", {"mode": "cut"}, BROKE),
}


def all_of(prefix: str, library: str, call: Callable[..., Raiser], names: str, **other: dict[str, Any]) -> None:
    """Add the named situations for one framework."""
    for name in names.split():
        status, body, server, meant = SITUATIONS[name]
        add(f"{prefix}_{name}", library, call(status, body, **server), **other.get(name, meant))


# -- LangChain


def lc(status: int = 200, body: Any = "{}", *, stream: bool = False, **server: Any) -> Raiser:
    def run() -> Any:
        from langchain_openai import ChatOpenAI

        with web(status, body, **server) as base:
            model = ChatOpenAI(model="gpt-4.1", api_key="k", base_url=base, max_retries=0, timeout=0.3)
            return list(model.stream("hi")) if stream else model.invoke("hi")
    return run


all_of("langchain_openai", "langchain-openai", lc, "minute spent key model context filter server hang cut")
add("langchain_openai_stream", "langchain-openai", lc(200, events(SPENT), stream=True, headers={"content-type": "text/event-stream"}), **QUOTA)


def lca(status: int, body: Any, **server: Any) -> Raiser:
    async def run() -> Any:
        from langchain_anthropic import ChatAnthropic

        with web(status, body, **server) as base:
            return await ChatAnthropic(model="claude-sonnet-4-5", api_key="k", base_url=base, max_retries=0, timeout=0.3).ainvoke("hi")
    return run


add("langchain_anthropic_overloaded", "langchain-anthropic", lca(529, OVER), **BUSY)
add("langchain_anthropic_credit", "langchain-anthropic", lca(400, ae("invalid_request_error", "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.")), **QUOTA)
add("langchain_anthropic_long", "langchain-anthropic", lca(400, ae("invalid_request_error", "prompt is too long: 214103 tokens > 200000 maximum")), **CONTEXT)
add("langchain_anthropic_key", "langchain-anthropic", lca(401, ae("authentication_error", "invalid x-api-key")), **KEY)
add("langchain_anthropic_hang", "langchain-anthropic", lca(200, "{}", mode="hang"), **SLOW)


def lcg(status: int, body: Any, **server: Any) -> Raiser:
    def run() -> Any:
        from langchain_google_genai import ChatGoogleGenerativeAI

        with web(status, body, **server) as base:
            return ChatGoogleGenerativeAI(model="gemini-2.5-pro", google_api_key="k", base_url=base, max_retries=1, timeout=1).invoke("hi")
    return run


add("langchain_google_key", "langchain-google-genai", lcg(400, ge(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"})), **KEY)
add("langchain_google_overloaded", "langchain-google-genai", lcg(503, ge(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")), **BUSY)
add("langchain_google_minute", "langchain-google-genai", lcg(429, ge(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).")), **RATE)
add("langchain_google_model", "langchain-google-genai", lcg(404, ge(404, "NOT_FOUND", "models/gemini-9 is not found for API version v1beta")), **MODEL)


@case("langchain_json", "langchain-core", **OUTPUT)
def _() -> None:
    from langchain_core.output_parsers import JsonOutputParser

    JsonOutputParser().parse("The node is called retry.")


@case("langchain_model_fields", "langchain-core", **OUTPUT)
def _() -> None:
    from langchain_core.output_parsers import PydanticOutputParser
    from pydantic import BaseModel

    class Node(BaseModel):
        name: str
        timeout: float

    PydanticOutputParser(pydantic_object=Node).parse('{"name": "reducer"}')


@case("langchain_variable", "langchain-core", **label("VALIDATION GENERATION SYNTAX", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the prompt lacks a variable", "misleading"))
def _() -> None:
    from langchain_core.prompts import ChatPromptTemplate

    ChatPromptTemplate.from_template("Write {node} with {retry_policy}").invoke({"node": "x"})


@case("langchain_parser_chain", "langchain-core", **but(OUTPUT, "cause-matters"))
def _() -> None:
    from langchain_core.exceptions import OutputParserException

    try:
        json.loads('{"name": "x",}')
    except json.JSONDecodeError as error:
        raise OutputParserException("Failed to parse Node from completion. Got: Expecting property name", llm_output='{"name": "x",}') from error


# -- Pydantic AI


def pa(status: int = 200, body: Any = "{}", *, output: Any = str, **server: Any) -> Raiser:
    async def run() -> Any:
        from openai import AsyncOpenAI
        from pydantic_ai import Agent
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.providers.openai import OpenAIProvider

        with web(status, body, **server) as base:
            client = AsyncOpenAI(api_key="k", base_url=base, max_retries=0, timeout=0.3)
            agent = Agent(OpenAIChatModel("gpt-4.1", provider=OpenAIProvider(openai_client=client)), output_type=output)
            return (await agent.run("hi")).output
    return run


all_of("pydantic_ai", "pydantic-ai-slim", pa, "minute spent key model context filter server busy hang cut")
add("pydantic_ai_output", "pydantic-ai-slim", pa(200, completion("no idea"), output=list[int]), **SPENT_UP)
add("pydantic_ai_length", "pydantic-ai-slim", pa(200, completion("", "length")), **SPENT_UP)


@case("pydantic_ai_limit", "pydantic-ai-slim", **OWN_LIMIT)
async def _() -> None:
    from pydantic_ai import Agent
    from pydantic_ai.models.test import TestModel
    from pydantic_ai.usage import UsageLimits

    await Agent(TestModel()).run("hi", usage_limits=UsageLimits(output_tokens_limit=1))


@case("pydantic_ai_requests", "pydantic-ai-slim", **OWN_LIMIT)
async def _() -> None:
    from pydantic_ai import Agent
    from pydantic_ai.models.test import TestModel
    from pydantic_ai.usage import UsageLimits

    await Agent(TestModel()).run("hi", usage_limits=UsageLimits(request_limit=0))


@case("pydantic_ai_fallback", "pydantic-ai-slim", **but(BUSY, "group", types="AI_SERVICE RATE_LIMIT NETWORK", why="both models are busy for now"))
async def _() -> None:
    from pydantic_ai import Agent, ModelHTTPError
    from pydantic_ai.models.fallback import FallbackModel
    from pydantic_ai.models.function import FunctionModel

    def busy(status: int) -> Any:
        def answer(*_: Any) -> Any:
            raise ModelHTTPError(status, "gpt-4.1", {"message": "busy"})
        return FunctionModel(answer)

    await Agent(FallbackModel(busy(503), busy(429))).run("hi")


@case("pydantic_ai_tool", "pydantic-ai-slim", **SPENT_UP)
async def _() -> None:
    from pydantic_ai import Agent, ModelRetry
    from pydantic_ai.models.test import TestModel

    agent = Agent(TestModel())

    @agent.tool_plain
    def find(name: str) -> str:
        raise ModelRetry(f"no node {name}, try another")

    await agent.run("hi")


@case("pydantic_ai_user", "pydantic-ai-slim", **SETUP)
async def _() -> None:
    from pydantic_ai import Agent

    await Agent().run("hi")


# -- Instructor


def ins(*answers: Any, retries: int = 1, status: int = 200, **server: Any) -> Raiser:
    def run() -> Any:
        import instructor
        import openai
        from pydantic import BaseModel

        class Node(BaseModel):
            name: str
            retries: int

        with web(status, answers[0], steps=[{"body": one} for one in answers], **server) as base:
            client = instructor.from_openai(openai.OpenAI(api_key="k", base_url=base, max_retries=0, timeout=0.3), mode=instructor.Mode.JSON)
            return client.chat.completions.create(model="gpt-4.1", messages=ASK, response_model=Node, max_retries=retries)
    return run


add("instructor_shape", "instructor", ins(completion('{"name": "x"}')), **SPENT_UP)
add("instructor_words", "instructor", ins(completion("Here you are!"), completion('{"name": 3}'), retries=2), **SPENT_UP)
add("instructor_length", "instructor", ins(completion('{"name": "x', "length")), **SPENT_UP)
add("instructor_spent", "instructor", ins(SPENT, status=429), **QUOTA)
add("instructor_minute", "instructor", ins(TPM, status=429), **RATE)
add("instructor_key", "instructor", ins(WRONG_KEY, status=401), **KEY)
add("instructor_context", "instructor", ins(TOO_LONG, status=400), **CONTEXT)
add("instructor_hang", "instructor", ins("{}", mode="hang"), **SLOW)


# -- OpenAI Agents


def oag(status: int = 200, body: Any = "{}", *, turns: int = 2, output: Any = None, tools: Any = (), **server: Any) -> Raiser:
    async def run() -> Any:
        from agents import Agent, OpenAIChatCompletionsModel, Runner, function_tool
        from openai import AsyncOpenAI

        def look(name: str) -> str:
            """Look up a node."""
            return name

        with web(status, body, **server) as base:
            client = AsyncOpenAI(api_key="k", base_url=base, max_retries=0, timeout=0.3)
            agent = Agent(name="writer", model=OpenAIChatCompletionsModel("gpt-4.1", client), output_type=output, tools=[function_tool(look)])
            return (await Runner.run(agent, "hi", max_turns=turns)).final_output
    return run


CALLS = [{"id": "t1", "type": "function", "function": {"name": "look", "arguments": '{"name": "retry"}'}}]
UNKNOWN_TOOL = [{"id": "t1", "type": "function", "function": {"name": "timeout_tool", "arguments": "{}"}}]

all_of("openai_agents", "openai-agents", oag, "minute spent key context server hang")
add("openai_agents_turns", "openai-agents", oag(200, completion(None, "tool_calls", tool_calls=CALLS)), **TURNS)
add("openai_agents_tool", "openai-agents", oag(200, completion(None, "tool_calls", tool_calls=UNKNOWN_TOOL)), **but(OUTPUT, "misleading", strategies="ALTERNATIVE_PATH ERROR_CORRECTION RETRY GRACEFUL_DEGRADATION ESCALATION"))
add("openai_agents_output", "openai-agents", oag(200, completion("none"), output=dict[str, int] if False else list[int]), **but(OUTPUT, strategies="ALTERNATIVE_PATH ERROR_CORRECTION RETRY GRACEFUL_DEGRADATION ESCALATION"))


@case("openai_agents_guard", "openai-agents", **GUARD)
async def _() -> None:
    from agents import Agent, GuardrailFunctionOutput, Runner, input_guardrail

    @input_guardrail
    def no_secrets(*_: Any) -> GuardrailFunctionOutput:
        return GuardrailFunctionOutput(output_info="a key in the prompt", tripwire_triggered=True)

    await Runner.run(Agent(name="writer", input_guardrails=[no_secrets], model="gpt-4.1"), "hi")


# -- LiteLLM


def lt(status: int = 200, body: Any = "{}", *, model: str = "openai/gpt-4.1", **server: Any) -> Raiser:
    def run() -> Any:
        import litellm

        litellm.suppress_debug_info = True
        with web(status, body, **server) as base:
            return litellm.completion(model=model, messages=ASK, api_base=base, api_key="k", num_retries=0, max_retries=0, timeout=0.4)
    return run


all_of("litellm", "litellm", lt, "minute spent key model context filter server busy hang cut")
add("litellm_anthropic_overloaded", "litellm", lt(529, OVER, model="anthropic/claude-sonnet-4-5"), **BUSY)
add("litellm_anthropic_credit", "litellm", lt(400, ae("invalid_request_error", "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."), model="anthropic/claude-sonnet-4-5"), **QUOTA)
add("litellm_anthropic_long", "litellm", lt(400, ae("invalid_request_error", "prompt is too long: 214103 tokens > 200000 maximum"), model="anthropic/claude-sonnet-4-5"), **CONTEXT)
add("litellm_gemini_key", "litellm", lt(400, ge(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}), model="gemini/gemini-2.5-pro"), **KEY)
add("litellm_gemini_day", "litellm", lt(429, ge(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}), model="gemini/gemini-2.5-pro"), **DAY)
add("litellm_mistral_rate", "litellm", lt(429, {"message": "Requests rate limit exceeded"}, model="mistral/codestral"), **RATE)
add("litellm_provider", "litellm", lambda: __import__("litellm").completion(model="retry-model", messages=ASK), **but(MODEL, "misleading", strategies="ALTERNATIVE_PATH ESCALATION ERROR_CORRECTION"))
add("litellm_unset", "litellm", lambda: __import__("litellm").completion(model="openai/gpt-4.1", messages=ASK), **KEY)
add("litellm_parameter", "litellm", lambda: __import__("litellm").completion(model="anthropic/claude-sonnet-4-5", messages=ASK, logit_bias={"1": 1}, api_key="k"), **BAD_CALL)


@case("litellm_budget", "litellm", **but(QUOTA, types="AI_SERVICE RATE_LIMIT VALIDATION", why="our own budget is used up"))
def _() -> None:
    import litellm

    raise litellm.BudgetExceededError(current_cost=10.2, max_budget=10.0)


@case("litellm_router_cooling", "litellm", **RATE)
def _() -> None:
    import litellm
    from litellm import Router

    router = Router(model_list=[{"model_name": "writer", "litellm_params": {"model": "openai/gpt-4.1", "api_key": "k", "mock_response": "litellm.RateLimitError"}}], num_retries=0)
    assert litellm
    router.completion("writer", messages=ASK)


@case("litellm_router_unknown", "litellm", **but(MODEL, strategies="ALTERNATIVE_PATH ESCALATION ERROR_CORRECTION"))
def _() -> None:
    from litellm import Router

    Router(model_list=[{"model_name": "writer", "litellm_params": {"model": "openai/gpt-4.1", "api_key": "k"}}], num_retries=0).completion("reviewer", messages=ASK)


# -- LlamaIndex


def li(status: int, body: Any, **server: Any) -> Raiser:
    def run() -> Any:
        from llama_index.llms.openai import OpenAI

        with web(status, body, **server) as base:
            return OpenAI(model="gpt-4o", api_key="k", api_base=base, max_retries=0, timeout=0.3).complete("hi")
    return run


all_of("llama_index", "llama-index-llms-openai", li, "minute spent key model context server hang cut")


@case("llama_index_parser", "llama-index-core", **OUTPUT)
def _() -> None:
    from llama_index.core.output_parsers import SelectionOutputParser

    SelectionOutputParser().parse("I would choose the second.")


@case("llama_index_unknown_model", "llama-index-llms-openai", **MODEL)
def _() -> None:
    from llama_index.llms.openai import OpenAI

    str(OpenAI(model="retry-9", api_key="k").metadata.context_window)


@case("llama_index_long", "llama-index-core", **CONTEXT)
def _() -> None:
    from llama_index.core.indices.prompt_helper import PromptHelper
    from llama_index.core.prompts import PromptTemplate

    PromptHelper(context_window=50, num_output=20).truncate(PromptTemplate("word " * 200 + "{context_str}"), ["x"])


# -- others


def dsp(status: int, body: Any, **server: Any) -> Raiser:
    def run() -> Any:
        import dspy

        with web(status, body, **server) as base:
            model = dspy.LM("openai/gpt-4.1", api_base=base, api_key="k", num_retries=0, cache=False, timeout=0.4)
            with dspy.context(lm=model):
                return dspy.Predict("question -> answer: int")(question="hi")
    return run


all_of("dspy", "dspy", dsp, "minute spent key context server hang")
add("dspy_fields", "dspy", dsp(200, completion("no fields here")), **OUTPUT)
add("dspy_unset", "dspy", lambda: __import__("dspy").Predict("question -> answer")(question="hi"), **SETUP)


def hs(status: int, body: Any, **server: Any) -> Raiser:
    def run() -> Any:
        from haystack import Pipeline
        from haystack.components.generators.chat import OpenAIChatGenerator
        from haystack.dataclasses import ChatMessage
        from haystack.utils import Secret

        with web(status, body, **server) as base:
            pipeline = Pipeline()
            pipeline.add_component("writer", OpenAIChatGenerator(api_key=Secret.from_token("k"), model="gpt-4.1", api_base_url=base, timeout=0.3, max_retries=0))
            return pipeline.run({"writer": {"messages": [ChatMessage.from_user("hi")]}})
    return run


for _name in ("minute", "spent", "key", "context", "server", "hang"):
    _status, _body, _server, _meant = SITUATIONS[_name]
    add(f"haystack_{_name}", "haystack-ai", hs(_status, _body, **_server), **_meant)


@case("haystack_connect", "haystack-ai", **SETUP)
def _() -> None:
    from haystack import Pipeline
    from haystack.components.builders import PromptBuilder

    pipeline = Pipeline()
    pipeline.add_component("one", PromptBuilder("x"))
    pipeline.connect("one.timeout", "two")


@case("haystack_variable", "haystack-ai", **label("VALIDATION GENERATION", "ERROR_CORRECTION ALTERNATIVE_PATH ESCALATION", "no", "the prompt lacks a variable"))
def _() -> None:
    from haystack.components.builders import PromptBuilder

    PromptBuilder("{{ node }}", required_variables=["node"]).run()


def skn(status: int, body: Any, **server: Any) -> Raiser:
    async def run() -> Any:
        from openai import AsyncOpenAI
        from semantic_kernel.connectors.ai.open_ai import (
            OpenAIChatCompletion,
            OpenAIChatPromptExecutionSettings,
        )
        from semantic_kernel.contents import ChatHistory

        with web(status, body, **server) as base:
            client = AsyncOpenAI(api_key="k", base_url=base, max_retries=0, timeout=0.3)
            history = ChatHistory()
            history.add_user_message("hi")
            return await OpenAIChatCompletion(ai_model_id="gpt-4.1", async_client=client).get_chat_message_contents(history, OpenAIChatPromptExecutionSettings())
    return run


for _name in ("minute", "spent", "key", "context", "filter", "server", "hang"):
    _status, _body, _server, _meant = SITUATIONS[_name]
    add(f"semantic_kernel_{_name}", "semantic-kernel", skn(_status, _body, **_server), **_meant)


@case("semantic_kernel_function", "semantic-kernel", **SETUP)
def _() -> None:
    from semantic_kernel import Kernel

    Kernel().get_function("nodes", "retry")


@case("semantic_kernel_template", "semantic-kernel", **label("GENERATION SYNTAX VALIDATION", "ALTERNATIVE_PATH ERROR_CORRECTION ESCALATION", "no", "the template does not parse"))
def _() -> None:
    from semantic_kernel.template_engine.template_tokenizer import TemplateTokenizer

    TemplateTokenizer.tokenize("{{ nodes.retry.now }}")


def smo(status: int, body: Any, **server: Any) -> Raiser:
    def run() -> Any:
        from smolagents import CodeAgent, OpenAIServerModel

        with web(status, body, **server) as base:
            model = OpenAIServerModel("gpt-4.1", api_base=base, api_key="k", client_kwargs={"max_retries": 0, "timeout": 0.3}, retry=False)
            return CodeAgent([], model, max_steps=1, verbosity_level=-1).run("hi")
    return run


for _name in ("spent", "key", "server", "context"):
    _status, _body, _server, _meant = SITUATIONS[_name]
    add(f"smolagents_{_name}", "smolagents", smo(_status, _body, **_server), **_meant)


@case("smolagents_import", "smolagents", **label("SECURITY VALIDATION SYNTAX GENERATION", "ESCALATION ERROR_CORRECTION ALTERNATIVE_PATH", "no", "the code may not import that"))
def _() -> None:
    from smolagents.local_python_executor import LocalPythonExecutor

    LocalPythonExecutor([])("import subprocess")


@case("smolagents_code", "smolagents", **label("GENERATION SYNTAX VALIDATION AI_SERVICE", "ERROR_CORRECTION ALTERNATIVE_PATH GRACEFUL_DEGRADATION RETRY", "unknown", "another sample may be usable", "llm-output"))
def _() -> None:
    from smolagents.utils import parse_code_blobs

    parse_code_blobs("I think the answer is 3.", ("<code>", "</code>"))


def strand(status: int, body: Any, **server: Any) -> Raiser:
    async def run() -> Any:
        from strands.models.openai import OpenAIModel

        with web(status, body, **server) as base:
            model = OpenAIModel(client_args={"api_key": "k", "base_url": base, "max_retries": 0, "timeout": 0.3}, model_id="gpt-4.1")
            return [event async for event in model.stream([{"role": "user", "content": [{"text": "hi"}]}])]
    return run


all_of("strands", "strands-agents", strand, "minute spent key context server hang", spent=QUOTA)


def agn(status: int, body: Any, **server: Any) -> Raiser:
    def run() -> Any:
        from agno.models.message import Message
        from agno.models.openai import OpenAIChat

        with web(status, body, **server) as base:
            model = OpenAIChat(id="gpt-4.1", api_key="k", base_url=base, max_retries=0, timeout=0.3)
            return model.response([Message(role="user", content="hi")])
    return run


all_of("agno", "agno", agn, "minute spent key context server hang")


def guarded(text: str, **more: Any) -> Raiser:
    def run() -> Any:
        import guardrails
        from guardrails.classes.validation.validation_result import FailResult
        from guardrails.validator_base import Validator, register_validator

        @register_validator(name="house/no_todo", data_type="string")
        class NoTodo(Validator):
            def _validate(self, value: Any, metadata: Any) -> Any:
                return FailResult(error_message="the code has an open point, regenerate it", fix_value="")

        return guardrails.Guard().use(NoTodo(on_fail="exception")).validate(text)
    return run


add("guardrails_refuses", "guardrails-ai", guarded("pass  # later"), **label("VALIDATION GENERATION", "ERROR_CORRECTION ALTERNATIVE_PATH RETRY GRACEFUL_DEGRADATION", "unknown", "another sample may be usable", "llm-output"))


@case("aleph_busy", "aleph-alpha-client", **BUSY)
def _() -> None:
    from aleph_alpha_client import Client, CompletionRequest, Prompt

    with web(503, {"error": "Sorry we had to reject your request because we could not guarantee to finish it in a reasonable timeframe. This specific model is very busy at this moment. Try again later or use another model.", "code": "QUEUE_FULL"}) as base:
        Client("k", base, total_retries=0).complete(CompletionRequest(prompt=Prompt.from_text("hi")), "luminous")


@case("aleph_quota", "aleph-alpha-client", **QUOTA)
def _() -> None:
    from aleph_alpha_client import Client, CompletionRequest, Prompt

    with web(402, {"error": "Not enough credits", "code": "OUT_OF_CREDITS"}) as base:
        Client("k", base, total_retries=0).complete(CompletionRequest(prompt=Prompt.from_text("hi")), "luminous")


def grok(timeout: float = 1.0) -> Raiser:
    def run() -> Any:
        from xai_sdk import Client
        from xai_sdk.chat import user

        client = Client(api_key="k", api_host=f"127.0.0.1:{closed_port()}", timeout=timeout, use_insecure_channel=True, channel_options=[("grpc.enable_retries", 0)])
        return client.chat.create("grok-4", messages=[user("hi")]).sample()
    return run


add("xai_refused", "xai-sdk", grok(), **UNREACHED)


@case("assemblyai_balance", "assemblyai", **QUOTA)
def _() -> None:
    import assemblyai

    with web(400, {"error": "Your current account balance is negative. Please top up to continue using the API."}) as base:
        assemblyai.settings.api_key, assemblyai.settings.base_url = "k", base
        assemblyai.Transcriber().submit("https://example.com/a.wav")


@case("assemblyai_key", "assemblyai", **KEY)
def _() -> None:
    import assemblyai

    with web(401, {"error": "Authentication error, API token missing/invalid"}) as base:
        assemblyai.settings.api_key, assemblyai.settings.base_url = "k", base
        assemblyai.Transcriber().submit("https://example.com/a.wav")


def pk(status: int, body: Any, **server: Any) -> Raiser:
    def run() -> Any:
        from portkey_ai import Portkey

        with web(status, body, **server) as base:
            return Portkey(api_key="k", provider="openai", base_url=base, max_retries=0, timeout=0.4).chat.completions.create(model="gpt-4.1", messages=ASK)
    return run


all_of("portkey", "portkey-ai", pk, "minute spent key server")


# -- what an own layer makes of them


class NoAnswerError(Exception):
    """An error of the application itself."""

    __module__ = "service.errors"


@case("own_layer_busy", "openai", **but(BUSY, "cause-matters"))
async def _() -> None:
    import openai

    try:
        with web(503, UPDATED) as base:
            await openai.AsyncOpenAI(api_key="k", base_url=base, max_retries=0).responses.create(model="gpt-5", input="hi")
    except openai.APIError as error:
        raise NoAnswerError("no model answered") from error


@case("own_layer_spent", "openai", **but(QUOTA, "cause-matters", "misleading"))
async def _() -> None:
    import openai

    try:
        with web(429, SPENT) as base:
            await openai.AsyncOpenAI(api_key="k", base_url=base, max_retries=0).responses.create(model="gpt-5", input="hi")
    except openai.RateLimitError as error:
        raise RuntimeError("rate limited, trying again later") from error


@case("own_layer_retried", "tenacity", **but(FAILS, "cause-matters", strategies="RETRY ALTERNATIVE_PATH ESCALATION GRACEFUL_DEGRADATION", transient="unknown", why="the cause passes, but it was tried again already"))
def _() -> None:
    import tenacity

    @tenacity.retry(stop=tenacity.stop_after_attempt(2))
    def ask() -> Any:
        import openai

        with web(500, UPDATED) as base:
            return openai.OpenAI(api_key="k", base_url=base, max_retries=0).models.list()

    ask()


@case("own_layer_retried_key", "tenacity", **but(KEY, "cause-matters"))
def _() -> None:
    import tenacity

    @tenacity.retry(stop=tenacity.stop_after_attempt(2))
    def ask() -> Any:
        import openai

        with web(401, WRONG_KEY) as base:
            return openai.OpenAI(api_key="k", base_url=base, max_retries=0).models.list()

    ask()

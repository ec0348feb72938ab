"""Exceptions of model vendors, clouds and other services, by package and class."""

from __future__ import annotations

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

__all__ = ["LLM_PACKAGES", "ROWS"]

_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION
_OTHER = RecoveryStrategy.ALTERNATIVE_PATH

ROWS: tuple[tuple[Facts, str], ...] = (
    (
        passes(ErrorType.NETWORK),
        """
        azure.ServiceRequestError azure.ServiceResponseError azure.IncompleteReadError azure.ServiceBusCommunicationError
        azure.ServiceBusConnectionError azure.ServiceBusServerBusyError azure.MessageLockLostError azure.SessionLockLostError
        azure.EventHubError azure.ConnectError azure.AmqpError azure.AMQPConnectionError
        botocore.EndpointConnectionError botocore.ConnectionClosedError botocore.HTTPClientError botocore.ResponseStreamingError
        botocore.ProxyConnectionError botocore.IncompleteReadError botocore.CapacityNotAvailableError botocore.EventStreamError
        botocore.MetadataRetrievalError botocore.ConnectionError botocore.BadIMDSRequestError
        google.Aborted google.InternalServerError google.ServiceUnavailable google.TransportError google.Unknown google.DataLoss
        google.TransferStalledError google.ResumableTransferError google.BadGateway
        stripe.APIConnectionError stripe.APIError slack_sdk.SlackClientNotConnectedError
         docker.APIError huggingface_hub.XetDownloadError discord.ConnectionClosed discord.GatewayNotFound
        telegram.NetworkError telegram.TimedOut aiogram.TelegramNetworkError aiogram.TelegramServerError discord.DiscordServerError
        prawcore.RequestException prawcore.ServerError tweepy.TwitterServerError algoliasearch.AlgoliaUnreachableHostException
        gql.TransportClosed gql.TransportConnectionFailed gql.TransportServerError gql.TransportError gql.TransportProtocolError
        minio.ServerError s3transfer.S3TransferFailedError hazelcast.HazelcastClientNotActiveError
        """,
    ),
    (
        passes(ErrorType.TIMEOUT),
        "azure.ServiceBusTimeout azure.OperationTimeoutError botocore.ReadTimeoutError botocore.ConnectTimeoutError",
    ),
    (
        Facts(ErrorType.NETWORK),
        "azure.HttpResponseError azure.AzureError google.GoogleAPICallError google.GoogleAPIError kubernetes.ApiException",
    ),
    (Facts(ErrorType.TIMEOUT), "botocore.WaiterError"),
    (
        stays(ErrorType.SECURITY),
        """
        google.RefreshError google.DefaultCredentialsError google.MutualTLSChannelError google.InvalidOperation
        botocore.NoCredentialsError botocore.PartialCredentialsError botocore.TokenRetrievalError botocore.CredentialRetrievalError
        botocore.SSLError botocore.UnauthorizedSSOTokenError botocore.SSOTokenLoadError botocore.SSOError botocore.NoAuthTokenError
        azure.ClientAuthenticationError azure.CredentialUnavailableError azure.AuthenticationRequiredError
        azure.ServiceBusAuthenticationError azure.ServiceBusAuthorizationError azure.AuthenticationError
        stripe.AuthenticationError stripe.PermissionError stripe.SignatureVerificationError github.BadCredentialsException
        github.TwoFactorException github.BadUserAgentException gitlab.GitlabAuthenticationError huggingface_hub.GatedRepoError
        huggingface_hub.LocalTokenNotFoundError huggingface_hub.DisabledRepoError telegram.InvalidToken telegram.Forbidden
        aiogram.TelegramUnauthorizedError aiogram.TelegramForbiddenError discord.LoginFailure discord.Forbidden
        discord.PrivilegedIntentsRequired prawcore.OAuthException prawcore.InvalidToken prawcore.Forbidden notion_client.APITokenError
        msal.MsalError pinecone.UnauthorizedException pinecone.ForbiddenException
        """,
    ),
    (
        stays(ErrorType.VALIDATION),
        """
        azure.ResourceModifiedError azure.ResourceNotFoundError azure.ResourceExistsError azure.ResourceNotModifiedError
        azure.DecodeError azure.TooManyRedirectsError azure.SerializationError azure.DeserializationError azure.StreamConsumedError
        azure.MessageAlreadySettled azure.MessageSizeExceededError azure.MessagingEntityNotFoundError azure.MessagingEntityDisabledError
        botocore.ParamValidationError botocore.UnknownServiceError botocore.NoRegionError botocore.DataNotFoundError
        botocore.ProfileNotFound botocore.ConfigNotFound botocore.InvalidConfigError botocore.OperationNotPageableError botocore.ChecksumError
        botocore.FlexibleChecksumError botocore.UnknownEndpointError botocore.PaginationError botocore.EndpointProviderError
        botocore.InvalidDNSNameError botocore.ServiceNotInRegionError botocore.InvalidRegionError
        google.InvalidArgument google.NotFound google.AlreadyExists google.FailedPrecondition google.OutOfRange google.MethodNotImplemented
        google.UnknownApiResponseError google.UnsupportedFunctionError
        stripe.CardError stripe.InvalidRequestError stripe.IdempotencyError
        docker.ImageNotFound docker.NotFound docker.BuildError docker.InvalidVersion docker.ContainerError docker.NullResource
        docker.TLSParameterError docker.ImageLoadError docker.InvalidRepository docker.MissingContextParameter
        github.UnknownObjectException github.BadAttributeException gitlab.GitlabGetError gitlab.GitlabCreateError
        slack_sdk.SlackObjectFormationError slack_sdk.SlackRequestError huggingface_hub.HFValidationError
        huggingface_hub.RepositoryNotFoundError huggingface_hub.EntryNotFoundError huggingface_hub.RevisionNotFoundError
        huggingface_hub.LocalEntryNotFoundError huggingface_hub.BadRequestError
        telegram.BadRequest aiogram.TelegramBadRequest aiogram.TelegramNotFound discord.NotFound discord.InvalidData discord.HTTPException
        gql.TransportAlreadyConnected kubernetes.ConfigException kubernetes.ApiTypeError kubernetes.ApiValueError kubernetes.ApiKeyError kubernetes.OpenApiException
        minio.InvalidResponseError minio.MinioAdminException zeep.ValidationError zeep.LookupError zeep.IncompatibleMessage
        """,
    ),
    (
        passes(ErrorType.RATE_LIMIT),
        (
            "github.RateLimitExceededException google.ResourceExhausted google.TooManyRequests telegram.RetryAfter "
            "aiogram.TelegramRetryAfter discord.RateLimited stripe.RateLimitError tweepy.TooManyRequests prawcore.TooManyRequests"
        ),
    ),
    (
        stays(ErrorType.UNKNOWN),
        "azure.ServiceBusQuotaExceededError azure.MessagingEntityQuotaExceeded",
    ),
    (
        stays(ErrorType.CONTRACT),
        "google.DecodeError google.EncodeError google.ParseError zeep.XMLSyntaxError zeep.WsdlSyntaxError zeep.XMLParseError",
    ),
    (stays(ErrorType.SYNTAX), "botocore.ConfigParseError"),
    (
        stays(ErrorType.GENERATION),
        """
        pydantic_ai.UnexpectedModelBehavior pydantic_ai.IncompleteToolCall pydantic_ai.ModelRetry pydantic_ai.ToolRetryError
        openai.LengthFinishReasonError instructor.InstructorRetryException instructor.IncompleteOutputException
        instructor.ResponseParsingError instructor.FailedAttempt langchain_core.OutputParserException langchain.OutputParserException
        langgraph.GraphRecursionError langgraph.InvalidUpdateError litellm.JSONSchemaValidationError llama_index.WorkflowRuntimeError
        openai.APIResponseValidationError anthropic.APIResponseValidationError agents.ModelBehaviorError agents.MaxTurnsExceeded
        outlines.GenerationError guardrails.ValidationError crewai.ConverterError dspy.AdapterParseError
        huggingface_hub.IncompleteGenerationError huggingface_hub.GenerationError
        """,
    ),
    (
        stays(ErrorType.AI_SERVICE, prefer=_OTHER),
        """
        openai.ContentFilterFinishReasonError litellm.ContentPolicyViolationError litellm.BudgetExceededError
        pydantic_ai.UsageLimitExceeded pydantic_ai.ContentFilterError replicate.ModelError ollama.ModelNotFound
        google.BlockedPromptException google.StopCandidateException agents.InputGuardrailTripwireTriggered
        agents.OutputGuardrailTripwireTriggered huggingface_hub.UnknownError litellm.ModelNotMappedError
        """,
    ),
    (
        stays(ErrorType.AI_SERVICE, prefer=_LESS),
        "litellm.ContextWindowExceededError langchain_core.ContextOverflowError huggingface_hub.InputTooLongError",
    ),
    (
        passes(ErrorType.AI_SERVICE),
        "huggingface_hub.OverloadedError anthropic.OverloadedError litellm.MidStreamFallbackError",
    ),
    (passes(ErrorType.AI_SERVICE), "pydantic_ai.ConcurrencyLimitExceeded"),
    (Facts(ErrorType.AI_SERVICE), "pydantic_ai.ModelHTTPError pydantic_ai.ModelAPIError"),
    (
        stays(ErrorType.GENERATION, prefer=_LESS),
        "numpy._ArrayMemoryError torch.OutOfMemoryError cupy.OutOfMemoryError",
    ),
    (passes(ErrorType.NETWORK), "mcp.UrlElicitationRequiredError"),
)

LLM_PACKAGES = frozenset(
    [
        "openai",
        "anthropic",
        "cohere",
        "groq",
        "mistralai",
        "litellm",
        "together",
        "replicate",
        "ollama",
        "huggingface_hub",
        "ai21",
        "fireworks",
        "cerebras",
        "xai_sdk",
        "voyageai",
        "instructor",
        "pydantic_ai",
        "langchain",
        "langchain_core",
        "langchain_openai",
        "langchain_anthropic",
        "langchain_google_genai",
        "langchain_community",
        "langchain_groq",
        "langchain_mistralai",
        "llama_index",
        "vertexai",
        "dashscope",
        "zhipuai",
        "deepseek",
        "writerai",
        "aleph_alpha_client",
        "portkey_ai",
        "openrouter",
        "fal_client",
        "lamini",
        "predibase",
        "together_ai",
        "perplexity",
        "text_generation",
        "agents",
        "smolagents",
        "dspy",
        "crewai",
        "autogen",
        "semantic_kernel",
        "haystack",
        "guidance",
        "outlines",
        "guardrails",
        "ibm_watsonx_ai",
        "qianfan",
        "volcenginesdkarkruntime",
        "sambanova",
        "stability_sdk",
        "elevenlabs",
        "assemblyai",
        "deepgram",
    ]
)

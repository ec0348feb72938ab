"""Exceptions of task queues, workflow engines, retries and breakers, templates, schemas and tools."""

from __future__ import annotations

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

__all__ = ["PACKAGES", "ROWS"]

_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION

ROWS: tuple[tuple[Facts, str], ...] = (
    (
        passes(ErrorType.TIMEOUT),
        """
        billiard.SoftTimeLimitExceeded billiard.TimeLimitExceeded celery.SoftTimeLimitExceeded celery.TimeLimitExceeded
        celery.TimeoutError dramatiq.TimeLimitExceeded rq.JobTimeoutException temporalio.TimeoutError
         prefect.TaskRunTimeoutError prefect.FlowRunWaitTimeout prefect.TimedOut
        dagster.DagsterExecutionInterruptedError airflow.AirflowTaskTimeout airflow.AirflowSensorTimeout
        dbos.DBOSWorkflowTimeoutError nox.TimeoutExpired joblib.TimeoutError loky.TimeoutError
        """,
    ),
    (
        passes(ErrorType.NETWORK),
        """
        celery.Retry celery.WorkerLostError celery.WorkerShutdown billiard.WorkerLostError celery.BackendGetMetaError
        celery.BackendStoreError dramatiq.ConnectionClosed dramatiq.ConnectionError
        dramatiq.Retry arq.Retry arq.RetryJob huey.RetryTask prefect.CrashedRun prefect.PrefectHTTPStatusError
        temporalio.RPCTimeoutOrCancelledError ray.ActorUnavailableError ray.WorkerCrashedError
        ray.ObjectLostError ray.NodeDiedError ray.OwnerDiedError distributed.CommClosedError loky.BrokenProcessPool
        loky.TerminatedWorkerError joblib.TerminatedWorkerError tenacity.TryAgain stamina.TryAgain
        pybreaker.CircuitBreakerError circuitbreaker.CircuitBreakerError aiobreaker.CircuitBreakerError
        purgatory.OpenedState hyx.BreakerFailing hyx.BulkheadFull pyfailsafe.CircuitOpen failsafe.CircuitOpen
        aiomisc.CircuitBroken lasier.CircuitBreakerException dbos.DBOSInitializationError resilience4py.CallNotPermittedError
        interruptingcow.SemaphoreTimeout pybreaker.CircuitBreakerStorageError
        """,
    ),
    (
        # Their last attempt says more; without one, someone has already tried often enough.
        Facts(ErrorType.UNKNOWN, transient=False, weak=True),
        (
            "tenacity.RetryError stamina.RetryError backoff.RetryError retrying.RetryError retry.RetryError "
            "failsafe.RetriesExhausted pyfailsafe.RetriesExhausted hyx.MaxAttemptsExceeded opnieuw.RetryException google.RetryError"
        ),
    ),
    (Facts(ErrorType.UNKNOWN), "ray.RayActorError"),  # dead, or only away: its subclasses tell
    (
        stays(ErrorType.UNKNOWN),
        """
        black.NothingChanged celery.MaxRetriesExceededError dbos.DBOSMaxStepRetriesExceeded dbos.MaxRecoveryAttemptsExceededError
        airflow.AirflowFailException prefect.AbortedRun celery.Ignore celery.Reject celery.TaskRevokedError
        distributed.KilledWorker ray.ActorDiedError ray.ActorUnschedulableError ray.TaskUnschedulableError
        """,
    ),
    (
        stays(ErrorType.VALIDATION),
        """
        celery.NotRegistered celery.ImproperlyConfigured celery.AlreadyRegistered celery.IncompleteStream
        celery.InvalidTaskError celery.QueueNotFound rq.NoSuchJobError rq.InvalidJobOperation rq.DeserializationError
        dramatiq.ActorNotFound dramatiq.QueueNotFound dramatiq.DecodeError prefect.ParameterTypeError prefect.ParameterBindError
        prefect.SignatureMismatchError prefect.MissingResult prefect.ObjectNotFound prefect.ObjectAlreadyExists prefect.MissingFlowError
        temporalio.WorkflowAlreadyStartedError temporalio.WorkflowQueryFailedError temporalio.WorkflowQueryRejectedError dbos.DBOSConflictingWorkflowError dbos.DBOSConflictingRegistrationError
        dbos.DBOSNonExistentWorkflowError dbos.DBOSWorkflowFunctionNotFoundError dbos.DBOSNotAuthorizedError dbos.DBOSUnexpectedStepError
        dbos.DBOSQueueDeduplicatedError airflow.AirflowNotFoundException airflow.DagNotFound airflow.AirflowConfigException
        dagster.DagsterInvariantViolationError dagster.DagsterTypeCheckDidNotPass dagster.DagsterInvalidDefinitionError
        git.NoSuchPathError git.InvalidGitRepositoryError git.BadName git.CheckoutError git.HookExecutionError
        pluggy.PluginValidationError numpy.AxisError numpy.LinAlgError numpy.ComplexWarning numpy.DTypePromotionError
        pandas.EmptyDataError pandas.ParserError pandas.MergeError pandas.OutOfBoundsDatetime pandas.IntCastingNaNError
        pandas.InvalidIndexError pandas.UndefinedVariableError pandas.DataError pyarrow.ArrowInvalid pyarrow.ArrowTypeError
        pyarrow.ArrowKeyError pyarrow.ArrowNotImplementedError polars.SchemaError polars.ColumnNotFoundError polars.ComputeError
        polars.InvalidOperationError polars.ShapeError polars.NoDataError pandera.SchemaError pandera.SchemaErrors
        packaging.InvalidVersion packaging.InvalidSpecifier packaging.InvalidRequirement pip.InstallationError pip.DistributionNotFound
        pexpect.ExceptionPexpect psutil.NoSuchProcess psutil.ZombieProcess PIL.UnidentifiedImageError docutils.SystemMessage
        msgspec.ValidationError orjson.JSONEncodeError cattrs.ClassValidationError cattrs.IterableValidationError
        cattrs.ForbiddenExtraKeysError cattrs.StructureHandlerNotFoundError mashumaro.MissingField mashumaro.InvalidFieldValue
        dacite.WrongTypeError dacite.MissingValueError betterproto.SerializationError thrift.TProtocolException
        """,
    ),
    (
        stays(ErrorType.SECURITY),
        (
            "git.UnsafeProtocolError git.UnsafeOptionError jinja2.SecurityError psutil.AccessDenied prefect.PrefectAuthError "
            "dbos.DBOSNotAuthorizedError simple_salesforce.SalesforceAuthenticationFailed RestrictedPython.Denied"
        ),
    ),
    (
        stays(ErrorType.SYNTAX),
        """
        simplejson.JSONDecodeError orjson.JSONDecodeError ujson.JSONDecodeError requests.JSONDecodeError rapidjson.JSONDecodeError
        msgspec.DecodeError demjson3.JSONDecodeError json5.Json5Exception hcl2.UnexpectedToken defusedxml.ParseError
        black.InvalidInput black.CannotSplit libcst.ParserSyntaxError parso.ParserSyntaxError nbformat.NotJSONError
        """,
    ),
    (
        passes(ErrorType.NETWORK),
        "git.RemoteProgressError psutil.TimeoutExpired",
    ),
    (
        # Its original error, where there is one, says more.
        stays(ErrorType.CONTRACT, weak=True),
        "graphql.GraphQLError graphql.GraphQLLocatedError strawberry.GraphQLError",
    ),
    (
        stays(ErrorType.CONTRACT),
        """
        jsonschema.SchemaError referencing.Unresolvable referencing.PointerToNowhere referencing.NoSuchResource jsonschema.RefResolutionError
        jsonschema._RefResolutionError jsonschema._WrappedReferencingError jsonschema.UnknownType
        pydantic.PydanticSchemaGenerationError pydantic.PydanticUserError pydantic.PydanticUndefinedAnnotation
        pydantic_core.SchemaError protobuf.DecodeError capnp.KjException
        """,
    ),
    (
        stays(ErrorType.SECURITY),
        "defusedxml.EntitiesForbidden defusedxml.DTDForbidden defusedxml.ExternalReferenceForbidden defusedxml.DefusedXmlException defusedxml.NotSupportedError",
    ),
    (
        stays(ErrorType.GENERATION),
        "django.TemplateDoesNotExist django.TemplateSyntaxError",
    ),
    (stays(ErrorType.GENERATION, prefer=_LESS), "ray.OutOfMemoryError pyarrow.ArrowMemoryError"),
)

# What a package is about, for the classes that are not listed by name: it says more than their words.
PACKAGES: tuple[tuple[Facts, str], ...] = (
    (
        stays(ErrorType.GENERATION),
        (
            "jinja2 mako chameleon genshi pystache chevron cookiecutter copier datamodel_code_generator liquid "
            "pybars tenjin wheezy cheetah Cheetah minijinja"
        ),
    ),
    (
        stays(ErrorType.SECURITY),
        (
            "jwt jose joserfc authlib itsdangerous cryptography nacl oauthlib OpenSSL RestrictedPython webauthn saml2 "
            "onelogin passlib argon2 bcrypt pyotp gnupg certifi truststore paseto pyhanko keyring"
        ),
    ),
    (
        stays(ErrorType.CONTRACT),
        (
            "fastavro avro avro_validator openapi_spec_validator openapi_schema_validator openapi_core prance graphql "
            "ariadne graphene strawberry asyncapi grpc_tools schemathesis dredd jsonref openapi_pydantic pyflyte"
        ),
    ),
    (
        stays(ErrorType.SYNTAX),
        (
            "yaml ruamel toml tomli tomllib tomlkit json5 hjson pyparsing lark parso libcst lxml sqlglot sqlparse antlr4 ply "
            "textx parsimonious black blib2to3 lib2to3 jsonc hcl2 pyhocon rtoml oyaml jmespath jsonpath_ng isort autopep8"
        ),
    ),
    (
        stays(ErrorType.VALIDATION),
        (
            "pydantic pydantic_core jsonschema referencing fastjsonschema marshmallow cerberus voluptuous schema cattrs attr "
            "attrs trafaret schematics beartype typeguard pandera pykwalify yamale strictyaml dacite email_validator "
            "jsonpatch jsonpointer rfc3987 rfc3986 semver isodate dateutil pint phonenumbers xmlschema wtforms colander networkx traitlets"
            " sympy shapely pyproj astropy xarray statsmodels sklearn"
        ),
    ),
)

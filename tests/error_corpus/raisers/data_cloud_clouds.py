"""Errors of cloud SDKs, orchestrators, remote calls, shells, directories and names."""

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from data_labels import (
    AUTH,
    BAD_DATA,
    BAD_DOCUMENT,
    CERTIFICATE,
    CONFLICT,
    CONSTRAINT,
    CONTENTION,
    DNS,
    FULL,
    GIVEN_UP,
    MISUSE,
    NOT_FOUND,
    OVERLOADED,
    QUOTA,
    REFUSED,
    RESET,
    RESTARTING,
    SETTINGS,
    STALE,
    THROTTLED,
    TIMED_OUT,
    TOO_BIG,
    UNCLEAR,
    UNSUPPORTED,
)
from lab import add, black_hole, case, closed_port, web, wire

Label = dict[str, Any]
Row = tuple[Callable[[], Any], Label, str]


def rows(prefix: str, library: str, found: list[Row], start: int = 1) -> None:
    for number, (raiser, label, why) in enumerate(found, start):
        add(f"{prefix}_{number:02d}", library, raiser, **label, why=why)


# ---- AWS
def client_of(service: str, url: str | None = None, module: str = "botocore", **config: Any) -> Any:
    import botocore.session
    from botocore.config import Config

    settings = Config(retries={"max_attempts": 0}, connect_timeout=0.5, read_timeout=0.5, **config)
    words = {
        "region_name": "eu-west-1",
        "endpoint_url": url,
        "config": settings,
        "aws_access_key_id": "k",
        "aws_secret_access_key": "s",
    }
    if module == "boto3":
        import boto3

        return boto3.session.Session().client(service, **words)
    return botocore.session.Session().create_client(service, **words)


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "dynamodb": ("put_item", {"TableName": "builds", "Item": {"id": {"S": "7"}}}),
    "s3": ("get_object", {"Bucket": "builds", "Key": "timeout.json"}),
    "sqs": ("send_message", {"QueueUrl": "http://127.0.0.1/1/builds", "MessageBody": "x"}),
    "lambda": ("invoke", {"FunctionName": "build"}),
    "ec2": ("run_instances", {"MinCount": 1, "MaxCount": 1, "ImageId": "ami-1"}),
    "sts": ("get_caller_identity", {}),
    "secretsmanager": ("get_secret_value", {"SecretId": "builds"}),
    "ssm": ("get_parameter", {"Name": "builds"}),
    "kinesis": ("put_record", {"StreamName": "builds", "Data": b"x", "PartitionKey": "7"}),
    "stepfunctions": (
        "start_execution",
        {"stateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:b"},
    ),
    "cloudformation": ("create_stack", {"StackName": "builds", "TemplateBody": "{}"}),
    "kms": ("decrypt", {"CiphertextBlob": b"x"}),
    "sns": ("publish", {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:b", "Message": "x"}),
}


def aws(
    service: str, code: str, text: str, status: int = 400, module: str = "botocore", **more: Any
) -> Callable[[], None]:
    def call() -> None:
        from botocore.stub import Stubber

        client = client_of(service, module=module)
        method, words = CALLS[service]
        with Stubber(client) as stub:
            stub.add_client_error(method, code, text, status, **more)
            getattr(client, method)(**words)

    return call


rows(
    "aws",
    "botocore",
    [
        (
            aws(
                "dynamodb",
                "ProvisionedThroughputExceededException",
                "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
            ),
            THROTTLED,
            "throttled, at status 400",
        ),
        (
            aws("dynamodb", "ConditionalCheckFailedException", "The conditional request failed"),
            CONSTRAINT,
            "the condition does not hold",
        ),
        (
            aws(
                "dynamodb",
                "ThrottlingException",
                "Throughput exceeds the current capacity of your table or index.",
            ),
            THROTTLED,
            "throttled, at status 400",
        ),
        (
            aws(
                "dynamodb",
                "ResourceNotFoundException",
                "Requested resource not found: Table: timeouts not found",
            ),
            NOT_FOUND,
            "the table does not exist",
        ),
        (
            aws(
                "dynamodb",
                "ValidationException",
                "One or more parameter values were invalid: Missing the key retry_after in the item",
            ),
            BAD_DATA,
            "a key is missing",
        ),
        (
            aws("dynamodb", "TransactionConflictException", "Transaction is ongoing for the item"),
            CONTENTION,
            "another transaction holds the item",
        ),
        (
            aws(
                "dynamodb", "ItemCollectionSizeLimitExceededException", "Collection size exceeded."
            ),
            FULL,
            "the collection is full",
        ),
        (
            aws("s3", "NoSuchKey", "The specified key does not exist.", 404),
            NOT_FOUND,
            "there is no such object",
        ),
        (
            aws("s3", "NoSuchBucket", "The specified bucket does not exist", 404),
            NOT_FOUND,
            "there is no such bucket",
        ),
        (aws("s3", "AccessDenied", "Access Denied", 403), AUTH, "the user has no privilege"),
        (
            aws("s3", "SlowDown", "Please reduce your request rate.", 503),
            {**THROTTLED, "types": "RATE_LIMIT NETWORK"},
            "too many requests",
        ),
        (
            aws("s3", "InternalError", "We encountered an internal error. Please try again.", 500),
            OVERLOADED,
            "the service failed",
        ),
        (
            aws(
                "s3",
                "InvalidObjectState",
                "The operation is not valid for the object's storage class",
                403,
            ),
            {**CONFLICT, "types": "VALIDATION UNKNOWN SECURITY"},
            "the object is in an archive until somebody restores it",
        ),
        (
            aws(
                "s3",
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
                403,
            ),
            AUTH,
            "the clock of this machine is wrong",
        ),
        (
            aws(
                "s3",
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
                403,
            ),
            AUTH,
            "the secret is wrong",
        ),
        (
            aws(
                "s3",
                "RequestTimeout",
                "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.",
                400,
            ),
            TIMED_OUT,
            "the service waited long enough, at status 400",
        ),
        (
            aws(
                "sts", "ExpiredToken", "The security token included in the request is expired", 403
            ),
            AUTH,
            "the token is too old",
        ),
        (
            aws(
                "sts",
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
                403,
            ),
            AUTH,
            "the key is wrong",
        ),
        (
            aws(
                "lambda",
                "TooManyRequestsException",
                "Rate Exceeded.",
                429,
                service_error_meta={"Reason": "ConcurrentInvocationLimitExceeded"},
            ),
            THROTTLED,
            "too many calls at once",
        ),
        (
            aws(
                "lambda",
                "ResourceConflictException",
                "The operation cannot be performed at this time. An update is in progress for resource: build",
                409,
            ),
            {
                **CONTENTION,
                "transient": "yes",
                "types": "NETWORK UNKNOWN VALIDATION",
                "strategies": "RETRY",
            },
            "an update is under way",
        ),
        (
            aws(
                "lambda",
                "RequestTooLargeException",
                "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
                413,
            ),
            TOO_BIG,
            "the request is too large",
        ),
        (
            aws("ec2", "RequestLimitExceeded", "Request limit exceeded.", 503),
            {**THROTTLED, "types": "RATE_LIMIT NETWORK"},
            "too many requests",
        ),
        (
            aws(
                "ec2",
                "InstanceLimitExceeded",
                "You have requested more instances (21) than your current instance limit of 20 allows for the specified instance type.",
            ),
            QUOTA,
            "the account may have no more",
        ),
        (
            aws(
                "ec2",
                "InsufficientInstanceCapacity",
                "We currently do not have sufficient m7g.large capacity in the Availability Zone you requested.",
                500,
            ),
            OVERLOADED,
            "the zone has no machine at this moment",
        ),
        (
            aws(
                "ec2",
                "UnauthorizedOperation",
                "You are not authorized to perform this operation.",
                403,
            ),
            AUTH,
            "the user has no privilege",
        ),
        (
            aws(
                "ec2",
                "DryRunOperation",
                "Request would have succeeded, but DryRun flag is set.",
                412,
            ),
            MISUSE,
            "it was only a rehearsal",
        ),
        (
            aws(
                "kinesis",
                "KMSThrottlingException",
                "The request was denied due to request throttling.",
            ),
            THROTTLED,
            "throttled, at status 400",
        ),
        (
            aws(
                "secretsmanager",
                "DecryptionFailure",
                "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
            ),
            {**AUTH, "types": "SECURITY VALIDATION UNKNOWN"},
            "the key does not open the secret",
        ),
        (
            aws(
                "secretsmanager",
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret.",
            ),
            NOT_FOUND,
            "there is no such secret",
        ),
        (aws("ssm", "ThrottlingException", "Rate exceeded"), THROTTLED, "throttled, at status 400"),
        (
            aws(
                "cloudformation",
                "ValidationError",
                "Template format error: At least one Resources member must be defined.",
            ),
            {**BAD_DATA, "types": "VALIDATION SYNTAX CONTRACT GENERATION"},
            "the template is incomplete",
        ),
        (
            aws("cloudformation", "AlreadyExistsException", "Stack [builds] already exists"),
            CONFLICT,
            "the stack exists",
        ),
        (
            aws(
                "kms",
                "AccessDeniedException",
                "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
            ),
            AUTH,
            "the user has no privilege",
        ),
        (
            aws(
                "sqs",
                "AWS.SimpleQueueService.NonExistentQueue",
                "The specified queue does not exist.",
            ),
            NOT_FOUND,
            "the queue does not exist",
        ),
        (
            aws("sqs", "OverLimit", "Too many messages in flight; the maximum is 120000"),
            THROTTLED | {"transient": "unknown", "strategies": "RETRY ALTERNATIVE_PATH ESCALATION"},
            "the queue holds too many open messages; when they end is not known",
        ),
        (
            aws(
                "sns",
                "InvalidParameter",
                "Invalid parameter: TopicArn Reason: timeout waiting is not a topic",
            ),
            BAD_DATA,
            "the name is no topic",
        ),
        (
            aws("sts", "OptInRequired", "You are not subscribed to this service", 403),
            {**AUTH, "types": "SECURITY UNKNOWN"},
            "the account has no subscription",
        ),
        (
            aws("sts", "ServiceUnavailable", "Service is unable to handle request.", 503),
            OVERLOADED,
            "the service is not available",
        ),
        (
            aws(
                "sts",
                "IDPCommunicationError",
                "Could not reach the identity provider; please try again",
            ),
            {**RESET, "strategies": "RETRY", "types": "NETWORK SECURITY"},
            "another service did not answer, at status 400",
        ),
    ],
)


def endpoint(
    service: str,
    status: int = 200,
    body: Any = "",
    module: str = "botocore",
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Callable[[], None]:
    def call() -> None:
        with web(status, body, headers, **more) as base:
            method, words = CALLS[service]
            config = {"s3": {"addressing_style": "path"}} if service == "s3" else {}
            getattr(client_of(service, base, module, **config), method)(**words)

    return call


XML = "<?xml version='1.0'?><Error><Code>{}</Code><Message>{}</Message><RequestId>1</RequestId></Error>"
rows(
    "aws",
    "boto3",
    [
        (
            endpoint(
                "s3",
                503,
                XML.format("SlowDown", "Please reduce your request rate."),
                module="boto3",
            ),
            {**THROTTLED, "types": "RATE_LIMIT NETWORK"},
            "too many requests",
        ),
        (
            aws(
                "s3",
                "PermanentRedirect",
                "The bucket you are attempting to access must be addressed using the specified endpoint.",
                301,
                module="boto3",
            ),
            SETTINGS,
            "the bucket lives elsewhere",
        ),
        (
            endpoint(
                "dynamodb",
                400,
                {
                    "__type": "com.amazonaws.dynamodb.v20120810#RequestLimitExceeded",
                    "message": "Throughput exceeds the current throughput limit for your account.",
                },
                module="boto3",
            ),
            THROTTLED,
            "throttled, at status 400",
        ),
        (
            endpoint(
                "dynamodb",
                400,
                {
                    "__type": "com.amazon.coral.service#UnrecognizedClientException",
                    "message": "The security token included in the request is invalid.",
                },
                module="boto3",
            ),
            AUTH,
            "the key is wrong",
        ),
        (
            endpoint(
                "dynamodb",
                500,
                {
                    "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError",
                    "message": "Internal server error",
                },
                module="boto3",
            ),
            OVERLOADED,
            "the service failed",
        ),
        (endpoint("s3", mode="hang", module="boto3"), TIMED_OUT, "the service says nothing"),
        (endpoint("s3", mode="cut", module="boto3"), RESET, "the service closed the connection"),
        (endpoint("s3", mode="tls", module="boto3"), CERTIFICATE, "the certificate is not trusted"),
    ],
    60,
)


@case("aws_70", "boto3", **REFUSED, why="nobody listens")
def _() -> None:
    client_of("dynamodb", f"http://127.0.0.1:{closed_port()}", "boto3").put_item(
        TableName="builds", Item={"id": {"S": "7"}}
    )


@case("aws_71", "boto3", **TIMED_OUT, why="the host does not accept")
def _() -> None:
    with black_hole() as (host, port):
        client_of("dynamodb", f"http://{host}:{port}", "boto3").put_item(
            TableName="builds", Item={"id": {"S": "7"}}
        )


@case("aws_72", "boto3", **BAD_DATA, why="a parameter is missing and another has the wrong type")
def _() -> None:
    client_of("dynamodb", module="boto3").put_item(TableName="builds", Item="timeout")


@case("aws_73", "boto3", **AUTH, why="no key was found")
def _() -> None:
    import boto3

    boto3.session.Session().client("sts", region_name="eu-west-1").get_caller_identity()


@case("aws_74", "boto3", **SETTINGS, why="no region was named")
def _() -> None:
    import boto3

    boto3.session.Session().client("sqs", aws_access_key_id="k", aws_secret_access_key="s")


@case("aws_75", "boto3", **SETTINGS, why="there is no such service")
def _() -> None:
    client_of("s4", module="boto3")


@case("aws_76", "boto3", **SETTINGS, why="there is no such profile")
def _() -> None:
    import boto3

    boto3.session.Session(profile_name="retry")


@case("aws_77", "botocore", **TIMED_OUT, why="the thing did not get ready in time")
def _() -> None:
    from botocore.exceptions import WaiterError

    raise WaiterError(
        name="InstanceRunning", reason="Max attempts exceeded", last_response={"Reservations": []}
    )


@case("aws_78", "botocore", **GIVEN_UP, why="the waiter saw a final failure")
def _() -> None:
    from botocore.exceptions import WaiterError

    raise WaiterError(
        name="StackCreateComplete",
        reason='Waiter encountered a terminal failure state: For expression "Stacks[].StackStatus" we matched expected path: "ROLLBACK_COMPLETE"',
        last_response={},
    )


@case(
    "aws_79",
    "botocore",
    **THROTTLED,
    why="the cause of the service's own error is throttling",
    tags=("cause-matters",),
)
def _() -> None:
    from botocore.exceptions import ClientError

    try:
        aws("ssm", "ThrottlingException", "Rate exceeded")()
    except ClientError as error:
        raise ValueError("the settings of the build could not be read") from error


# ---- Google
def google(name: str, text: str, **more: Any) -> Callable[[], None]:
    def call() -> None:
        from google.api_core import exceptions

        raise getattr(exceptions, name)(text, **more)

    return call


def bucket(status: int, body: Any, **more: Any) -> Callable[[], None]:
    def call() -> None:
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import storage

        with web(status, body, **more) as base:
            client = storage.Client(
                "planner", AnonymousCredentials(), client_options={"api_endpoint": base}
            )
            client.get_bucket("builds", timeout=0.5, retry=None)

    return call


def reason(code: int, text: str, word: str) -> dict[str, Any]:
    return {
        "error": {
            "code": code,
            "message": text,
            "errors": [{"message": text, "domain": "global", "reason": word}],
        }
    }


rows(
    "gcp",
    "google-cloud-storage",
    [
        (
            bucket(404, reason(404, "The specified bucket does not exist.", "notFound")),
            NOT_FOUND,
            "there is no such bucket",
        ),
        (
            bucket(
                403,
                reason(
                    403,
                    "app does not have storage.buckets.get access to the Google Cloud Storage bucket.",
                    "forbidden",
                ),
            ),
            AUTH,
            "the user has no privilege",
        ),
        (
            bucket(
                429,
                reason(
                    429,
                    "The rate of change requests to the object builds/7 exceeds the rate limit. Please reduce the rate.",
                    "rateLimitExceeded",
                ),
            ),
            THROTTLED,
            "too many requests",
        ),
        (
            bucket(
                403,
                reason(
                    403,
                    "The billing account for the owning project is disabled in state absent",
                    "accountDisabled",
                ),
            ),
            {**QUOTA, "types": "SECURITY RATE_LIMIT UNKNOWN"},
            "the account is not paid",
        ),
        (
            bucket(
                503,
                reason(503, "We encountered an internal error. Please try again.", "backendError"),
            ),
            OVERLOADED,
            "the service failed",
        ),
        (
            bucket(
                412,
                reason(
                    412,
                    "At least one of the pre-conditions you specified did not hold.",
                    "conditionNotMet",
                ),
            ),
            STALE,
            "somebody else changed the object",
        ),
        (
            bucket(400, reason(400, "Invalid bucket name: 'retry later'", "invalid")),
            BAD_DATA,
            "the name is no bucket name",
        ),
        (bucket(200, "", mode="hang"), TIMED_OUT, "the service says nothing"),
        (bucket(200, "", mode="cut"), RESET, "the service closed the connection"),
        (
            bucket(
                401,
                reason(
                    401, "Anonymous caller does not have storage.buckets.get access", "required"
                ),
            ),
            AUTH,
            "nobody is logged in",
        ),
    ],
)
rows(
    "gcp",
    "google-cloud-pubsub",
    [
        (
            google(
                "RetryError",
                "Timeout of 60.0s exceeded",
                cause=ConnectionResetError(104, "Connection reset by peer"),
            ),
            {**TIMED_OUT, "types": "TIMEOUT NETWORK"},
            "the client retried a reset connection for a minute",
        ),
        (
            google("Aborted", "Transaction was aborted due to a concurrent modification."),
            CONTENTION,
            "two transactions changed the same data",
        ),
        (
            google("DeadlineExceeded", "Deadline Exceeded"),
            TIMED_OUT,
            "the call ran out of its time",
        ),
        (
            google(
                "ResourceExhausted",
                "Quota exceeded for quota metric 'Regional publisher throughput' and limit 'Regional publisher throughput per minute'",
            ),
            THROTTLED,
            "the quota per minute is used up",
        ),
        (
            google("FailedPrecondition", "The subscription is detached."),
            CONFLICT,
            "the state forbids it",
        ),
        (
            google(
                "AlreadyExists", "Resource already exists in the project (resource=retry-topic)."
            ),
            CONFLICT,
            "the topic exists",
        ),
        (
            google("PermissionDenied", "User not authorized to perform this action."),
            AUTH,
            "the user has no privilege",
        ),
        (
            google("InternalServerError", "Internal error encountered."),
            OVERLOADED,
            "the service failed",
        ),
        (
            google(
                "InvalidArgument",
                "You have passed an invalid argument to the service (argument=ack_deadline_seconds).",
            ),
            BAD_DATA,
            "the argument is wrong",
        ),
        (
            google(
                "MethodNotImplemented", "Operation is not implemented, or supported, or enabled."
            ),
            UNSUPPORTED,
            "the service can not do this",
        ),
    ],
    20,
)


@case("gcp_40", "google-auth", **AUTH, why="no key was found")
def _() -> None:
    from google.auth.exceptions import DefaultCredentialsError

    raise DefaultCredentialsError(
        "Your default credentials were not found. To set up Application Default Credentials, see the documentation of authentication for more information."
    )


@case("gcp_41", "google-auth", **AUTH, why="the key was withdrawn")
def _() -> None:
    from google.auth.exceptions import RefreshError

    raise RefreshError(
        "('invalid_grant: Token has been expired or revoked.', {'error': 'invalid_grant', 'error_description': 'Token has been expired or revoked.'})"
    )


@case(
    "gcp_42",
    "google-auth",
    **{**OVERLOADED, "types": "NETWORK SECURITY"},
    why="the service of keys was not reached",
)
def _() -> None:
    from google.auth.exceptions import TransportError

    raise TransportError(
        "HTTPSConnectionPool(host='oauth2.app.example', port=443): Max retries exceeded with url: /token (Caused by NewConnectionError(': Failed to establish a new connection: [Errno 101] Network is unreachable'))"
    )


@case("gcp_43", "google-auth", **BAD_DOCUMENT, why="the file of keys does not parse")
def _() -> None:
    import google.auth

    with tempfile.NamedTemporaryFile("w", suffix=".json") as out:
        out.write('{"type": "retry"')
        out.flush()
        google.auth.load_credentials_from_file(out.name)


# ---- Azure
def blob(status: int, code: str, text: str, **more: Any) -> Callable[[], None]:
    def call() -> None:
        from azure.storage.blob import BlobServiceClient

        body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{text}</Message></Error>'
        headers = {
            "x-ms-error-code": code,
            "content-type": "application/xml",
            **more.pop("headers", {}),
        }
        with web(status, body, headers, **more) as base:
            client = BlobServiceClient(
                base + "/builds",
                credential="a2V5",
                retry_total=0,
                connection_timeout=0.5,
                read_timeout=0.5,
            )
            client.get_blob_client(
                "c", "timeout.json"
            ).get_blob_properties() if status == 1 else client.get_container_client(
                "c"
            ).get_container_access_policy()

    return call


rows(
    "azure",
    "azure-storage-blob",
    [
        (
            blob(404, "ContainerNotFound", "The specified container does not exist."),
            NOT_FOUND,
            "there is no such container",
        ),
        (
            blob(
                403,
                "AuthenticationFailed",
                "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
            ),
            AUTH,
            "the key is wrong",
        ),
        (
            blob(
                503,
                "ServerBusy",
                "The server is currently unable to receive requests. Please retry your request.",
                headers={"Retry-After": "3"},
            ),
            {**OVERLOADED, "types": "NETWORK RATE_LIMIT"},
            "the service has too much to do",
        ),
        (
            blob(
                500,
                "OperationTimedOut",
                "Operation could not be completed within the specified time.",
            ),
            {**TIMED_OUT, "types": "TIMEOUT NETWORK"},
            "the service ran out of its time",
        ),
        (
            blob(
                409,
                "ContainerBeingDeleted",
                "The specified container is being deleted. Try operation later.",
            ),
            {**CONTENTION, "strategies": "RETRY", "types": "NETWORK UNKNOWN VALIDATION"},
            "the deletion is under way",
        ),
        (
            blob(409, "ContainerAlreadyExists", "The specified container already exists."),
            CONFLICT,
            "the container exists",
        ),
        (
            blob(
                412,
                "LeaseIdMissing",
                "There is currently a lease on the container and no lease ID was specified in the request.",
            ),
            {**CONFLICT, "types": "VALIDATION UNKNOWN SECURITY"},
            "the lease is not named",
        ),
        (
            blob(
                400,
                "InvalidQueryParameterValue",
                "Value for one of the query parameters specified in the request URI is invalid.",
            ),
            BAD_DATA,
            "the parameter is wrong",
        ),
        (
            blob(429, "TooManyRequests", "Too many requests", headers={"Retry-After": "2"}),
            THROTTLED,
            "too many requests",
        ),
        (blob(200, "", "", mode="hang"), TIMED_OUT, "the service says nothing"),
        (blob(200, "", "", mode="cut"), RESET, "the service closed the connection"),
        (blob(200, "", "", mode="tls"), CERTIFICATE, "the certificate is not trusted"),
    ],
)


def cosmos(status: int, text: str) -> Callable[[], None]:
    def call() -> None:
        from azure.cosmos.exceptions import CosmosHttpResponseError

        raise CosmosHttpResponseError(status_code=status, message=text)

    return call


rows(
    "azure",
    "azure-cosmos",
    [
        (
            cosmos(
                429,
                '{"code":"429","message":"Message: {\\"Errors\\":[\\"Request rate is large. More Request Units may be needed, so no changes were made. Please retry this request later.\\"]}"}',
            ),
            THROTTLED,
            "the units per second are used up",
        ),
        (
            cosmos(
                449, "Conflicting request to resource has been attempted. Retry to avoid conflicts."
            ),
            CONTENTION,
            "two writers changed the same document",
        ),
        (
            cosmos(409, "Resource with specified id or name already exists."),
            CONSTRAINT,
            "the key exists",
        ),
        (
            cosmos(403, "Partition key reached maximum size of 20 GB"),
            {**FULL, "types": "UNKNOWN VALIDATION SECURITY"},
            "the partition is full",
        ),
        (
            cosmos(400, "Syntax error, incorrect syntax near 'selec'."),
            {**BAD_DATA, "types": "SYNTAX VALIDATION"},
            "the statement does not parse",
        ),
    ],
    20,
)


def bus(name: str, text: str) -> Callable[[], None]:
    def call() -> None:
        from azure.servicebus import exceptions

        raise getattr(exceptions, name)(message=text)

    return call


rows(
    "azure",
    "azure-servicebus",
    [
        (
            bus(
                "ServiceBusServerBusyError",
                "The request was terminated because the namespace planner is being throttled. Please wait 2 seconds and try again.",
            ),
            {**THROTTLED, "types": "RATE_LIMIT NETWORK"},
            "too many messages",
        ),
        (
            bus(
                "ServiceBusQuotaExceededError",
                "The maximum entity size has been reached or exceeded for Topic: 'BUILDS'.",
            ),
            FULL,
            "the topic is full",
        ),
        (
            bus("MessageSizeExceededError", "Message payload size exceeds limit."),
            TOO_BIG,
            "the message is too large",
        ),
        (
            bus("OperationTimeoutError", "Send operation timed out"),
            TIMED_OUT,
            "the operation ran out of its time",
        ),
        (
            bus("MessagingEntityNotFoundError", "The messaging entity 'retry' could not be found."),
            NOT_FOUND,
            "the queue does not exist",
        ),
        (
            bus(
                "ServiceBusAuthenticationError", "CBS Token authentication failed. Status code: 401"
            ),
            AUTH,
            "the key is wrong",
        ),
    ],
    30,
)


@case("azure_40", "azure-identity", **AUTH, why="no key was found")
def _() -> None:
    from azure.identity import EnvironmentCredential

    EnvironmentCredential().get_token("https://storage.app.example/.default")


@case("azure_41", "azure-identity", **AUTH, why="the secret is too old")
def _() -> None:
    from azure.core.exceptions import ClientAuthenticationError

    raise ClientAuthenticationError(
        "Authentication failed: AADSTS7000222: The provided client secret keys for app '1f' are expired."
    )


@case("azure_42", "azure-core", **REFUSED, why="nobody listens")
def _() -> None:
    from azure.core import PipelineClient
    from azure.core.rest import HttpRequest

    PipelineClient("http://127.0.0.1").send_request(
        HttpRequest("GET", f"http://127.0.0.1:{closed_port()}/")
    )


# ---- Kubernetes, Docker, MinIO
def kube(status: int, kind: str, text: str, **more: Any) -> Callable[[], None]:
    def call() -> None:
        from kubernetes import client

        body = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "message": text,
            "reason": kind,
            "code": status,
        }
        with web(status, body, **more) as base:
            settings = client.Configuration(host=base)
            settings.retries = False
            client.CoreV1Api(client.ApiClient(settings)).read_namespaced_pod(
                "timeout", "builds", _request_timeout=0.5
            )

    return call


rows(
    "kube",
    "kubernetes",
    [
        (kube(404, "NotFound", 'pods "timeout" not found'), NOT_FOUND, "there is no such pod"),
        (
            kube(
                403,
                "Forbidden",
                'pods "x" is forbidden: User "app" cannot get resource "pods" in API group "" in the namespace "builds"',
            ),
            AUTH,
            "the user has no privilege",
        ),
        (
            kube(
                409,
                "Conflict",
                'Operation cannot be fulfilled on pods "x": the object has been modified; please apply your changes to the latest version and try again',
            ),
            STALE,
            "somebody else changed the object",
        ),
        (kube(409, "AlreadyExists", 'pods "x" already exists'), CONFLICT, "the pod exists"),
        (
            kube(422, "Invalid", 'Pod "x" is invalid: spec.containers[0].image: Required value'),
            BAD_DATA,
            "the description is incomplete",
        ),
        (
            kube(
                429,
                "TooManyRequests",
                "Too many requests, please try again later.",
                headers={"Retry-After": "1"},
            ),
            THROTTLED,
            "too many requests",
        ),
        (
            kube(503, "ServiceUnavailable", "the server is currently unable to handle the request"),
            OVERLOADED,
            "the server is not available",
        ),
        (
            kube(
                504,
                "Timeout",
                "Timeout: request did not complete within requested timeout - context deadline exceeded",
            ),
            TIMED_OUT,
            "the server ran out of its time",
        ),
        (kube(401, "Unauthorized", "Unauthorized"), AUTH, "the token is wrong"),
        (
            kube(410, "Expired", "The resourceVersion for the provided watch is too old."),
            {**STALE, "transient": "unknown"},
            "the version is too old; whether the call starts anew is not known",
        ),
        (
            kube(
                403,
                "Forbidden",
                'pods "x" is forbidden: exceeded quota: compute, requested: cpu=2, used: cpu=8, limited: cpu=8',
            ),
            {**QUOTA, "types": "SECURITY RATE_LIMIT VALIDATION UNKNOWN"},
            "the namespace may have no more",
        ),
        (
            kube(
                500,
                "InternalError",
                'Internal error occurred: failed calling webhook "check.app.example": no endpoints available for service "check"',
            ),
            OVERLOADED,
            "another service did not answer",
        ),
        (kube(200, "", "", mode="hang"), TIMED_OUT, "the server says nothing"),
        (kube(200, "", "", mode="tls"), CERTIFICATE, "the certificate is not trusted"),
    ],
)


@case("kube_20", "kubernetes", **SETTINGS, why="there is no configuration")
def _() -> None:
    from kubernetes import config

    config.load_kube_config("/srv/app/absent/config")


def dock(
    status: int, text: str, work: Callable[[Any], Any] | None = None, **more: Any
) -> Callable[[], None]:
    def call() -> None:
        import docker

        with web(status, {"message": text}, **more) as base:
            client = docker.DockerClient(
                base_url=base.replace("http", "tcp"), version="1.41", timeout=1
            )
            (work or (lambda c: c.containers.get("build-7").start()))(client)

    return call


rows(
    "docker",
    "docker",
    [
        (dock(404, "No such container: build-7"), NOT_FOUND, "there is no such container"),
        (
            dock(
                409,
                'Conflict. The container name "/build" is already in use by container "1f". You have to remove (or rename) that container to be able to reuse that name.',
                lambda c: c.containers.create("x", name="build"),
            ),
            CONFLICT,
            "the name is taken",
        ),
        (
            dock(
                404,
                "pull access denied for planner/timeout, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
                lambda c: c.images.get("planner/timeout"),
            ),
            {**NOT_FOUND, "types": "VALIDATION NETWORK UNKNOWN SECURITY"},
            "there is no such image",
        ),
        (
            dock(
                500,
                "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading.",
                lambda c: c.api.inspect_image("x"),
            ),
            {
                **THROTTLED,
                "types": "RATE_LIMIT NETWORK",
                "transient": "unknown",
                "strategies": "RETRY ESCALATION ALTERNATIVE_PATH",
            },
            "the pulls of these hours are used up",
        ),
        (
            dock(
                500,
                "write /var/lib/docker/tmp/x: no space left on device",
                lambda c: c.api.inspect_image("x"),
            ),
            {**FULL, "types": "UNKNOWN NETWORK VALIDATION"},
            "the disk is full",
        ),
        (
            dock(
                400,
                "invalid reference format: repository name (Planner) must be lowercase",
                lambda c: c.api.inspect_image("Planner"),
            ),
            BAD_DATA,
            "the name is no image name",
        ),
        (dock(200, "", mode="cut"), RESET, "the daemon closed the connection"),
        (
            dock(
                401, "unauthorized: incorrect username or password", lambda c: c.login("app", "x")
            ),
            AUTH,
            "the password is wrong",
        ),
    ],
)


@case(
    "docker_20",
    "docker",
    **{**REFUSED, "transient": "unknown"},
    why="the socket of the daemon does not exist; whether it starts is not known",
)
def _() -> None:
    import docker

    docker.DockerClient(base_url="unix:///srv/app/absent/docker.sock", timeout=1).ping()


@case(
    "docker_21",
    "docker",
    **{**BAD_DATA, "types": "GENERATION VALIDATION UNKNOWN SYNTAX"},
    why="the recipe itself fails",
)
def _() -> None:
    from docker.errors import BuildError

    raise BuildError(
        "The command '/bin/sh -c pip install timeout==99' returned a non-zero code: 1", []
    )


@case(
    "docker_22",
    "docker",
    **{
        **UNCLEAR,
        "types": "UNKNOWN GENERATION VALIDATION",
        "strategies": "ESCALATION ALTERNATIVE_PATH ERROR_CORRECTION GRACEFUL_DEGRADATION",
    },
    why="the program in the container failed; why is not said",
)
def _() -> None:
    from docker.errors import ContainerError

    raise ContainerError("build-7", 1, "python make.py", "planner:1", b"")


def store(status: int, code: str, text: str, **more: Any) -> Callable[[], None]:
    def call() -> None:
        import urllib3
        from minio import Minio

        with web(
            status, XML.format(code, text), {"content-type": "application/xml"}, **more
        ) as base:
            pool = urllib3.PoolManager(retries=False, timeout=0.5)
            Minio(
                endpoint=base[7:],
                access_key="k",
                secret_key="s",
                secure=False,
                region="eu",
                http_client=pool,
            ).get_object(bucket_name="builds", object_name="7.json")

    return call


rows(
    "minio",
    "minio",
    [
        (store(404, "NoSuchKey", "Object does not exist"), NOT_FOUND, "there is no such object"),
        (
            store(
                403,
                "InvalidAccessKeyId",
                "The Access Key Id you provided does not exist in our records.",
            ),
            AUTH,
            "the key is wrong",
        ),
        (
            store(
                503,
                "SlowDownRead",
                "Resource requested is unreadable, please reduce your request rate",
            ),
            {**THROTTLED, "types": "RATE_LIMIT NETWORK"},
            "too many requests",
        ),
        (
            store(
                507,
                "XMinioStorageFull",
                "Storage backend has reached its minimum free drive threshold. Please delete a few objects to proceed.",
            ),
            FULL,
            "the disk is full",
        ),
        (
            store(500, "InternalError", "We encountered an internal error, please try again."),
            OVERLOADED,
            "the service failed",
        ),
        (store(200, "", "", mode="cut"), RESET, "the service closed the connection"),
        (
            store(
                503, "XMinioServerNotInitialized", "Server not initialized yet, please try again."
            ),
            RESTARTING,
            "the server starts up",
        ),
    ],
)


# ---- gRPC
CODES: dict[str, tuple[str, Label]] = {
    "UNAVAILABLE": (
        "upstream connect error or disconnect/reset before headers. reset reason: overflow",
        OVERLOADED,
    ),
    "DEADLINE_EXCEEDED": ("Deadline Exceeded", TIMED_OUT),
    "RESOURCE_EXHAUSTED": ("too many requests, slow down", THROTTLED),
    "ABORTED": ("transaction aborted by a concurrent one", CONTENTION),
    "INVALID_ARGUMENT": ("field timeout_seconds must be positive", BAD_DATA),
    "NOT_FOUND": ("node rate-limiter not found", NOT_FOUND),
    "ALREADY_EXISTS": ("node retry exists", CONFLICT),
    "PERMISSION_DENIED": ("caller may not plan builds", AUTH),
    "UNAUTHENTICATED": ("token is missing", AUTH),
    "FAILED_PRECONDITION": ("build 7 is not finished", CONFLICT),
    "OUT_OF_RANGE": ("page 9 of 3", BAD_DATA),
    "UNIMPLEMENTED": ("Method not found!", UNSUPPORTED),
    "INTERNAL": ("panic: nil map", {**UNCLEAR, "types": "NETWORK UNKNOWN"}),
    "UNKNOWN": ("Exception calling application: 'plan'", UNCLEAR),
    "DATA_LOSS": (
        "checksum of block 12 differs",
        {
            **UNCLEAR,
            "types": "UNKNOWN NETWORK VALIDATION",
            "transient": "no",
            "strategies": "ESCALATION ALTERNATIVE_PATH",
        },
    ),
    "CANCELLED": ("the server cancelled the call", {**UNCLEAR, "types": "UNKNOWN NETWORK TIMEOUT"}),
}


@contextlib.contextmanager
def remote(code: str, text: str, delay: float = 0.0) -> Iterator[str]:
    import time

    import grpc

    def answer(request: bytes, context: Any) -> bytes:
        time.sleep(delay)
        context.abort(getattr(grpc.StatusCode, code), text)
        return b""

    def answers(request: bytes, context: Any) -> Iterator[bytes]:
        yield b"one"
        context.abort(getattr(grpc.StatusCode, code), text)

    handlers = {
        "Make": grpc.unary_unary_rpc_method_handler(answer),
        "Watch": grpc.unary_stream_rpc_method_handler(answers),
    }
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("planner.Builds", handlers),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0)


def unary(code: str, text: str, timeout: float = 2, delay: float = 0.0) -> Callable[[], None]:
    def call() -> None:
        import grpc

        with remote(code, text, delay) as where, grpc.insecure_channel(where) as channel:
            channel.unary_unary("/planner.Builds/Make")(b"x", timeout=timeout)

    return call


def unary_async(code: str, text: str) -> Callable[[], Any]:
    async def call() -> None:
        import grpc.aio

        with remote(code, text) as where:
            async with grpc.aio.insecure_channel(where) as channel:
                await channel.unary_unary("/planner.Builds/Make")(b"x", timeout=2)

    return call


def streamed(code: str, text: str) -> Callable[[], None]:
    def call() -> None:
        import grpc

        with remote(code, text) as where, grpc.insecure_channel(where) as channel:
            list(channel.unary_stream("/planner.Builds/Watch")(b"x", timeout=2))

    return call


for number, (code, (text, label)) in enumerate(CODES.items(), 1):
    add(
        f"grpc_{number:02d}",
        "grpcio",
        unary(code, text),
        **label,
        why=f"the server answers with the code {code.lower()}",
    )
    if number % 2:
        add(
            f"grpc_aio_{number:02d}",
            "grpcio",
            unary_async(code, text),
            **label,
            why=f"the server answers with the code {code.lower()}",
        )
    if number in {1, 3, 5, 9, 13}:
        add(
            f"grpc_stream_{number:02d}",
            "grpcio",
            streamed(code, text),
            **label,
            why=f"the stream ends with the code {code.lower()}",
        )
add(
    "grpc_30", "grpcio", unary("OK", "", 0.1, 0.5), **TIMED_OUT, why="the client waited long enough"
)


@case("grpc_31", "grpcio", **REFUSED, why="nobody listens")
def _() -> None:
    import grpc

    with grpc.insecure_channel(f"127.0.0.1:{closed_port()}") as channel:
        channel.unary_unary("/planner.Builds/Make")(b"x", timeout=1)


@case("grpc_32", "grpcio", **TIMED_OUT, why="the channel was not ready in time")
def _() -> None:
    import grpc

    with grpc.insecure_channel(f"127.0.0.1:{closed_port()}") as channel:
        grpc.channel_ready_future(channel).result(timeout=0.1)


@case("grpc_33", "grpcio", **UNSUPPORTED, why="the method does not exist")
def _() -> None:
    import grpc

    with remote("OK", "") as where, grpc.insecure_channel(where) as channel:
        channel.unary_unary("/planner.Builds/Retry")(b"x", timeout=1)


@case(
    "grpc_34",
    "grpcio",
    **THROTTLED,
    why="the cause of the service's own error is throttling",
    tags=("cause-matters",),
)
def _() -> None:
    import grpc

    try:
        unary("RESOURCE_EXHAUSTED", "too many requests")()
    except grpc.RpcError as error:
        raise RuntimeError("planning failed") from error


@case(
    "grpc_35",
    "grpcio",
    **TOO_BIG,
    why="the message is larger than the client sends; the code is that of throttling",
)
def _() -> None:
    import grpc

    options = [("grpc.max_send_message_length", 4)]
    with remote("OK", "") as where, grpc.insecure_channel(where, options=options) as channel:
        channel.unary_unary("/planner.Builds/Make")(b"x" * 64, timeout=1)


@case(
    "grpc_36",
    "grpcio",
    **AUTH,
    why="one member of the group is permanent, so the group is",
    tags=("group",),
)
async def _() -> None:
    works = [
        unary_async("UNAVAILABLE", "draining")(),
        unary_async("PERMISSION_DENIED", "caller may not plan")(),
    ]
    found = await asyncio.gather(*works, return_exceptions=True)
    raise ExceptionGroup("planning failed", [one for one in found if isinstance(one, Exception)])


# ---- shells, directories, names
@case("ssh_01", "paramiko", **AUTH, why="the password is wrong")
def _() -> None:
    import paramiko

    raise paramiko.AuthenticationException("Authentication failed.")


@case("ssh_02", "paramiko", **REFUSED, why="nobody listens")
def _() -> None:
    import paramiko

    paramiko.SSHClient().connect("127.0.0.1", closed_port(), "app", "x", timeout=1)


@case(
    "ssh_03",
    "paramiko",
    **{**RESET, "types": "NETWORK UNKNOWN"},
    why="the server closed before its greeting",
)
def _() -> None:
    import paramiko

    with wire() as (host, port):
        paramiko.SSHClient().connect(host, port, "app", "x", timeout=1, banner_timeout=1)


@case("ssh_04", "paramiko", **CERTIFICATE, why="the host has another key than it had")
def _() -> None:
    import paramiko

    key = paramiko.RSAKey.generate(1024)
    raise paramiko.BadHostKeyException("build-1", key, paramiko.RSAKey.generate(1024))


@case(
    "ssh_05",
    "paramiko",
    **{**NOT_FOUND, "types": "SECURITY VALIDATION UNKNOWN"},
    why="the file of the key does not exist",
)
def _() -> None:
    import paramiko

    paramiko.RSAKey.from_private_key_file("/srv/app/absent/id_rsa")


@case("ssh_06", "paramiko", **CERTIFICATE, why="the host is not known")
def _() -> None:
    import paramiko

    raise paramiko.SSHException("Server '[build-1]:22' not found in known_hosts")


@case("ssh_07", "asyncssh", **AUTH, why="the password is wrong")
def _() -> None:
    import asyncssh

    raise asyncssh.PermissionDenied("Permission denied for user app on host 10.1.0.4")


@case("ssh_08", "asyncssh", **RESET, why="the connection was lost")
async def _() -> None:
    import asyncssh

    with wire(b"SSH-2.0-x\r\n") as (host, port):
        await asyncssh.connect(
            host, port, username="app", password="x", known_hosts=None, login_timeout=1, config=None
        )


@case("ssh_09", "asyncssh", **REFUSED, why="nobody listens")
async def _() -> None:
    import asyncssh

    await asyncssh.connect(
        "127.0.0.1", closed_port(), username="app", known_hosts=None, config=None
    )


def ldap(name: str, code: int, text: str) -> Callable[[], None]:
    def call() -> None:
        from ldap3.core.exceptions import LDAPOperationResult

        raise LDAPOperationResult(
            result=code, description=name, dn="cn=app", message=text, response_type="bindResponse"
        )

    return call


rows(
    "ldap",
    "ldap3",
    [
        (
            ldap(
                "invalidCredentials",
                49,
                "80090308: LdapErr: DSID-0C090446, comment: AcceptSecurityContext error, data 52e",
            ),
            AUTH,
            "the password is wrong",
        ),
        (ldap("busy", 51, "server is busy"), OVERLOADED, "the server has too much to do"),
        (ldap("noSuchObject", 32, ""), NOT_FOUND, "there is no such entry"),
        (ldap("timeLimitExceeded", 3, ""), TIMED_OUT, "the search ran out of its time"),
        (ldap("entryAlreadyExists", 68, ""), CONFLICT, "the entry exists"),
        (ldap("unavailable", 52, ""), RESTARTING, "the server is not available"),
        (ldap("insufficientAccessRights", 50, ""), AUTH, "the user has no privilege"),
    ],
)


@case("ldap_20", "ldap3", **REFUSED, why="nobody listens")
def _() -> None:
    import ldap3

    ldap3.Connection(
        ldap3.Server("127.0.0.1", closed_port(), connect_timeout=1), raise_exceptions=True
    ).bind()


def name(kind: str, **words: Any) -> Callable[[], None]:
    def call() -> None:
        import dns.message
        import dns.resolver

        query = dns.message.make_query("builds.app.example", "A")
        if kind == "NXDOMAIN":
            raise dns.resolver.NXDOMAIN(qnames=[query.question[0].name], responses={})
        if kind == "NoAnswer":
            raise dns.resolver.NoAnswer(response=dns.message.make_response(query))
        raise dns.resolver.NoNameservers(
            request=query, errors=[("10.1.0.2", False, 53, "SERVFAIL", None)]
        )

    return call


rows(
    "dns",
    "dnspython",
    [
        (
            name("NXDOMAIN"),
            {
                **NOT_FOUND,
                "transient": "unknown",
                "strategies": "ESCALATION RETRY ALTERNATIVE_PATH",
                "types": "NETWORK VALIDATION UNKNOWN",
            },
            "the name does not exist, as far as this server knows",
        ),
        (name("NoAnswer"), NOT_FOUND, "the name has no such record"),
        (name("NoNameservers"), DNS, "no server gave an answer"),
    ],
)


@case("dns_10", "socket", **DNS, why="the name was not resolved")
def _() -> None:
    raise socket.gaierror(-3, "Temporary failure in name resolution")


@case(
    "dns_11",
    "dnspython",
    **{**BAD_DATA, "types": "VALIDATION SYNTAX NETWORK"},
    why="the label is too long",
)
def _() -> None:
    import dns.name

    dns.name.from_text("x" * 70 + ".example")


# ---- others
@case("oci_01", "oci", **THROTTLED, why="too many requests")
def _() -> None:
    from oci.exceptions import ServiceError

    raise ServiceError(
        status=429,
        code="TooManyRequests",
        headers={"retry-after": "3"},
        message="Tenancy request-rate limit exceeded.",
    )


@case(
    "oci_02",
    "oci",
    **{**NOT_FOUND, "types": "SECURITY VALIDATION NETWORK UNKNOWN"},
    why="there is no such thing, or no privilege to see it",
)
def _() -> None:
    from oci.exceptions import ServiceError

    raise ServiceError(
        status=404,
        code="NotAuthorizedOrNotFound",
        headers={},
        message="Authorization failed or requested resource not found.",
    )


@case("oci_03", "oci", **SETTINGS, why="there is no configuration")
def _() -> None:
    import oci

    oci.config.from_file("/srv/app/absent/config")


@case("databricks_01", "databricks-sql-connector", **AUTH, why="the token is wrong")
def _() -> None:
    from databricks.sql.exc import RequestError

    raise RequestError(
        "Error during request to server. Invalid access token.",
        {"http-code": 403, "method": "OpenSession"},
    )


@case(
    "databricks_02",
    "databricks-sql-connector",
    **{**BAD_DATA, "types": "VALIDATION SYNTAX CONTRACT UNKNOWN"},
    why="the table does not exist",
)
def _() -> None:
    from databricks.sql.exc import ServerOperationError

    raise ServerOperationError(
        "[TABLE_OR_VIEW_NOT_FOUND] The table or view `timeouts` cannot be found. Verify the spelling and correctness of the schema and catalog.",
        {"operation-id": "1f", "diagnostic-info": ""},
    )


@case("firebase_01", "firebase-admin", **AUTH, why="the token is too old")
def _() -> None:
    from firebase_admin.auth import ExpiredIdTokenError

    raise ExpiredIdTokenError("Token expired, 1700000000 < 1700003600", None)


@case("firebase_02", "firebase-admin", **OVERLOADED, why="the service is not available")
def _() -> None:
    from firebase_admin.exceptions import UnavailableError

    raise UnavailableError("The service is currently unavailable.")

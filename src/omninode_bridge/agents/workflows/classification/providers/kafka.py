"""Facts of Kafka: the name of the broker's or the client's error code."""

from __future__ import annotations

from collections.abc import Mapping

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType

from ._class_words import facts_of_words
from ._known import Known
from ._read import attribute, family_of, packages_of

__all__ = ["KNOWN", "facts_of_kafka", "kafka_facts"]

_FAMILIES = frozenset({"confluent_kafka", "cimpl"})
_PASSES, _LATE = passes(ErrorType.NETWORK), passes(ErrorType.TIMEOUT)
_SECRET, _DATA = stays(ErrorType.SECURITY), stays(ErrorType.VALIDATION)
_BY_NAME: Mapping[str, Facts] = {
    name: facts
    for facts, names in (
        (
            _PASSES,
            (
                "TRANSPORT ALL_BROKERS_DOWN RESOLVE NOT_LEADER_FOR_PARTITION NOT_LEADER_OR_FOLLOWER "
                "LEADER_NOT_AVAILABLE BROKER_NOT_AVAILABLE REPLICA_NOT_AVAILABLE NETWORK_EXCEPTION "
                "COORDINATOR_LOAD_IN_PROGRESS COORDINATOR_NOT_AVAILABLE NOT_COORDINATOR NOT_CONTROLLER "
                "NOT_ENOUGH_REPLICAS NOT_ENOUGH_REPLICAS_AFTER_APPEND REBALANCE_IN_PROGRESS "
                "CONCURRENT_TRANSACTIONS KAFKA_STORAGE_ERROR UNKNOWN_LEADER_EPOCH FENCED_LEADER_EPOCH "
                "PREFERRED_LEADER_NOT_AVAILABLE FETCH_SESSION_ID_NOT_FOUND QUEUE_FULL STALE_BROKER_EPOCH "
                "ILLEGAL_GENERATION WAIT_COORD IN_PROGRESS PREV_IN_PROGRESS OFFSET_NOT_AVAILABLE"
            ),
        ),
        (_LATE, "TIMED_OUT MSG_TIMED_OUT REQUEST_TIMED_OUT TIMED_OUT_QUEUE MAX_POLL_EXCEEDED"),
        (passes(ErrorType.RATE_LIMIT), "THROTTLING_QUOTA_EXCEEDED"),
        (
            _SECRET,
            (
                "AUTHENTICATION SSL SASL_AUTHENTICATION_FAILED TOPIC_AUTHORIZATION_FAILED "
                "GROUP_AUTHORIZATION_FAILED CLUSTER_AUTHORIZATION_FAILED TRANSACTIONAL_ID_AUTHORIZATION_FAILED "
                "DELEGATION_TOKEN_EXPIRED SECURITY_DISABLED ILLEGAL_SASL_STATE UNSUPPORTED_SASL_MECHANISM"
            ),
        ),
        (
            _DATA,
            (
                "UNKNOWN_TOPIC UNKNOWN_PARTITION UNKNOWN_TOPIC_OR_PART MSG_SIZE_TOO_LARGE RECORD_LIST_TOO_LARGE "
                "INVALID_ARG INVALID_MSG OFFSET_OUT_OF_RANGE TOPIC_EXCEPTION INVALID_REQUIRED_ACKS BAD_MSG "
                "INVALID_CONFIG TOPIC_ALREADY_EXISTS POLICY_VIOLATION UNSUPPORTED_VERSION FENCED FATAL "
                "INVALID_PRODUCER_EPOCH KEY_DESERIALIZATION VALUE_DESERIALIZATION NOT_IMPLEMENTED CONFLICT"
            ),
        ),
    )
    for name in names.split()
}


def facts_of_kafka(name: str) -> Facts | None:
    """Tell by the name of a code, with or without the underscore of the client's own."""
    facts = _BY_NAME.get(name.lstrip("_")) or facts_of_words(name)
    return facts.completed(Facts(reasons=(f"Kafka code {name[:80]}",))) if facts else None


def kafka_facts(exception: BaseException) -> Facts | None:
    """Tell by the name of the error that the exception has as its argument."""
    if not family_of(exception) & _FAMILIES:
        return None
    args = attribute(exception, "args")
    name = attribute(args[0], "name") if isinstance(args, tuple) and args else None
    name = name() if callable(name) else name
    return facts_of_kafka(name) if isinstance(name, str) else None


KNOWN = Known(
    reads="`name()` of the `KafkaError` that a `KafkaException` carries",
    asks=lambda cls: not packages_of(cls).isdisjoint(_FAMILIES),
    source="the error codes of the Kafka protocol and of librdkafka",
    rows=lambda: [(f"`{name}`", facts) for name, facts in _BY_NAME.items()],
)

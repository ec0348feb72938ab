"""Exceptions of databases, caches, search engines and brokers, by package and class."""

from __future__ import annotations

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

__all__ = ["ROWS"]

_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION

ROWS: tuple[tuple[Facts, str], ...] = (
    (
        passes(ErrorType.TIMEOUT),
        """
        pymongo.WTimeoutError pymongo.ExecutionTimeout pymongo.NetworkTimeout sqlalchemy.TimeoutError
        psycopg_pool.PoolTimeout psycopg.ConnectionTimeout psycopg2.ConnectionTimeout peewee.MaxConnectionsExceeded
        cassandra.OperationTimedOut cassandra.ReadTimeout cassandra.WriteTimeout cassandra.CoordinationFailure
        redis.TimeoutError elastic_transport.ConnectionTimeout elasticsearch.ConnectionTimeout
        opensearchpy.ConnectionTimeout kafka.KafkaTimeoutError kafka.RequestTimedOutError
        aiokafka.KafkaTimeoutError aiokafka.RequestTimedOutError aiokafka.ConsumerTimeout nats.TimeoutError nats.FlushTimeoutError
        kombu.TimeoutError pyignite.SocketError influxdb_client.InfluxDBTimeout trino.TrinoConnectionTimeout
        neo4j.ConnectionAcquisitionTimeoutError
        """,
    ),
    (
        Facts(ErrorType.TIMEOUT),
        "asyncpg.QueryCanceledError psycopg.QueryCanceled psycopg2.QueryCanceledError psycopg2.QueryCanceled",
    ),
    (
        passes(ErrorType.NETWORK),
        """
        pymongo.AutoReconnect pymongo.NotPrimaryError pymongo.ServerSelectionTimeoutError pymongo.ConnectionFailure
        pymongo.WaitQueueTimeoutError pymongo.PyMongoPoolClosedError
        redis.BusyLoadingError redis.TryAgainError redis.ClusterDownError redis.ReadOnlyError redis.MaxConnectionsError
        redis.MasterDownError redis.MasterNotFoundError redis.SlaveNotFoundError redis.ClusterError redis.RedisClusterException
         redis.ConnectionError redis.WatchError redis.AskError redis.MovedError
        asyncpg.ConnectionDoesNotExistError asyncpg.TooManyConnectionsError asyncpg.CannotConnectNowError
        asyncpg.ConnectionRejectionError asyncpg.AdminShutdownError asyncpg.OutdatedSchemaCacheError asyncpg.InvalidCachedStatementError
        duckdb.TransactionException asyncpg.CrashShutdownError asyncpg.PostgresConnectionError
        asyncpg.DeadlockDetectedError asyncpg.SerializationError asyncpg.LockNotAvailableError asyncpg.TransactionRollbackError
        asyncpg.IdleSessionTimeoutError asyncpg.IdleInTransactionSessionTimeoutError
        psycopg.AdminShutdown psycopg.CrashShutdown psycopg.CannotConnectNow psycopg.DeadlockDetected psycopg.ObjectInUse
        psycopg.SerializationFailure psycopg.LockNotAvailable psycopg.TooManyConnections psycopg.ConnectionFailure
        psycopg.ConnectionException psycopg.ConnectionDoesNotExist psycopg.SqlclientUnableToEstablishSqlconnection
        psycopg.TransactionRollback psycopg.IdleInTransactionSessionTimeout psycopg.IdleSessionTimeout psycopg.SystemError_
        psycopg.IoError psycopg.InsufficientResources  psycopg_pool.TooManyRequests
        psycopg2.AdminShutdown psycopg2.CrashShutdown psycopg2.CannotConnectNow psycopg2.DeadlockDetected psycopg2.ObjectInUse
        psycopg2.SerializationFailure psycopg2.LockNotAvailable psycopg2.TooManyConnections psycopg2.ConnectionFailure
        psycopg2.ConnectionException psycopg2.ConnectionDoesNotExist psycopg2.TransactionRollbackError psycopg2.PoolError
        psycopg2.IdleInTransactionSessionTimeout psycopg2.SqlclientUnableToEstablishSqlconnection psycopg2.IoError
        sqlalchemy.DisconnectionError   tortoise.DBConnectionError
        tortoise.TransactionManagementError snowflake.OperationalError databricks.RequestError
        cassandra.OverloadedErrorMessage cassandra.IsBootstrappingErrorMessage ZODB.ConflictError ZODB.ReadConflictError transaction.TransientError cassandra.NoHostAvailable cassandra.Unavailable cassandra.UnavailableException cassandra.ConnectionException
        cassandra.ReadFailure cassandra.WriteFailure cassandra.ConnectionShutdown cassandra.ConnectionBusy cassandra.NoConnectionsAvailable
        elastic_transport.ConnectionError elasticsearch.ConnectionError elastic_transport.TransportError
        opensearchpy.ConnectionError neo4j.ServiceUnavailable neo4j.SessionExpired neo4j.TransientError
        neo4j.DatabaseUnavailable neo4j.ReadServiceUnavailable neo4j.WriteServiceUnavailable neo4j.IncompleteCommit
        kafka.NoBrokersAvailable kafka.NodeNotReadyError kafka.KafkaConnectionError kafka.BrokerNotAvailableError
        kafka.LeaderNotAvailableError kafka.NotLeaderForPartitionError kafka.GroupCoordinatorNotAvailableError
        kafka.NotCoordinatorForGroupError kafka.RebalanceInProgressError kafka.CommitFailedError kafka.StaleMetadata
        aiokafka.NoBrokersAvailable aiokafka.NodeNotReadyError aiokafka.KafkaConnectionError aiokafka.LeaderNotAvailableError
        aiokafka.NotLeaderForPartitionError aiokafka.GroupCoordinatorNotAvailableError aiokafka.CommitFailedError
        aiokafka.RebalanceInProgressError aiokafka.UnknownMemberIdError kafka.UnknownMemberIdError aiokafka.StaleMetadata
         pika.AMQPConnectionError pika.ConnectionClosed pika.StreamLostError pika.ChannelClosed
        pika.AMQPHeartbeatTimeout pika.ConnectionBlockedTimeout pika.ConnectionWrongStateError pika.IncompatibleProtocolError
        pika.NackError pika.AMQPConnectorSocketConnectError aio_pika.AMQPConnectionError aiormq.AMQPConnectionError
        aiormq.ConnectionClosed aio_pika.ChannelClosed aiormq.ChannelClosed amqp.ConnectionError amqp.RecoverableConnectionError amqp.ConnectionForced
        amqp.RecoverableChannelError amqp.ResourceLocked kombu.OperationalError kombu.ConnectionLimitExceeded kombu.ChannelLimitExceeded
        kombu.LimitExceeded nats.NoServersError nats.ConnectionClosedError nats.StaleConnectionError nats.NoRespondersError
        nats.ConnectionReconnectingError nats.DrainTimeoutError nats.OutboundBufferLimitError nats.UnexpectedEOF
        nats.ServiceUnavailableError stomp.ConnectFailedException stomp.NotConnectedException stomp.ConnectionClosedException
        kazoo.ConnectionLoss kazoo.SessionExpiredError kazoo.OperationTimeoutError kazoo.ConnectionClosedError kazoo.SessionMovedError
        clickhouse_driver.NetworkError clickhouse_driver.SocketTimeoutError clickhouse_driver.PartiallyConsumedQueryError
        trino.TrinoConnectionError trino.Http502Error trino.Http503Error trino.Http504Error influxdb.InfluxDBServerError
        ldap3.LDAPSocketOpenError ldap3.LDAPSocketReceiveError ldap3.LDAPSessionTerminatedByServerError ldap3.LDAPBusyResult
        ldap3.LDAPUnavailableResult ldap3.LDAPServerPoolExhaustedError
        """,
    ),
    (
        Facts(ErrorType.VALIDATION),
        "redis.LockNotOwnedError redis.OutOfMemoryError aiokafka.ProducerFenced kafka.ProducerFenced",
    ),
    (
        Facts(ErrorType.NETWORK, weak=True),
        "asyncpg.InterfaceError sqlalchemy.DBAPIError psycopg2.InterfaceError",
    ),
    (
        stays(ErrorType.SECURITY),
        """
        asyncpg.InvalidPasswordError asyncpg.InvalidAuthorizationSpecificationError asyncpg.InsufficientPrivilegeError
        psycopg.InvalidPassword psycopg.InvalidAuthorizationSpecification psycopg.InsufficientPrivilege
        psycopg2.InvalidPassword psycopg2.InvalidAuthorizationSpecification psycopg2.InsufficientPrivilege
        redis.AuthenticationError redis.NoPermissionError redis.AuthorizationError
        redis.AuthenticationWrongNumberOfArgsError neo4j.AuthError neo4j.TokenExpired neo4j.Forbidden
        cassandra.AuthenticationFailed cassandra.Unauthorized amqp.AccessRefused pika.ProbableAuthenticationError pika.ProbableAccessDeniedError
        pika.AuthenticationError kafka.TopicAuthorizationFailedError kafka.GroupAuthorizationFailedError
        kafka.SaslAuthenticationFailedError aiokafka.TopicAuthorizationFailedError aiokafka.GroupAuthorizationFailedError
        nats.AuthorizationError kazoo.NoAuthError kazoo.AuthFailedError elasticsearch.AuthenticationException
        elasticsearch.AuthorizationException opensearchpy.AuthenticationException opensearchpy.AuthorizationException opensearchpy.SSLError
        hvac.Forbidden hvac.Unauthorized ldap3.LDAPInvalidCredentialsResult elastic_transport.TlsError elasticsearch.SSLError
        """,
    ),
    (
        stays(ErrorType.SYNTAX),
        """
        psycopg.SyntaxError psycopg2.SyntaxError asyncpg.PostgresSyntaxError
        duckdb.ParserException cassandra.SyntaxException neo4j.CypherSyntaxError sqlglot.ParseError trino.TrinoUserSyntaxError
        """,
    ),
    (
        stays(ErrorType.VALIDATION),
        """
        redis.ResponseError redis.DataError redis.NoScriptError redis.ExecAbortError redis.CrossSlotTransactionError
        redis.ModuleError redis.InvalidResponse redis.PubSubError redis.ChildDeadlockedError redis.ClusterCrossSlotError
        pymongo.DuplicateKeyError pymongo.BulkWriteError pymongo.WriteError pymongo.InvalidOperation pymongo.InvalidName
        pymongo.CollectionInvalid pymongo.ConfigurationError pymongo.InvalidURI pymongo.CursorNotFound pymongo.DocumentTooLarge
        pymongo.EncryptionError pymongo.OperationFailure bson.InvalidDocument bson.InvalidId bson.InvalidBSON bson.InvalidStringData
        psycopg.RaiseException psycopg.PlpgsqlError psycopg.AssertFailure psycopg.NoDataFound psycopg.TooManyRows
        psycopg.DivisionByZero psycopg.StatementTooComplex psycopg.ProgramLimitExceeded psycopg.TooManyColumns
        psycopg.ReadOnlySqlTransaction psycopg.InFailedSqlTransaction psycopg.NoActiveSqlTransaction psycopg.ActiveSqlTransaction
        psycopg.StringDataRightTruncation psycopg.NumericValueOutOfRange psycopg.CardinalityViolation psycopg.DatetimeFieldOverflow
        psycopg.UniqueViolation psycopg.ForeignKeyViolation psycopg.CheckViolation psycopg.NotNullViolation psycopg.ExclusionViolation
        psycopg.UndefinedTable psycopg.UndefinedColumn psycopg.UndefinedFunction psycopg.UndefinedObject psycopg.DuplicateTable
        psycopg.DuplicateColumn psycopg.DuplicateObject psycopg.InvalidTextRepresentation psycopg.AmbiguousColumn psycopg.GroupingError
        psycopg.DatatypeMismatch psycopg.InvalidCatalogName psycopg.InvalidSchemaName psycopg.FeatureNotSupported
        psycopg.InvalidParameterValue psycopg.DependentObjectsStillExist psycopg.ObjectNotInPrerequisiteState psycopg.WrongObjectType
        psycopg.DatabaseDropped psycopg.DataError psycopg.IntegrityError psycopg.ProgrammingError psycopg.NotSupportedError
        psycopg2.RaiseException psycopg2.DivisionByZero psycopg2.StatementTooComplex psycopg2.ProgramLimitExceeded
        psycopg2.ReadOnlySqlTransaction psycopg2.InFailedSqlTransaction psycopg2.DataError psycopg2.IntegrityError
        psycopg2.ProgrammingError psycopg2.NotSupportedError psycopg2.NumericValueOutOfRange psycopg2.StringDataRightTruncation
        psycopg2.InvalidTextRepresentation psycopg2.AmbiguousColumn psycopg2.CardinalityViolation psycopg2.DependentObjectsStillExist
        asyncpg.RaiseError asyncpg.DivisionByZeroError asyncpg.StatementTooComplexError asyncpg.ReadOnlySQLTransactionError
        asyncpg.InFailedSQLTransactionError asyncpg.StringDataRightTruncationError asyncpg.NumericValueOutOfRangeError
        asyncpg.CardinalityViolationError asyncpg.DataError asyncpg.DependentObjectsStillExistError asyncpg.UndefinedTableError
        asyncpg.GroupingError asyncpg.AmbiguousColumnError
        sqlalchemy.ArgumentError sqlalchemy.StaleDataError sqlalchemy.PendingRollbackError psycopg_pool.PoolClosed
        neo4j.ConfigurationError sqlalchemy.CompileError sqlalchemy.InvalidRequestError sqlalchemy.NoResultFound
        sqlalchemy.MultipleResultsFound sqlalchemy.StatementError sqlalchemy.NoSuchTableError sqlalchemy.NoReferencedTableError
        sqlalchemy.UnboundExecutionError sqlalchemy.ResourceClosedError sqlalchemy.CircularDependencyError sqlalchemy.AmbiguousForeignKeysError
        sqlalchemy.NoSuchModuleError sqlalchemy.DetachedInstanceError sqlalchemy.FlushError sqlalchemy.UnmappedInstanceError
        sqlalchemy.DataError sqlalchemy.IntegrityError sqlalchemy.ProgrammingError sqlalchemy.NotSupportedError
        pymysql.DataError pymysql.IntegrityError pymysql.ProgrammingError sqlite3.IntegrityError sqlite3.DataError sqlite3.ProgrammingError
        peewee.IntegrityError peewee.DataError peewee.DoesNotExist peewee.ProgrammingError tortoise.DoesNotExist tortoise.IntegrityError
        tortoise.FieldError tortoise.ConfigurationError duckdb.CatalogException duckdb.BinderException duckdb.ConversionException
        duckdb.ConstraintException duckdb.InvalidInputException duckdb.OutOfRangeException duckdb.TypeMismatchException
        duckdb.DataError duckdb.IntegrityError duckdb.ProgrammingError cassandra.InvalidRequest cassandra.AlreadyExists
        neo4j.ClientError neo4j.CypherTypeError neo4j.ConstraintError neo4j.ResultNotSingleError neo4j.TransactionError
        snowflake.ProgrammingError snowflake.IntegrityError trino.TrinoUserError trino.TrinoDataError pyathena.ProgrammingError
        elasticsearch.NotFoundError elasticsearch.ConflictError elasticsearch.BadRequestError elastic_transport.SerializationError
        elasticsearch.UnsupportedProductError elasticsearch.SerializationError elasticsearch.helpers.BulkIndexError
        elasticsearch.BulkIndexError opensearchpy.NotFoundError opensearchpy.ConflictError opensearchpy.RequestError
        opensearchpy.SerializationError opensearchpy.BulkIndexError weaviate.WeaviateInvalidInputError
        kafka.MessageSizeTooLargeError kafka.UnknownTopicOrPartitionError kafka.OffsetOutOfRangeError kafka.IllegalStateError
        kafka.IllegalArgumentError kafka.UnsupportedVersionError kafka.InvalidTopicError kafka.UnrecognizedBrokerVersion
        aiokafka.MessageSizeTooLargeError aiokafka.UnknownTopicOrPartitionError aiokafka.OffsetOutOfRangeError aiokafka.IllegalStateError
        aiokafka.ConsumerStoppedError aiokafka.IllegalOperation aiokafka.NoOffsetForPartitionError
        pika.ChannelWrongStateError pika.UnroutableError pika.DuplicateConsumerTag pika.ProtocolVersionMismatch pika.InvalidChannelNumber
        amqp.NotFound amqp.PreconditionFailed amqp.NotAllowed amqp.InvalidCommand amqp.FrameSyntaxError amqp.NotImplementedError
        aiormq.ChannelPreconditionFailed aiormq.ChannelNotFoundEntity aiormq.ChannelLockedResource aio_pika.QueueEmpty aiormq.PublishError
        aio_pika.DeliveryError aiormq.DeliveryError nats.MaxPayloadError nats.BadSubjectError nats.BadSubscriptionError nats.ProtocolError
        nats.NotFoundError nats.BadRequestError nats.KeyNotFoundError nats.KeyWrongLastSequenceError nats.NotJSMessageError nats.MsgAlreadyAckdError
        kazoo.NoNodeError kazoo.NodeExistsError kazoo.BadVersionError kazoo.NotEmptyError kazoo.BadArgumentsError
        kombu.EncodeError kombu.DecodeError kombu.ContentDisallowed kombu.SerializerNotInstalled kombu.NoSuchTransport
        hvac.InvalidPath hvac.InvalidRequest hvac.ParamValidationError hvac.VaultNotInitialized
        stomp.InterceptException ldap3.LDAPNoSuchObjectResult ldap3.LDAPEntryAlreadyExistsResult
        """,
    ),
    (
        stays(ErrorType.UNKNOWN),
        "psycopg.DiskFull psycopg2.DiskFull asyncpg.DiskFullError psycopg.DataCorrupted psycopg.IndexCorrupted psycopg2.DataCorrupted",
    ),
    (
        Facts(ErrorType.UNKNOWN, prefer=_LESS),
        "psycopg.OutOfMemory psycopg2.OutOfMemory asyncpg.OutOfMemoryError duckdb.OutOfMemoryException",
    ),
    (
        passes(ErrorType.RATE_LIMIT),
        "hvac.RateLimitExceeded cassandra.RateLimitReached ",
    ),
    (
        passes(ErrorType.NETWORK),
        "hvac.VaultDown hvac.InternalServerError hvac.BadGateway  ",
    ),
)

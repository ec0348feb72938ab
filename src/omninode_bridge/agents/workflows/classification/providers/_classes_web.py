"""Exceptions of clients and servers of the network, by package and class."""

from __future__ import annotations

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

__all__ = ["ROWS"]

ROWS: tuple[tuple[Facts, str], ...] = (
    (
        passes(ErrorType.TIMEOUT),
        """
        trio.TooSlowError trio.WouldBlock anyio.WouldBlock dns.LifetimeTimeout dns.Timeout dns.NoAnswerTimeout
        playwright.TimeoutError selenium.TimeoutException pexpect.TIMEOUT pyppeteer.TimeoutError
        filelock.Timeout portalocker.LockException portalocker.AlreadyLocked zmq.Again
        """,
    ),
    (
        passes(ErrorType.NETWORK),
        """
        urllib3.MaxRetryError urllib3.ProtocolError urllib3.HTTPError urllib3.ResponseError urllib3.IncompleteRead
        urllib3.InvalidChunkLength requests.ConnectionError requests.ChunkedEncodingError requests.RetryError
        requests.ProxyError httpx.RemoteProtocolError httpcore.RemoteProtocolError httpx.ReadError httpx.WriteError
        httpx.CloseError httpcore.ReadError httpcore.WriteError httpx.TransportError httpx.ProxyError
        httpcore.ProxyError httpcore.ConnectionNotAvailable
        aiohttp.ServerDisconnectedError aiohttp.ClientPayloadError aiohttp.ClientOSError aiohttp.ClientConnectorDNSError
        websockets.InvalidMessage websockets.ConnectionClosedError websockets.ConnectionClosed
        websocket.WebSocketConnectionClosedException websocket.WebSocketAddressException
        anyio.EndOfStream anyio.BrokenResourceError  anyio.BrokenWorkerProcess
        anyio.ConnectionFailed  trio.BrokenResourceError
        trio.EndOfChannel tornado.StreamClosedError tornado.WebSocketClosedError
        paramiko.NoValidConnectionsError paramiko.ChannelException paramiko.ProxyCommandFailure paramiko.IncompatiblePeer
        asyncssh.ConnectionLost asyncssh.DisconnectError asyncssh.ChannelOpenError asyncssh.SFTPConnectionLost
        asyncssh.SFTPNoConnection dns.NoNameservers dns.NoResolverConfiguration aiodns.DNSError
        httplib2.ServerNotFoundError h2.StreamClosedError h2.ProtocolError h11.RemoteProtocolError
        aiosmtplib.SMTPServerDisconnected aiosmtplib.SMTPConnectError aiosmtplib.SMTPTimeoutError
        twisted.ConnectionLost twisted.ConnectionDone twisted.ConnectError twisted.DNSLookupError
        twisted.ConnectionRefusedError twisted.ResponseFailed twisted.ResponseNeverReceived
        paho.WebsocketConnectionError gaierror.gaierror aioftp.ConnectionLost uvicorn.ClientDisconnected
        starlette.ClientDisconnect starlette.WebSocketDisconnect werkzeug.ClientDisconnected
        niquests.ConnectionError niquests.ChunkedEncodingError curl_cffi.ConnectionError
        OpenSSL.SysCallError OpenSSL.ZeroReturnError OpenSSL.WantReadError OpenSSL.WantWriteError
        """,
    ),
    (
        Facts(ErrorType.NETWORK),
        """
        requests.RequestException requests.SSLError requests.HTTPError urllib3.SSLError httpx.HTTPError httpx.RequestError
        httpx.HTTPStatusError aiohttp.ClientError aiohttp.ClientResponseError tornado.HTTPClientError
        websocket.WebSocketException websockets.WebSocketException selenium.WebDriverException
        paramiko.SSHException asyncssh.Error asyncssh.ProtocolError aiosmtplib.SMTPException
        pexpect.EOF scrapy.HttpError
        """,
    ),
    (
        stays(ErrorType.NETWORK),
        """
        requests.TooManyRedirects httpx.TooManyRedirects aiohttp.TooManyRedirects niquests.TooManyRedirects
        httplib2.RedirectLimit httplib2.RedirectMissingLocation
        httpx.LocalProtocolError httpcore.LocalProtocolError h11.LocalProtocolError websockets.ConnectionClosedOK
        httpx.StreamError httpx.StreamClosed httpx.ResponseNotRead httpx.RequestNotRead
        requests.StreamConsumedError requests.UnrewindableBodyError urllib3.UnrewindableBodyError urllib3.ResponseNotChunked
        urllib3.BodyNotHttplibCompatible trio.ClosedResourceError anyio.ClosedResourceError anyio.BusyResourceError trio.BusyResourceError anyio.NoEventLoopError
        """,
    ),
    (
        stays(ErrorType.NETWORK, prefer=RecoveryStrategy.ESCALATION),
        "dns.NXDOMAIN dns.NoAnswer",
    ),
    (
        stays(ErrorType.SECURITY),
        """
        paramiko.BadHostKeyException paramiko.BadAuthenticationType paramiko.PartialAuthentication
        paramiko.PasswordRequiredException paramiko.AuthenticationException
        aiohttp.ClientConnectorCertificateError aiohttp.ServerFingerprintMismatch aiohttp.ClientConnectorSSLError
        aiohttp.ClientSSLError aiohttp.NonHttpUrlRedirectClientError
        asyncssh.HostKeyNotVerifiable asyncssh.PermissionDenied asyncssh.IllegalUserName asyncssh.KeyExchangeFailed
        asyncssh.HostKeyNotVerifiable asyncssh.ServiceNotAvailable asyncssh.SFTPPermissionDenied asyncssh.KeyEncryptionError
        service_identity.VerificationError oauthlib.OAuth2Error tornado.AuthError scrapy.NotSupported
        django.SuspiciousOperation django.DisallowedHost django.PermissionDenied
        rest_framework.NotAuthenticated rest_framework.AuthenticationFailed rest_framework.PermissionDenied
        werkzeug.Unauthorized werkzeug.Forbidden aiosmtplib.SMTPAuthenticationError selenium.InsecureCertificateException
        ldap3.LDAPInvalidCredentialsResult ldap3.LDAPBindError
        """,
    ),
    (
        stays(ErrorType.VALIDATION),
        """
        httpx.InvalidURL httpx.DecodingError httpx.StreamConsumed httpx.UnsupportedProtocol httpcore.UnsupportedProtocol
        httpx.CookieConflict requests.InvalidURL requests.MissingSchema requests.InvalidSchema requests.InvalidHeader
        requests.ContentDecodingError requests.InvalidProxyURL requests.InvalidJSONError requests.URLRequired
        requests.JSONDecodeError aiohttp.InvalidURL aiohttp.NonHttpUrlClientError aiohttp.ContentTypeError aiohttp.InvalidUrlClientError
        aiohttp.BadStatusLine aiohttp.LineTooLong aiohttp.BadHttpMessage urllib3.LocationParseError urllib3.LocationValueError
        urllib3.URLSchemeUnknown urllib3.ProxySchemeUnknown urllib3.ProxySchemeUnsupported urllib3.DecodeError urllib3.HeaderParsingError
        httplib2.RelativeURIError httplib2.UnimplementedDigestAuthOptionError httplib2.FailedToDecompressContent
        asyncssh.KeyImportError asyncssh.SFTPNoSuchFile asyncssh.SFTPFailure asyncssh.ProcessError
        dns.NoMetaqueries dns.EmptyLabel dns.LabelTooLong dns.NameTooLong dns.SyntaxError dns.FormError
        selenium.NoSuchElementException selenium.StaleElementReferenceException selenium.ElementNotInteractableException
        selenium.InvalidSelectorException selenium.JavascriptException selenium.NoSuchWindowException
        selenium.NoSuchDriverException selenium.SessionNotCreatedException
        werkzeug.BuildError werkzeug.RoutingException django.ObjectDoesNotExist django.MultipleObjectsReturned
        django.FieldDoesNotExist django.FieldError django.ValidationError django.ImproperlyConfigured
        django.AppRegistryNotReady django.Http404 django.NoReverseMatch django.Resolver404 click.UsageError click.BadParameter
        click.ClickException click.FileError rest_framework.ParseError rest_framework.ValidationError
        starlette.HTTPException fastapi.RequestValidationError fastapi.ResponseValidationError
        websockets.PayloadTooBig websockets.InvalidURI websockets.InvalidHandshake websockets.InvalidOrigin websockets.NegotiationError
        websockets.InvalidUpgrade websockets.DuplicateParameter websockets.ProtocolError websockets.InvalidState
        websocket.WebSocketBadStatusException websocket.WebSocketPayloadException websocket.WebSocketProtocolException
        h2.FrameTooLargeError h2.FlowControlError yarl.InvalidURL rfc3986.ValidationError urlpy.InvalidURL
        zmq.ZMQError zmq.ZMQBindError zmq.ZMQVersionError validators.ValidationError tldextract.SuffixListNotFound
        """,
    ),
    (
        passes(ErrorType.RATE_LIMIT),
        (
            "rest_framework.Throttled ratelimit.RateLimitException pyrate_limiter.BucketFullException "
            "limits.RateLimitExceeded slowapi.RateLimitExceeded flask_limiter.RateLimitExceeded"
        ),
    ),
    (Facts(ErrorType.SECURITY), "OpenSSL.Error"),
)

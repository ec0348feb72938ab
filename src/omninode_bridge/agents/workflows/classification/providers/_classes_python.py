"""Exceptions of the standard library, by package and class."""

from __future__ import annotations

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

__all__ = ["ROWS"]

_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION

ROWS: tuple[tuple[Facts, str], ...] = (
    (
        passes(ErrorType.TIMEOUT),
        """
        builtins.TimeoutError asyncio.TimeoutError concurrent.TimeoutError socket.timeout
        multiprocessing.TimeoutError subprocess.TimeoutExpired
        _queue.Empty queue.Empty queue.Full asyncio.QueueEmpty asyncio.QueueFull
        threading.BrokenBarrierError asyncio.BrokenBarrierError
        """,
    ),
    (
        passes(ErrorType.NETWORK),
        """
        builtins.ConnectionError builtins.ConnectionResetError builtins.ConnectionRefusedError
        builtins.ConnectionAbortedError builtins.BrokenPipeError builtins.BlockingIOError
        builtins.InterruptedError asyncio.IncompleteReadError socket.gaierror socket.herror
        http.RemoteDisconnected http.IncompleteRead http.CannotSendRequest http.ResponseNotReady
        urllib.URLError urllib.ContentTooShortError
        ssl.SSLEOFError ssl.SSLZeroReturnError ssl.SSLWantReadError ssl.SSLWantWriteError
        ssl.SSLSyscallError smtplib.SMTPServerDisconnected smtplib.SMTPConnectError
        imaplib.abort nntplib.NNTPTemporaryError ftplib.error_temp
        concurrent.BrokenProcessPool concurrent.BrokenThreadPool concurrent.BrokenExecutor
        """,
    ),
    (
        Facts(ErrorType.NETWORK),
        """
        http.BadStatusLine http.HTTPException imaplib.error poplib.error_proto ftplib.error_proto
        ftplib.error_reply nntplib.NNTPError smtplib.SMTPException http.UnknownTransferEncoding
        http.ImproperConnectionState http.NotConnected
        """,
    ),
    (stays(ErrorType.NETWORK), "http.UnimplementedFileMode smtplib.SMTPNotSupportedError"),
    (
        stays(ErrorType.SECURITY),
        """
        builtins.PermissionError ssl.SSLCertVerificationError ssl.CertificateError ssl.SSLError
        tarfile.FilterError tarfile.OutsideDestinationError tarfile.AbsolutePathError
        tarfile.LinkOutsideDestinationError tarfile.SpecialFileError tarfile.AbsoluteLinkError
        smtplib.SMTPAuthenticationError zipfile.LargeZipFile multiprocessing.AuthenticationError
        """,
    ),
    (
        stays(ErrorType.SYNTAX),
        """
        builtins.SyntaxError builtins.IndentationError builtins.TabError builtins.NameError
        builtins.UnboundLocalError builtins.ImportError builtins.ModuleNotFoundError
        tokenize.TokenError json.JSONDecodeError xml.ParseError xml.SAXParseException pyexpat.ExpatError
        xml.ExpatError plistlib.InvalidFileException re.error re.PatternError configparser.ParsingError
        configparser.DuplicateOptionError configparser.MissingSectionHeaderError
        configparser.DuplicateSectionError configparser.InterpolationSyntaxError shlex.error
        tomllib.TOMLDecodeError html.HTMLParseError importlib.PackageNotFoundError zipimport.ZipImportError
        """,
    ),
    (
        stays(ErrorType.VALIDATION),
        """
        builtins.UnicodeDecodeError builtins.UnicodeEncodeError builtins.UnicodeTranslateError
        builtins.UnicodeError builtins.FileNotFoundError builtins.IsADirectoryError
        builtins.NotADirectoryError builtins.FileExistsError _csv.Error csv.Error binascii.Error
        struct.error decimal.InvalidOperation decimal.DivisionByZero pickle.UnpicklingError pickle.PicklingError
        _pickle.UnpicklingError _pickle.PicklingError subprocess.CalledProcessError
        dataclasses.FrozenInstanceError graphlib.CycleError shutil.SameFileError shutil.Error
        shutil.ReadError shutil.SpecialFileError shutil.ExecError uu.Error
        configparser.NoOptionError configparser.NoSectionError configparser.InterpolationMissingOptionError
        configparser.InterpolationDepthError argparse.ArgumentError argparse.ArgumentTypeError
        getopt.GetoptError http.InvalidURL http.CookieError email.MessageError email.HeaderParseError
        email.MultipartConversionError zoneinfo.ZoneInfoNotFoundError statistics.StatisticsError
        ipaddress.AddressValueError ipaddress.NetmaskValueError optparse.OptionValueError
        smtplib.SMTPRecipientsRefused smtplib.SMTPDataError locale.Error
        builtins.ProcessLookupError builtins.ChildProcessError io.UnsupportedOperation _io.UnsupportedOperation
        wave.Error asyncio.LimitOverrunError ctypes.ArgumentError inspect.ClassFoundException
        asyncio.InvalidStateError concurrent.InvalidStateError bdb.BdbQuit
        unittest.SkipTest doctest.DocTestFailure doctest.UnexpectedException
        """,
    ),
    (
        Facts(ErrorType.VALIDATION),
        (
            "zlib.error zipfile.BadZipFile gzip.BadGzipFile lzma.LZMAError _lzma.LZMAError tarfile.ReadError "
            "tarfile.TarError tarfile.CompressionError tarfile.StreamError"
        ),
    ),
    (
        stays(ErrorType.GENERATION),
        "builtins.RecursionError builtins.NotImplementedError",
    ),
    (stays(ErrorType.GENERATION, prefer=_LESS), "builtins.MemoryError"),
    (stays(ErrorType.UNKNOWN), "builtins.SystemError"),
    # Anything may raise these; an explicit cause that says more is believed instead.
    (
        stays(ErrorType.VALIDATION, weak=True),
        """
        builtins.ValueError builtins.TypeError builtins.AssertionError builtins.LookupError
        builtins.KeyError builtins.IndexError builtins.AttributeError builtins.ArithmeticError
        builtins.ZeroDivisionError builtins.OverflowError builtins.FloatingPointError
        builtins.StopIteration builtins.StopAsyncIteration builtins.BufferError builtins.ReferenceError
        """,
    ),
    (Facts(ErrorType.NETWORK, weak=True), "builtins.EOFError"),
)

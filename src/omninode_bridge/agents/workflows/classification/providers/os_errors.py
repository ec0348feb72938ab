"""Facts of the operating system: errno, name resolution, TLS."""

from __future__ import annotations

import errno

from omninode_bridge.agents.workflows.classification.facts import Facts, passes, stays
from omninode_bridge.agents.workflows.recovery_models import ErrorType, RecoveryStrategy

from ._known import Known
from ._read import attribute, packages_of, text_of

__all__ = ["KNOWN", "facts_of_errno", "facts_of_tls", "os_facts"]


def _numbers(names: str) -> frozenset[int]:
    found = (getattr(errno, name, None) for name in names.split())
    return frozenset(number for number in found if number is not None)


_NAMES: tuple[tuple[ErrorType, bool, str], ...] = (
    (ErrorType.TIMEOUT, True, "ETIMEDOUT ETIME"),
    (
        ErrorType.NETWORK,
        True,
        (
            "ECONNREFUSED ECONNRESET ECONNABORTED EPIPE EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN "
            "ENETRESET ENOTCONN ESHUTDOWN EAGAIN EWOULDBLOCK EINTR EBUSY EADDRINUSE EADDRNOTAVAIL "
            "ENOBUFS EMFILE ENFILE ENOLCK EDEADLK ETXTBSY ESTALE EINPROGRESS EALREADY EREMOTEIO EIO"
        ),
    ),
    (ErrorType.SECURITY, False, "EACCES EPERM EROFS EKEYEXPIRED EKEYREJECTED"),
    (
        ErrorType.VALIDATION,
        False,
        (
            "ENOENT EISDIR ENOTDIR EEXIST ENAMETOOLONG EINVAL ENOTEMPTY EXDEV ELOOP EBADF ENOTSUP "
            "ENODEV ENXIO ENOSYS ESRCH ECHILD EFAULT EDOM ERANGE EOVERFLOW EMLINK EMSGSIZE EPROTOTYPE ENOPROTOOPT "
            "ESPIPE ENOEXEC E2BIG ENOTTY EILSEQ ENOTSOCK EAFNOSUPPORT EPROTONOSUPPORT EDESTADDRREQ"
        ),
    ),
    (ErrorType.UNKNOWN, False, "ENOSPC EDQUOT EFBIG"),
)
_TABLE = tuple((kind, transient, _numbers(names)) for kind, transient, names in _NAMES)
_LESS = RecoveryStrategy.GRACEFUL_DEGRADATION


def os_facts(exception: BaseException) -> Facts | None:
    """Tell by the number of an `OSError`."""
    cls = type(exception)
    if not isinstance(exception, OSError) and "zmq" not in packages_of(cls):
        return None
    if cls.__module__ == "ssl" or any(base.__module__ == "ssl" for base in cls.__mro__):
        return _tls_facts(exception)
    number = attribute(exception, "errno")
    if not isinstance(number, int) or cls.__name__ in {"gaierror", "herror"}:
        return None
    return facts_of_errno(number)


def facts_of_errno(number: int) -> Facts | None:
    """Tell by a number of `errno`."""
    name = errno.errorcode.get(number)
    if name is None:
        return None
    if number == errno.ENOMEM:
        return stays(ErrorType.GENERATION, prefer=_LESS, reasons=("errno ENOMEM",))
    for kind, transient, numbers in _TABLE:
        if number in numbers:
            return Facts(kind, transient=transient, reasons=(f"errno {name}",))
    return None


_TLS_PASSES = ("EOF", "ZERO_RETURN", "WANT_", "SYSCALL", "RECORD_LAYER_FAILURE", "INTERNAL_ERROR")


def _tls_facts(exception: BaseException) -> Facts | None:
    """TLS has numbers of its own: what it says is in `reason`."""
    reason = attribute(exception, "reason")
    if isinstance(reason, str):
        return facts_of_tls(reason)
    text = text_of(exception, 256).lower()
    if "timed out" in text:
        return passes(ErrorType.TIMEOUT, reasons=("TLS timed out",))
    if "eof" in text:
        return passes(ErrorType.NETWORK, reasons=("TLS was cut off",))
    return None


def facts_of_tls(reason: str) -> Facts:
    """Tell by a reason of OpenSSL, such as ``CERTIFICATE_VERIFY_FAILED``."""
    if any(part in reason.upper() for part in _TLS_PASSES):
        return passes(ErrorType.NETWORK, reasons=(f"TLS reason {reason}",))
    return stays(ErrorType.SECURITY, reasons=(f"TLS reason {reason}",))


def _rows() -> list[tuple[str, Facts]]:
    rows = [(names, Facts(kind, transient=transient)) for kind, transient, names in _NAMES]
    return [
        *rows,
        ("ENOMEM", stays(ErrorType.GENERATION, prefer=_LESS)),
        (f"TLS reason with {', '.join(_TLS_PASSES)}", passes(ErrorType.NETWORK)),
        ("another TLS reason", stays(ErrorType.SECURITY)),
    ]


KNOWN = Known(
    reads="`errno` of an `OSError`, `reason` of an `ssl.SSLError`",
    asks=lambda cls: issubclass(cls, OSError) or "zmq" in packages_of(cls),
    source="errno(3) of POSIX and Linux, the reasons of OpenSSL",
    rows=_rows,
)

"""Linux-PAM by its C interface: one question, whether a password is the one of who runs this process.

Linux-PAM application developers' guide, chapters 2 and 3; the structures are those of ``security/_pam_types.h``.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

LIBRARY = "libpam.so.0"
PROMPT_ECHO_OFF, ERROR_MSG, TEXT_INFO = 1, 3, 4
SUCCESS, BUF_ERR, CONV_ERR = 0, 5, 19


class _Message(ctypes.Structure):
    _fields_ = (("style", ctypes.c_int), ("text", ctypes.c_char_p))


class _Answer(ctypes.Structure):
    _fields_ = (("text", ctypes.c_void_p), ("code", ctypes.c_int))


_Talk = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_int,
    ctypes.POINTER(ctypes.POINTER(_Message)),
    ctypes.POINTER(ctypes.c_void_p),
    ctypes.c_void_p,
)


class _Conversation(ctypes.Structure):
    _fields_ = (("talk", _Talk), ("data", ctypes.c_void_p))


def can_ask() -> bool:
    """Whether the library is there, and a name for who runs this process."""
    try:
        ctypes.CDLL(LIBRARY)
        _user()
    except OSError:
        return False
    return True


def authenticate(service: str, password: str, folder: Path | None = None) -> bool:
    """Whether ``service``, of the system's folders or another ``folder``, takes it. A wrong one takes seconds.

    :raises OSError: the library is not there, or who runs this process has no name.
    """
    pam = ctypes.CDLL(LIBRARY)

    def talk(count: int, messages: Any, answers: Any, _data: Any) -> int:
        return _answer(count, messages, answers, password.encode())

    conversation, handle = _Conversation(_Talk(talk), None), ctypes.c_void_p()
    given = (service.encode(), _user().encode(), ctypes.byref(conversation))
    if folder is None:
        began = pam.pam_start(*given, ctypes.byref(handle))
    else:
        began = pam.pam_start_confdir(*given, str(folder).encode(), ctypes.byref(handle))
    if began != SUCCESS:
        return False
    ended = int(pam.pam_authenticate(handle, 0))
    pam.pam_end(handle, ended)
    return ended == SUCCESS


def _user() -> str:
    """:raises OSError: the system knows nobody with this number, as in a container that is started with one."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError as error:
        raise OSError(f"nobody has the user id {os.geteuid()}") from error


def _answer(count: int, messages: Any, answers: Any, password: bytes) -> int:
    """PAM frees what it is answered, so that it is allocated as C does. Only a hidden question gets the password."""
    styles = [messages[number].contents.style for number in range(count)]
    if any(style not in (PROMPT_ECHO_OFF, ERROR_MSG, TEXT_INFO) for style in styles):
        return CONV_ERR
    libc = ctypes.CDLL(None)
    libc.calloc.restype = libc.strdup.restype = ctypes.c_void_p
    place = libc.calloc(ctypes.c_size_t(count), ctypes.c_size_t(ctypes.sizeof(_Answer)))
    if not place:
        return BUF_ERR
    for number, style in enumerate(styles):
        if style == PROMPT_ECHO_OFF:
            _Answer.from_address(place + number * ctypes.sizeof(_Answer)).text = libc.strdup(password)
    answers[0] = place
    return SUCCESS

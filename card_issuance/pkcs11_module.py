"""The one file that touches python-pkcs11. Everything else that speaks PKCS#11 takes `pkcs11` from here, and runs in a
child process: the library crashes under threads, leaks sessions after a failed login, and does not survive fork.

python-pkcs11 has no C_InitToken; `initialise_token` calls it on the module that the library has already loaded and
initialised, through the module's function list (PKCS#11 2.40, 5.2).
"""

import ctypes

import pkcs11
import pkcs11._pkcs11  # else loaded by the first act of every child, 5 ms

__all__ = ["initialise_token", "pkcs11"]

_LABEL_BYTES = 32
# Place of the function in CK_FUNCTION_LIST, counted from C_Initialize = 0 (pkcs11f.h).
_C_INIT_TOKEN = 9
_CKR_OK = 0


class _Version(ctypes.Structure):
    _fields_ = (("major", ctypes.c_ubyte), ("minor", ctypes.c_ubyte))


class _FunctionList(ctypes.Structure):
    _fields_ = (("version", _Version), ("functions", ctypes.c_void_p * 68))


def initialise_token(module: str, slot: int, officer_pin: bytes, label: str) -> int:
    """C_InitToken: destroys everything on the token. `pkcs11.lib(module)` must have been loaded before in this process.

    Returns the CK_RV, 0 for success. `label` is at most 32 bytes of UTF-8 and is padded with blanks; raises ValueError
    if it is longer. The officer PIN never leaves this process's memory.
    """
    padded = label.encode().ljust(_LABEL_BYTES)
    if len(padded) > _LABEL_BYTES:
        raise ValueError("a token's label is at most 32 bytes")
    library = ctypes.CDLL(module)
    functions = ctypes.POINTER(_FunctionList)()
    answer = library.C_GetFunctionList(ctypes.byref(functions))
    if answer != _CKR_OK:
        return int(answer)
    call = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_ulong, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p)(
        functions.contents.functions[_C_INIT_TOKEN]
    )
    return int(call(slot, officer_pin, len(officer_pin), padded))

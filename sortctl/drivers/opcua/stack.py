"""Stack: the names of asyncua that are used here. The only file that imports it.

Goes out: names as `Any`, for asyncua's own annotations do not fit what it does (numbers are told to be classes and are int).
What comes from outside is checked where it is taken. Never here: anything of our own.
"""

import logging
from typing import Any

import asyncua.ua as asyncua_ua
from asyncua import Client
from asyncua.common.utils import Buffer
from asyncua.crypto import security_policies as asyncua_policies
from asyncua.crypto import uacrypto as asyncua_crypto
from asyncua.observer import Observer
from asyncua.ua import ua_binary as asyncua_binary

__all__ = ["Buffer", "Client", "Observer", "binary", "crypto", "policies", "ua"]

ua: Any = asyncua_ua
binary: Any = asyncua_binary
policies: Any = asyncua_policies
crypto: Any = asyncua_crypto

# asyncua tells every fault as a stack of lines. What went wrong is in our LinkError.
logging.getLogger("asyncua").setLevel(logging.CRITICAL + 1)

"""How a waiting child warms up, where tokens are simulated."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from card_issuance.simulated import Cabinet
from card_issuance.token_place import Place
from card_issuance.token_work import carried_out

_PREFIX = "one-certificate-rehearsal-"
_OVER = 60  # seconds after which no rehearsal is under way any more


def rehearse(library: str) -> None:
    """A whole little issuance on a throw-away SoftHSM token, so that what a process does slowly the first time (in a virtual
    machine, a thousand page faults) is done before the request comes. It doubles the speed of every act."""
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=_stage()) as state:
        cabinet = Cabinet(Path(state))
        cabinet.make_blank("REHEARSAL")
        cabinet.insert("REHEARSAL")
        place = Place("simulated", library, cabinet.root, {}, None)
        pins = {"officer_pin": "rehearsal", "pin": "rehearsal"}
        key = {"pin": "rehearsal", "key_id": "00", "profile": "p_256"}
        for act, arguments in (("initialise", pins | {"may_destroy": []}), ("generate", key)):
            carried_out(place, act, {"serial": "REHEARSAL", "arguments": arguments})


def sweep_rehearsals() -> None:
    """What children left that were killed in the middle of one; it never held a secret."""
    for left in _stage().glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if left.stat().st_uid == os.getuid() and time.time() - left.stat().st_mtime > _OVER:
                shutil.rmtree(left)


def _stage() -> Path:
    memory = Path("/dev/shm")  # noqa: S108
    return memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())

"""GET /keys: what the signatures of webhooks are checked with."""

from typing import Any

from app.api.platforms.fields import no_parameters
from app.api.platforms.room import kept, operation, room
from app.api.platforms.schemas_told import KeySet
from app.desks.door import public, world
from app.services.office_key import published_keys
from models.rulebook.signing_keys import SET_IS_KEPT

AGE = int(SET_IS_KEPT.total_seconds())


@room.get("/keys", tags=["Webhooks"])
@public
@operation("listKeys")
@kept(AGE, by_everybody=True)
@room.response(200, KeySet, description="A JSON Web Key Set.")
def keys() -> dict[str, Any]:
    """The office's public keys

    For the signatures (RFC 9421) of webhooks. Keep them no longer than Cache-Control says, and fetch them again when a signature
    names a `keyid` that you do not know. A new key is listed four hours before it signs, and an old one for seven days after its
    last signature. A key that is listed no more is good for nothing: it may have been withdrawn because it was in wrong hands.
    """
    no_parameters()
    return published_keys(world())

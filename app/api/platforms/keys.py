"""GET /keys: what the signatures of webhooks are checked with."""

from typing import Any

from app.api.platforms.fields import no_parameters
from app.api.platforms.room import kept, operation, room
from app.api.platforms.schemas_told import KeySet
from app.desks.door import public, world
from app.services.office_key import published_keys

AGE = 3600  # seconds


@room.get("/keys", tags=["Webhooks"])
@public
@operation("listKeys")
@kept(AGE, by_everybody=True)
@room.response(200, KeySet, description="A JSON Web Key Set.")
def keys() -> dict[str, Any]:
    """The office's public keys

    For the signatures (RFC 9421) of webhooks. Fetch them again when a signature names a `keyid` that you do not know.
    """
    no_parameters()
    with world().reading() as session:
        return published_keys(session)

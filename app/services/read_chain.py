"""The certificates of the authority itself, as everybody may fetch them."""

from app.services.errors import Absent, Unavailable
from app.services.world import World
from card_issuance.authority import AuthorityFault


def read_chain(world: World) -> tuple[bytes, ...]:
    """DER, the issuing authority first, the root last. Raises Unavailable, or Absent where the authority shows none."""
    try:
        chain = world.authority.chain()
    except AuthorityFault:
        raise Unavailable() from None
    if not chain:
        raise Absent()
    return chain

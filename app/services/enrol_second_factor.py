"""A member of staff couples his telephone: the secret counts from the first right code on."""

from dataclasses import dataclass

from app.services.errors import Faulty
from app.services.guard import allow
from app.services.recognise import Recognised
from app.services.road import claim, write_line
from app.services.second_factor import address_of, new_secret, place_of, step_of
from app.services.sign_out import end_logins
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.tables import Staff
from reports.qr_picture import qr_svg

ISSUER = "One-Certificate Office"


@dataclass(frozen=True, slots=True)
class Offer:
    secret: str  # base 32, to be typed where no camera is
    picture: str  # SVG of the QR code that the telephone reads
    spelled: str  # the secret in groups of four
    sealed: bytes  # what the page carries until the first code: nothing is stored before


def offer_second_factor(world: World, actor: Actor, secret: str | None = None) -> Offer:
    """A new secret, or the one of an earlier offer, sealed for this member of staff alone."""
    allow(Permission.own_account, actor)
    secret = secret or new_secret()
    address = address_of(secret, actor.number, ISSUER)
    spelled = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return Offer(secret, qr_svg(address), spelled, world.vault.seal(secret, _offer_place(actor)))


def take_up_offer(world: World, actor: Actor, sealed: bytes) -> Offer:
    """The offer that a page was shown. Raises vault.Unsealable."""
    return offer_second_factor(world, actor, world.vault.open(sealed, _offer_place(actor)))


def enrol_second_factor(world: World, someone: Recognised, offer: Offer, code: str) -> None:
    """Store the secret after one right code; all other logins end. Raises Faulty on the field `code`."""
    actor = someone.actor
    allow(Permission.own_account, actor)
    with world.writing() as session:
        now = world.now()
        staff = session.get_one(Staff, actor.staff_id)
        if staff.totp_secret is not None:
            raise Faulty("second_factor_set")
        step = step_of(offer.secret, code, now)
        if step is None:
            raise Faulty(fields={"code": "code_wrong"})
        sealed = world.vault.seal(offer.secret, place_of(staff.number))
        claim(session, staff, staff.version, totp_secret=sealed, totp_last_step=step)
        end_logins(session, staff.id, now, but=someone.session_id)
        write_line(session, now, actor, staff, "enrol_second_factor")
        session.commit()


def _offer_place(actor: Actor) -> str:
    return f"offer.totp_secret:{actor.number}"

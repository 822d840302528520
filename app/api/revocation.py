"""What relying parties fetch: the revocation list and the authority's certificates. Open to everybody."""

from flask import Blueprint, Response, request

from app.desks.door import public, world
from app.services.errors import Unavailable
from app.services.publish_crl import publish_crl
from app.services.read_chain import read_chain
from models.tables import db
from models.worklists.revocation import newest_list

desk = Blueprint("revocation", __name__)

CRL_AGE = 60  # seconds a cache may keep a list: a certificate comes off hold while its holder stands at the counter
CERTIFICATE_AGE = 86_400


@desk.get("/crl/issuing.crl")
@public
def revocation_list() -> Response:
    """The newest list, DER (RFC 5280; media type of RFC 2585)."""
    row = newest_list(db.session)
    if row is None:
        publish_crl(world())
        db.session.rollback()
        row = newest_list(db.session)
    if row is None:
        raise Unavailable()
    answer = Response(row.der, mimetype="application/pkix-crl")
    answer.set_etag(str(row.number))
    answer.last_modified = row.this_update
    answer.expires = row.next_update
    return _cached(answer, CRL_AGE)


@desk.get("/authority/<any(root, issuing):which>.cer")
@public
def authority_certificate(which: str) -> Response:
    """The certificate of the root or the issuing authority, DER."""
    chain = read_chain(world())
    answer = Response(chain[-1] if which == "root" else chain[0], mimetype="application/pkix-cert")
    answer.add_etag()
    return _cached(answer, CERTIFICATE_AGE)


def _cached(answer: Response, seconds: int) -> Response:
    answer.cache_control.public = True
    answer.cache_control.max_age = seconds
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.make_conditional(request)
    return answer

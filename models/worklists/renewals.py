"""Whose certificates run out, branch by branch: who is to be called before the last day, or just after it."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from models.rulebook.vocabulary import CaseKind, CertificateStatus
from models.rulebook.workflow import CASE_FINAL
from models.tables import Case, CaseItem, Certificate
from models.worklists.issuance import Page

PAGE = 25
MOST_COUNTED = 999
_IN_USE = (CertificateStatus.valid, CertificateStatus.suspended)
_TAKES_OVER = (CertificateStatus.on_hold, *_IN_USE)


def expiring(branch_id: int, since: datetime, until: datetime) -> Select[tuple[Certificate]]:
    """Certificates in use that end within [since, until), issued by a case of the branch, and not taken care of yet: no renewal is
    under way and no other certificate takes over. A revoked one is nobody's loss; one on hold was never collected."""
    about, item, next_ = aliased(Case), aliased(CaseItem), aliased(Certificate)
    renewing = exists().where(
        about.certificate_id == Certificate.id, about.kind == CaseKind.renewal, about.state.not_in(tuple(CASE_FINAL))
    )
    # By way of the cases about it: what replaces a certificate comes from one of them, and they are few and indexed.
    replaced = exists().where(
        about.certificate_id == Certificate.id,
        item.case_id == about.id,
        next_.item_id == item.id,
        next_.replaces_id == Certificate.id,
        next_.status.in_(_TAKES_OVER),
    )
    return select(Certificate).where(
        Certificate.branch_id == branch_id,
        Certificate.not_after >= since,
        Certificate.not_after < until,
        Certificate.status.in_(_IN_USE),
        ~renewing,
        ~replaced,
    )


def expiring_page(
    session: Session, branch_id: int, since: datetime, until: datetime, before: int | None = None, after: int | None = None
) -> Page:
    """The earliest end first. `before`: the page that follows this certificate; `after`: the one before it."""
    query = _whole(expiring(branch_id, since, until))
    backwards, cursor = after is not None, after if after is not None else before
    place = session.execute(select(Certificate.not_after, Certificate.id).where(Certificate.id == cursor)).one_or_none()
    order = (Certificate.not_after.desc(), Certificate.id.desc()) if backwards else (Certificate.not_after, Certificate.id)
    if place is not None:
        ends, id_ = place
        beyond = Certificate.not_after < ends if backwards else Certificate.not_after > ends
        level = Certificate.id < id_ if backwards else Certificate.id > id_
        query = query.where(or_(beyond, and_(Certificate.not_after == ends, level)))
    found = list(session.scalars(query.order_by(*order).limit(PAGE + 1)))
    rows, goes_on = found[:PAGE], len(found) > PAGE
    if backwards:
        rows = rows[::-1]
        return Page(rows, rows[0].id if goes_on else None, rows[-1].id if rows else None)
    return Page(rows, rows[0].id if rows and place is not None else None, rows[-1].id if goes_on else None)


def all_expiring(session: Session, branch_id: int, since: datetime, until: datetime, most: int) -> Sequence[Certificate]:
    """The earliest ends, at most so many."""
    query = _whole(expiring(branch_id, since, until)).order_by(Certificate.not_after, Certificate.id)
    return session.scalars(query.limit(most)).all()


def count_expiring(session: Session, branch_id: int, since: datetime, untils: Sequence[datetime]) -> list[int]:
    """How many end before each of the instants, in one walk; counted to MOST_COUNTED + 1 and no further."""
    ends = expiring(branch_id, since, max(untils)).with_only_columns(Certificate.not_after).order_by(Certificate.not_after)
    found = session.scalars(ends.limit(MOST_COUNTED + 1)).all()
    return [bisect_left(found, until) for until in untils]


def _whole(query: Select[tuple[Certificate]]) -> Select[tuple[Certificate]]:
    return query.options(
        joinedload(Certificate.token),
        joinedload(Certificate.applicant),
        joinedload(Certificate.item).joinedload(CaseItem.case),
    )

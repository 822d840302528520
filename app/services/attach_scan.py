"""Attach an uploaded file to a document of a set: examined, re-encoded, sealed on disk under a random name."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.services.case_at_hand import case_at_hand, must_be_open
from app.services.errors import Faulty, Unavailable
from app.services.road import claim, write_line
from app.services.scan_examiner import MEDIA_TYPE, clean_pictures
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.rulebook.question import MOST_SETS
from models.rulebook.vocabulary import CaseAction, DocumentKind
from models.tables import Case, DocumentSet, Scan

MOST_PAGES_OF_A_CASE = 300
PLACE = "scan:{name}"


@dataclass(frozen=True, slots=True)
class AttachedScan:
    version: int
    pages: int


def attach_scan(world: World, actor: Actor, case_id: int, position: int, kind: DocumentKind, data: bytes) -> AttachedScan:
    """`position`: the set, from 1. Raises Faulty (what is wrong with the file), OutOfTurn outside a draft."""
    if not 1 <= position <= MOST_SETS:
        raise Faulty(fields={"file": "no_such_set"})
    with world.reading() as session:  # refuse early: examining a file is dear
        case = case_at_hand(session, actor, Permission.work_at_intake, case_id)
        must_be_open(case, CaseAction.save, case.version)
    pictures = clean_pictures(data)
    digest = hashlib.sha256(data).hexdigest()
    names = [_keep(world, picture) for picture in pictures]
    try:
        return _record(world, actor, case_id, position, kind, digest, list(zip(names, pictures, strict=True)))
    except BaseException:
        for name in names:
            (world.scans / name).unlink(missing_ok=True)
        raise


def _record(
    world: World,
    actor: Actor,
    case_id: int,
    position: int,
    kind: DocumentKind,
    digest: str,
    pages: list[tuple[str, bytes]],
) -> AttachedScan:
    at = world.now()
    with world.writing() as session:
        case = case_at_hand(session, actor, Permission.work_at_intake, case_id)
        must_be_open(case, CaseAction.save, case.version)
        papers = _set_at(session, case, position)
        there = session.scalars(select(Scan.original_digest).where(Scan.set_id == papers.id, Scan.document_kind == kind))
        if digest in set(there):
            raise Faulty(fields={"file": "scan_already_there"})
        if (session.scalar(select(func.count()).where(Scan.case_id == case.id)) or 0) + len(pages) > MOST_PAGES_OF_A_CASE:
            raise Faulty(fields={"file": "scan_too_many_pages"})
        for number, (name, picture) in enumerate(pages, start=1):
            session.add(
                Scan(
                    case_id=case.id,
                    set_id=papers.id,
                    document_kind=kind,
                    file_name=name,
                    original_digest=digest,
                    media_type=MEDIA_TYPE,
                    page=number,
                    size=len(picture),
                    added_by=actor.staff_id,
                    added_at=at,
                )
            )
        claim(session, case, case.version)
        write_line(
            session,
            at,
            actor,
            case,
            "attach_scan",
            case_id=case.id,
            branch_id=case.branch_id,
            set=position,
            document=kind.value,
            pages=len(pages),
        )
        session.commit()
        return AttachedScan(case.version, len(pages))


def _set_at(session: Session, case: Case, position: int) -> DocumentSet:
    for papers in case.sets:
        if papers.position == position:
            return papers
    papers = DocumentSet(position=position)
    case.sets.append(papers)
    session.flush()
    return papers


def _keep(world: World, picture: bytes) -> str:
    """Seal a picture into a new file, durably; its random name."""
    name = secrets.token_hex(24)
    target = world.scans / name
    part = Path(f"{target}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(world.vault.seal_bytes(picture, PLACE.format(name=name)))
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise Unavailable("scan_not_kept") from None
    return name

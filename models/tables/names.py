"""The index of names by pairs of neighbouring characters: kept by the tables themselves, so that no writer can forget it."""

from typing import Any

from sqlalchemy import Connection, delete, event, insert
from sqlalchemy.orm import Mapper

from models.tables.cases import Applicant, ApplicantBigram


def folded(text: str) -> str:
    """As names are compared: letters in lower case, no spaces."""
    return "".join(text.lower().split())


def bigrams(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text, folded."""
    whole = folded(text)
    return frozenset(whole[at : at + 2] for at in range(len(whole) - 1))


def _index(mapper: Mapper[Any], connection: Connection, applicant: Applicant) -> None:
    connection.execute(delete(ApplicantBigram).where(ApplicantBigram.applicant_id == applicant.id))
    rows = [{"bigram": pair, "applicant_id": applicant.id} for pair in sorted(bigrams(applicant.name))]
    if rows:
        connection.execute(insert(ApplicantBigram), rows)


event.listen(Applicant, "after_insert", _index)
event.listen(Applicant, "after_update", _index)

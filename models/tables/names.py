"""The index of names by pairs of neighbouring characters: kept by the tables themselves, so that no writer can forget it."""

from typing import Any

from sqlalchemy import Connection, delete, event, insert
from sqlalchemy.orm import Mapper

from models.tables.cases import Applicant, ApplicantBigram


def bigrams(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a text, letters folded to lower case, spaces left out."""
    folded = "".join(text.lower().split())
    return frozenset(folded[at : at + 2] for at in range(len(folded) - 1))


def _index(mapper: Mapper[Any], connection: Connection, applicant: Applicant) -> None:
    connection.execute(delete(ApplicantBigram).where(ApplicantBigram.applicant_id == applicant.id))
    rows = [{"bigram": pair, "applicant_id": applicant.id} for pair in sorted(bigrams(applicant.name))]
    if rows:
        connection.execute(insert(ApplicantBigram), rows)


event.listen(Applicant, "after_insert", _index)
event.listen(Applicant, "after_update", _index)

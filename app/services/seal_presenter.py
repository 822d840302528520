"""The presenter's personal numbers: sealed into the case's own columns, never in its draft."""

from typing import Any

from app.services.vault import Vault
from models.tables import Case

ID_PLACE = "case_file.presenter_id:{number}"
MOBILE_PLACE = "case_file.presenter_mobile:{number}"


def sealed_presenter(vault: Vault, case: Case, id_number: str, mobile: str) -> dict[str, Any]:
    """The columns to change. An empty number keeps what is there: a page shows it masked and does not send it back."""
    changes: dict[str, Any] = {}
    if id_number and id_number != presenter_id(vault, case):
        changes["presenter_id_sealed"] = vault.seal(id_number, ID_PLACE.format(number=case.number))
        changes["presenter_id_digest"] = vault.digest(id_number)
    if mobile and mobile != presenter_mobile(vault, case):
        changes["presenter_mobile_sealed"] = vault.seal(mobile, MOBILE_PLACE.format(number=case.number))
    return changes


def presenter_id(vault: Vault, case: Case) -> str:
    """In clear, for checks and masks only; empty if there is none yet."""
    if case.presenter_id_sealed is None:
        return ""
    return vault.open(case.presenter_id_sealed, ID_PLACE.format(number=case.number))


def presenter_mobile(vault: Vault, case: Case) -> str:
    """In clear, for checks and masks only; empty if there is none yet."""
    if case.presenter_mobile_sealed is None:
        return ""
    return vault.open(case.presenter_mobile_sealed, MOBILE_PLACE.format(number=case.number))

"""The journal of one applicant and of one token: everything that was done, by whom, newest first; each branch reads its own part."""

from typing import Any

from flask import Blueprint, render_template, request

from app.desks.door import actor, door
from app.services.errors import Absent
from app.services.export_list import branch_of
from app.words.journal import act_in_words, change_in_words, details_in_words
from models.rulebook.permissions import Permission
from models.tables import Applicant, Token, db
from models.worklists.journals import has_worked_on, token_file
from models.worklists.lists import JOURNAL
from models.worklists.looking import look

desk = Blueprint("journals", __name__, url_prefix="/journals")

_MOST = 2**31  # no id is as large


@desk.get("/applicants/<int:applicant_id>")
@door(Permission.read_journal)
def applicant(applicant_id: int) -> str:
    """An applicant is the city's; of what was done for him each branch reads its own part."""
    found = db.session.get(Applicant, applicant_id)
    if found is None:
        raise Absent()
    return render_template("journals/applicant.html", applicant=found, **_lines(applicant=found.credit_code))


@desk.get("/tokens/<int:token_id>")
@door(Permission.read_journal)
def token(token_id: int) -> str:
    """Of a token of its own, or of another's whose holder has had a case here."""
    found, who = db.session.get(Token, token_id), actor()
    branch_id = branch_of(who)
    if found is None or not (who.sees_branch(found.branch_id) or has_worked_on(db.session, found, branch_id or 0)):
        raise Absent()
    file = token_file(db.session, found, branch_id)
    return render_template("journals/token.html", token=found, file=file, sees=who.sees_branch, **_lines(token=found.serial))


def _lines(**asked: str) -> dict[str, Any]:
    page = look(db.session, JOURNAL, asked, branch_of(actor()), _cursor("before"), _cursor("after"))
    return {
        "page": page,
        "asked": asked,
        "act_in_words": act_in_words,
        "change_in_words": change_in_words,
        "details_in_words": details_in_words,
    }


def _cursor(name: str) -> int | None:
    found = request.args.get(name, type=int)
    return found if found is not None and 0 < found < _MOST else None

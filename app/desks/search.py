"""Search from everywhere: one box, one page. What is meant by one case alone opens that case."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.desks.door import actor, door
from models.rulebook.permissions import EVERY_BRANCH, Permission
from models.tables import db
from models.worklists.search import find

desk = Blueprint("search", __name__)


@desk.get("/search")
@door(Permission.find_case)
def results() -> str | Response:
    text = request.args.get("q", "").replace("\0", "").strip()[:80]
    who = actor()
    found = find(db.session, text, None if not who.roles.isdisjoint(EVERY_BRANCH) else who.branch_id)
    if (case := found.only_case) is not None:
        return redirect(url_for("casefile.page", case_id=case.id))
    return render_template("search/results.html", text=text, found=found)

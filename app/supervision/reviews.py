"""Access reviews: what is due, a form that asks about everybody of a branch, and what was decided, which nobody changes."""

from datetime import datetime
from typing import Any, ClassVar

from flask import Response, flash, redirect, render_template, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy.orm import Query, joinedload

from app.desks import door
from app.desks.refusals import show_faults
from app.desks.shell import Shell
from app.services.edit_staff import may_reach
from app.services.errors import Absent, Faulty
from app.services.print_access_review import print_access_review
from app.services.review_access import Verdict, may_review, review_access
from app.supervision.base import ReadOnlyView, as_instant, as_related
from app.words.terms import term
from forms.reviews import Asked, ReviewForm, review_form
from models.rulebook.access_review import Decision
from models.rulebook.permission_words import PERMISSION_WORDS, permissions_of
from models.rulebook.permissions import EVERY_BRANCH, Permission
from models.rulebook.vocabulary import Role
from models.tables import AccessReview, Branch, Staff, db
from models.worklists.access import Person, ReviewDue, last_review, people_of, reviews_to_make

NOBODYS = 0  # stands in an address for those who belong to no branch


def _number(view: Any, context: Any, model: AccessReview, name: str) -> Any:
    return Markup('<a href="{}">{}</a>').format(url_for("reviews.page", review_id=model.id), model.number)


def _place(view: Any, context: Any, model: AccessReview, name: str) -> str:
    return place_name(model.branch)


def _taken(view: Any, context: Any, model: AccessReview, name: str) -> int:
    return sum(1 for row in model.content if row["decision"] in (Decision.reduce, Decision.disable))


def place_name(branch: Branch | None) -> str:
    return f"{branch.code} {Shell.bilingual(branch)}" if branch else _("不属于任何网点")


class ReviewDesk(ReadOnlyView):
    permission = Permission.review_access
    serves = ("index_view", "page", "paper", "begin")
    doors: ClassVar[Any] = {
        **{name: door.Door((Permission.review_access, Permission.read_permissions)) for name in ("index_view", "page", "paper")},
        "begin": door.Door((Permission.review_access,), fresh=True),
    }
    list_template = "admin/reviews.html"
    column_list = ("number", "branch", "at", "reviewer", "content", "taken")
    column_labels: ClassVar[Any] = {
        "number": lazy_gettext("编号"),
        "branch": lazy_gettext("网点"),
        "at": lazy_gettext("核对时间"),
        "reviewer": lazy_gettext("核对人"),
        "content": lazy_gettext("人数"),
        "taken": lazy_gettext("收回或停用"),
    }
    column_formatters: ClassVar[Any] = {
        "number": _number,
        "branch": _place,
        "at": as_instant,
        "reviewer": as_related("reviewer", "name"),
        "content": lambda view, context, model, name: len(model.content),
        "taken": _taken,
    }
    column_default_sort = ("id", True)
    place_name = staticmethod(place_name)
    instant = staticmethod(datetime.fromisoformat)

    @staticmethod
    def roles_in_words(staff: Staff) -> str:
        return _words([role.value for role in Role if role in staff.roles])

    def get_query(self) -> Query[Any]:
        return super().get_query().options(joinedload(AccessReview.branch), joinedload(AccessReview.reviewer))

    def due(self) -> list[ReviewDue]:
        actor = door.actor()
        branch_id = actor.branch_id if actor.roles.isdisjoint(EVERY_BRANCH) else None
        return reviews_to_make(db.session, door.world().today(), branch_id)

    @expose("/<int:review_id>")
    def page(self, review_id: int) -> Any:
        review: AccessReview = self.get_one(str(review_id))
        return render_template("admin/review.html", admin_view=self, review=review, words=_words, Decision=Decision)

    @expose("/<int:review_id>.pdf")
    def paper(self, review_id: int) -> Response:
        printed = print_access_review(door.world(), door.actor(), review_id)
        return as_pdf(printed.file_name, printed.pdf)

    @expose("/of/<int:branch_id>", methods=["GET", "POST"])
    def begin(self, branch_id: int) -> Any:
        """Everybody of a branch on one page, each with a decision of his own."""
        of = None if branch_id == NOBODYS else branch_id
        may_review(door.actor(), of)
        branch = db.session.get(Branch, of) if of is not None else None
        if of is not None and branch is None:
            raise Absent()
        people = people_of(db.session, of)
        form = _form(of, people)
        if form.validate_on_submit():
            try:
                verdicts = [Verdict(*each) for each in form.decided()]
                review_id = review_access(door.world(), door.actor(), of, form.seen_version, verdicts, form.remark.data or "")
                flash(_("核对已记录。"), "success")
                return redirect(url_for("reviews.page", review_id=review_id), 303)
            except Faulty as fault:
                show_faults(form, fault)
        shown = {"people": people, "branch": branch, "allowed": allowed_to(people)}
        return render_template("admin/review_new.html", admin_view=self, form=form, **shown), 422 if form.errors else 200


def _form(branch_id: int | None, people: list[Person]) -> ReviewForm:
    actor, last = door.actor(), last_review(db.session, branch_id)
    asked = [
        Asked(one.staff.id, one.staff.version, one.staff.number, one.staff.roles) for one in people if may_reach(actor, one.staff)
    ]
    return review_form(asked, {role: term(role) for role in Role}, version=str(last.id if last else 0))


def allowed_to(people: list[Person]) -> list[tuple[Role, list[str]]]:
    """What each role that somebody here holds may do, in the reader's language."""
    held = {role for person in people for role in person.staff.roles}
    return [(role, [in_language(PERMISSION_WORDS[each]) for each in permissions_of(role)]) for role in Role if role in held]


def in_language(words: tuple[str, str]) -> str:
    return words[1] if Shell.html_language() == "en" else words[0]


def _words(values: list[str]) -> str:
    return _("、").join(term(Role(value)) for value in values) or "—"


def as_pdf(name: str, pdf: bytes) -> Response:
    answer = Response(pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer

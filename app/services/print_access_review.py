"""An access review as it was made, on paper."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from app.services.errors import Absent
from app.services.print_notice import PrintedPaper, printed
from app.services.world import BEIJING, World
from models.rulebook.access_review import Decision, due_on
from models.rulebook.permission_words import ROLE_WORDS, Both
from models.rulebook.permissions import EVERY_BRANCH, Actor
from models.rulebook.vocabulary import Role
from models.tables import AccessReview
from reports import access_review as paper

OF_NO_BRANCH: Both = ("不属于网点的人员", "Staff of no branch")
DECISION_WORDS: Mapping[Decision, Both] = MappingProxyType(
    {
        Decision.keep: ("保留", "Keeps all"),
        Decision.reduce: ("只留：", "Keeps only: "),
        Decision.disable: ("停用", "Disabled"),
        Decision.left: ("由系统管理员另行核对", "Left to an administrator"),
    }
)


def print_access_review(world: World, actor: Actor, review_id: int) -> PrintedPaper:
    """Raises Absent for another branch's review, Unavailable for a name that no font can print."""
    with world.reading() as session:
        review = session.get(AccessReview, review_id)
        if review is None or (actor.roles.isdisjoint(EVERY_BRANCH) and review.branch_id != actor.branch_id):
            raise Absent()
        zh, en = (review.branch.name_zh, review.branch.name_en) if review.branch else OF_NO_BRANCH
        made_on = review.at.astimezone(BEIJING).date()
        data = paper.AccessReview(
            number=review.number,
            made_on=made_on,
            next_by=due_on(made_on),
            branch_name_zh=zh,
            branch_name_en=en,
            reviewer=review.reviewer.called,
            people=tuple(_person(row) for row in review.content),
            remark=review.remark,
        )
    return printed(data.number, lambda: paper.render(data))


def _person(row: Mapping[str, Any]) -> paper.Reviewed:
    decision = Decision(row["decision"])
    zh, en = DECISION_WORDS[decision]
    if decision is Decision.reduce:
        stays = _roles(row["stays"])
        zh, en = zh + stays[0], en + stays[1]
    return paper.Reviewed(row["number"], row["name"], _roles(row["roles"]), _login(row["last_login"]), (zh, en))


def _roles(values: list[str]) -> Both:
    words = [ROLE_WORDS[Role(value)] for value in values]
    return "、".join(zh for zh, _ in words) or "—", ", ".join(en for _, en in words) or "—"


def _login(instant: str | None) -> str:
    return datetime.fromisoformat(instant).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if instant else "—"

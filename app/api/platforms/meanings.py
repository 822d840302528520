"""What each problem means, for every programmer."""

from typing import Any

from app.api.platforms.problems import Problem
from app.api.platforms.room import kept, operation, room
from app.api.platforms.schemas_told import ProblemMeaning
from app.api.platforms.wording import words_of
from app.desks.door import public
from app.words.platform_problems import PROBLEMS
from models.rulebook.bindings import ALLOWED, BindingCode

AGE = 3600  # seconds


@room.get("/problems/<code>", tags=["Problems"])
@public
@operation("getProblem", "address_unknown")
@kept(AGE, by_everybody=True)
@room.response(200, ProblemMeaning, description="Its meaning.")
def problem(code: str) -> dict[str, Any]:
    """What a problem means

    Every problem's `type` is an address here. Braces stand for what is filled in.
    """
    words = PROBLEMS.get(code)
    if words is None and code in _OF_BINDINGS:
        words = words_of(BindingCode(code))
    if words is None:
        raise Problem("address_unknown")
    return {
        "code": code,
        "status": words.status,
        "title_zh": words.title_zh,
        "title_en": words.title_en,
        "detail_zh": words.detail_zh,
        "detail_en": words.detail_en,
    }


_OF_BINDINGS = {code.value for code in BindingCode if code not in ALLOWED}

"""Papers about people, usual and at their worst: many of them, with the longest names that may be typed."""

from datetime import date
from typing import Any

from models.rulebook.permission_words import PERMISSION_GROUPS, ROLE_WORDS
from reports.access_review import AccessReview, Reviewed
from reports.permission_sheet import Granted, PermissionSheet
from tests.reports.samples import DAY, LONG_BRANCH_EN, LONG_BRANCH_ZH

CLERK, BOTH = ("受理员", "Clerk"), ("受理员、复核员", "Clerk, Reviewer")


def access_review(**changes: Any) -> AccessReview:
    facts: dict[str, Any] = {
        "number": "HD01-A-2026-000001",
        "made_on": DAY,
        "next_by": date(2027, 2, 21),
        "branch_name_zh": "样例海淀网点",
        "branch_name_en": "Sample Branch Haidian",
        "reviewer": "1009 样例主管",
        "people": (
            Reviewed("1001", "样例甲", CLERK, "2026-11-21 08:55", ("保留", "Keeps all")),
            Reviewed("1003", "样例丙", BOTH, "—", ("只留：受理员", "Keeps only: Clerk")),
            Reviewed(
                "1009",
                "样例主管",
                ("主管", "Supervisor"),
                "2026-11-21 09:00",
                ("由系统管理员另行核对", "Left to an administrator"),
            ),
        ),
        "remark": "一人调岗，收回复核岗位。",
    }
    return AccessReview(**facts | changes)


def worst_access_review() -> AccessReview:
    """Numbers of sixteen characters, names of forty, a remark of two hundred, on several pages."""
    three = ("受理员、复核员、主管", "Clerk, Reviewer, Supervisor")
    less = ("只留：受理员、复核员", "Keeps only: Clerk, Reviewer")
    people = tuple(
        Reviewed(f"HAIDIAN-HALL-{n:03}", f"样例{n:02}" + "长名" * 18, three, "2026-11-21 08:55", less) for n in range(40)
    )
    changes = {"people": people, "remark": "事由" * 100, "reviewer": f"HAIDIAN-HALL-999 {'样例' * 20}"}
    return access_review(branch_name_zh=LONG_BRANCH_ZH, branch_name_en=LONG_BRANCH_EN, **changes)


def permission_sheet(names: int = 2, **changes: Any) -> PermissionSheet:
    roles = tuple(ROLE_WORDS.values())
    facts: dict[str, Any] = {
        "printed_on": DAY,
        "branch_name_zh": "样例海淀网点",
        "branch_name_en": "Sample Branch Haidian",
        "roles": roles,
        "groups": tuple(
            (
                title,
                tuple(
                    Granted(words, (True, False, True, False, True), ("本网点；本人的除外", "Own branch; not one's own"))
                    for words in group.values()
                ),
            )
            for title, group in PERMISSION_GROUPS
        ),
        "people": tuple("、".join(f"10{place}{n} 样例某{n}" for n in range(names)) for place, _ in enumerate(roles)),
    }
    return PermissionSheet(**facts | changes)


def worst_permission_sheet() -> PermissionSheet:
    return permission_sheet(60, branch_name_zh=LONG_BRANCH_ZH, branch_name_en=LONG_BRANCH_EN)

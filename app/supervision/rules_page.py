"""What a draft's page and its preview show, put together: differences, what the preview found, what may be done next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from app.desks.refusals import sentence_of
from app.services.advance_draft import edition_in
from app.services.edition_at_hand import edition_on
from app.services.publish_edition import may_publish
from app.words.rules import PAPERS, difference_in_words, requirement_in_words
from forms.rules import KINDS
from models.rulebook.edition_difference import differences
from models.rulebook.editions import Edition, NoEdition
from models.rulebook.oversight import DraftAction, JobState
from models.rulebook.oversight_workflow import DRAFT
from models.rulebook.permissions import Actor, Permission, denial
from models.rulebook.vocabulary import CaseKind
from models.rulebook.workflow import open_actions
from models.tables import EditionDraft, Job

A_PAGE = 50
# Which of the differing cases: the name in the address, its words, and whether a case belongs to it.
ONLY = {
    "refused": lazy_gettext("原受理，改为不受理"),
    "accepted": lazy_gettext("原不受理，改为受理"),
    "fee": lazy_gettext("费用不同"),
    "findings": lazy_gettext("审核意见不同，结论相同"),
}


@dataclass(frozen=True, slots=True)
class DraftPage:
    """`follows`: the edition that it takes the place of. `differs`: where, was, will be, in words."""

    draft: EditionDraft
    edition: Edition
    follows: Edition | None
    differs: Sequence[tuple[str, str, str]]
    preview_job: Job | None
    actor: Actor

    @property
    def preview_done(self) -> bool:
        return self.preview_job is not None and self.preview_job.state is JobState.done

    @property
    def preview_runs(self) -> bool:
        return self.preview_job is not None and self.preview_job.state in {JobState.waiting, JobState.running}

    @property
    def is_author(self) -> bool:
        return self.actor.staff_id in {author.id for author in self.draft.authors}

    @property
    def is_being_written(self) -> bool:
        return self.is_open_to(DraftAction.propose)

    @property
    def may_write(self) -> bool:
        return denial(Permission.write_rules, self.actor) is None and self.is_open_to(DraftAction.save)

    def is_open_to(self, action: DraftAction) -> bool:
        return action in open_actions(DRAFT, self.draft.state)

    def may(self, name: str) -> bool:
        """Whether the step is shown to this person. What still hinders it is said by `why_not`."""
        permission = Permission.publish_rules if name == "publish" else Permission.write_rules
        if denial(permission, self.actor) is not None or not self.is_open_to(DraftAction(name)):
            return False
        return name != "publish" or may_publish(self.actor, self.draft)

    def why_not(self, name: str) -> str:
        """A sentence, empty where the step may be taken now."""
        if not self.is_open_to(DraftAction(name)):
            return _("草稿已不在这一步，请看最新情况。")
        if not self.may(name):
            return sentence_of("edition_needs_second")
        if name == "propose" and not self.differs:
            return sentence_of("edition_differs_in_nothing")
        if name == "propose" and not self.preview_done:
            return sentence_of("edition_not_previewed")
        return ""


def look_at(session: Session, actor: Actor, draft: EditionDraft) -> DraftPage:
    edition = edition_in(draft)
    try:
        follows = edition_on(session, edition.effective_from - timedelta(days=1))
    except NoEdition:
        follows = None
    differs = [difference_in_words(one) for one in differences(follows, edition)] if follows else []
    preview = session.get(Job, draft.preview_id) if draft.preview_id else None
    return DraftPage(draft, edition, follows, differs, preview, actor)


def edition_view(edition: Edition) -> dict[CaseKind, list[tuple[str, str]]]:
    """Paper and what of it, kind by kind."""
    return {
        kind: [(str(PAPERS[asked.paper]), requirement_in_words(asked)) for asked in edition.requirements[kind]] for kind in KINDS
    }


def belongs(case: dict[str, Any], only: str) -> bool:
    if only == "refused":
        return case["was"] and not case["now"]
    if only == "accepted":
        return case["now"] and not case["was"]
    if only == "fee":
        return bool(case["fee_was"] != case["fee_now"])
    return bool((case["gone"] or case["appeared"]) and case["was"] == case["now"])


def preview_view(page: DraftPage, only: str, number: int) -> dict[str, Any]:
    """`number`: which page of them, from 1."""
    assert page.preview_job is not None  # it is done  # noqa: S101
    answer = page.preview_job.answer
    cases = answer["cases"]
    chosen = [case for case in cases if belongs(case, only)] if only in ONLY else cases
    return {
        "answer": answer,
        "tabs": [("", _("全部不同"), len(cases))]
        + [(name, str(words), sum(belongs(case, name) for case in cases)) for name, words in ONLY.items()],
        "only": only if only in ONLY else "",
        "rows": chosen[(number - 1) * A_PAGE : number * A_PAGE],
        "number": number,
        "has_more": len(chosen) > number * A_PAGE,
        "kind_of": CaseKind,
        "sees": page.actor.sees_branch,
    }

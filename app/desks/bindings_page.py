"""The pages of the bindings desk, put together: an applicant at every platform, and what a case about a platform rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from app.desks.door import actor, world
from app.desks.shell import said
from app.services.examine_binding import Advised, advise, choosable, why_not_here
from models.rulebook.binding_words import COUNTER_WORDS
from models.rulebook.bindings import AdviceCode
from models.rulebook.kinds import KINDS, PLATFORM_KINDS
from models.rulebook.permissions import Permission, denial
from models.rulebook.vocabulary import BindingEnd, CaseKind
from models.tables import Binding, Case, Certificate, Platform, PlatformEvent, Relay, db
from models.worklists.binding_facts import lines_of
from models.worklists.bindings import Standing, ended_by, relay_of, standing_of, told_for
from models.worklists.bindings_desk import cases_at_platforms, certificates_in_use, open_at_platforms

# What the holder came for is well as it is.
_CALM = frozenset({AdviceCode.use_bound, AdviceCode.use_only, AdviceCode.use_chosen})

NOTHING_TO_CHOOSE = _("没有可选的证书。")
DELIVERIES = {
    "waiting": _("尚未送到平台"),
    "delivered": _("平台已收到，尚未确认"),
    "dead": _("送不到平台，等主管重新发送"),
    "acknowledged": _("平台已确认"),
}


@dataclass(frozen=True)
class Act:
    """A kind of case at a platform. `why`: why it is not open today; `work`: the unfinished case of this very kind. `choices`: the
    certificates that it may be about, where one is to be chosen."""

    kind: CaseKind
    why: str
    work: Case | None
    choices: Sequence[Certificate] = ()


@dataclass(frozen=True)
class Place:
    """An applicant at one platform, as the desk shows it. `calm`: there is nothing that he must do before he logs in."""

    standing: Standing
    advice: str
    calm: bool
    advised: Sequence[Certificate]
    acts: Sequence[Act]

    @property
    def platform(self) -> Platform:
        return self.standing.platform


@dataclass(frozen=True)
class AtPlatform:
    """What a case about a platform rests on and has brought about. `live`: the binding that is live there now."""

    platform: Platform
    live: Binding | None
    stale: bool
    chosen: Certificate | None
    ended: Sequence[Binding]
    event: PlatformEvent | None
    relay: Relay | None

    @property
    def delivery(self) -> str:
        """How far the platform was told, as a key of DELIVERIES; "" where it is told nothing."""
        if self.event is None:
            return ""
        return "acknowledged" if self.event.acknowledged_at is not None else self.event.delivery.value

    @property
    def told(self) -> str:
        return str(DELIVERIES[self.delivery]) if self.delivery else ""


def places_of(applicant_id: int, cases: Sequence[Case] | None = None) -> list[Place]:
    """One for each active platform. `cases`: of the applicant about platforms, where they were read already."""
    work = open_at_platforms(cases if cases is not None else cases_at_platforms(db.session, applicant_id))
    return [_place(applicant_id, one, work) for one in advise(db.session, applicant_id, world().now())]


def _place(applicant_id: int, advised: Advised, work: Mapping[int, Sequence[Case]]) -> Place:
    open_cases = work.get(advised.platform.id, ())
    return Place(
        standing=advised.standing,
        advice=said(advised.sentence),
        calm=advised.advice.code in _CALM,
        advised=advised.certificates,
        acts=[_act(kind, applicant_id, advised.standing, open_cases) for kind in CaseKind if kind in PLATFORM_KINDS],
    )


def _act(kind: CaseKind, applicant_id: int, standing: Standing, open_cases: Sequence[Case]) -> Act:
    """A rebinding chooses a certificate; a reset is about the bound one; a relayed reset about the bound one or, where none is, any."""
    work = next((case for case in open_cases if case.kind is kind), None)
    code = why_not_here(db.session, standing.platform, kind, applicant_id, None, world().now())
    if work is not None or code is not None:
        return Act(kind, said(COUNTER_WORDS[code]) if code is not None else "", work)
    choices: Sequence[Certificate] = ()
    if KINDS[kind].ends_binding is BindingEnd.rebinding:
        choices = choosable(db.session, standing.platform, applicant_id, world().now())
    elif KINDS[kind].ends_binding is None and standing.live is None:
        choices = certificates_in_use(db.session, applicant_id)
    needs_one = KINDS[kind].ends_binding is not BindingEnd.reset and standing.live is None
    needs_one |= KINDS[kind].ends_binding is BindingEnd.rebinding
    return Act(kind, str(NOTHING_TO_CHOOSE) if needs_one and not choices else "", None, choices)


def may_open() -> bool:
    """Whether the looker takes such cases in."""
    return denial(Permission.work_at_bindings, actor()) is None


def at_platform(case: Case) -> AtPlatform | None:
    """None for a case that names no platform."""
    if case.platform_id is None or case.applicant_id is None:
        return None
    platform = db.session.get_one(Platform, case.platform_id)
    lines = lines_of(db.session, case.applicant_id)
    standing = standing_of(db.session, platform, case.applicant_id, lines, world().now())
    chooses = KINDS[case.kind].ends_binding is BindingEnd.rebinding
    return AtPlatform(
        platform=platform,
        live=standing.live,
        stale=standing.stale,
        chosen=db.session.get(Certificate, case.certificate_id) if chooses and case.certificate_id is not None else None,
        ended=ended_by(db.session, case.id),
        event=told_for(db.session, case.id),
        relay=relay_of(db.session, case.id),
    )

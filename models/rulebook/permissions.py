"""One page of permissions: what may be done, by whom, where, and by whom not. Absent means denied."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from models.rulebook.vocabulary import Role


class Permission(StrEnum):
    work_at_intake = "work_at_intake"
    read_case = "read_case"
    find_case = "find_case"  # search, applicant history over all branches
    review_case = "review_case"
    work_at_aftercare = "work_at_aftercare"  # unlock, renewal, amendment, replacement, status, certificate check
    read_call_list = "read_call_list"  # whose certificate ends soon at this branch, with whom to call
    read_applicant = "read_applicant"  # everything about one applicant on one page; other branches' cases by number only
    grant_exception = "grant_exception"  # unlock, lost token, binding
    work_at_bindings = "work_at_bindings"  # register of bindings, reset, rebinding, which certificate, relayed resets
    watch_platforms = "watch_platforms"  # what platforms were told and what they did not take
    tell_again = "tell_again"  # send a platform once more what it did not take
    manage_platforms = "manage_platforms"  # platforms, their policies, credentials and addresses: the administrator's work
    take_payment = "take_payment"
    issue_token = "issue_token"
    hand_over_token = "hand_over_token"
    read_identity = "read_identity"  # unmask a number, with a reason
    read_journal = "read_journal"
    supervise = "supervise"  # Flask-Admin: cases, tokens, envelopes, receipts of the own branch
    manage_stock = "manage_stock"  # deliveries, transfers, write-offs, low-water marks of the own branch
    count_stock = "count_stock"  # count the day's pieces and cash
    close_day = "close_day"  # countersign another's count
    hand_over_shift = "hand_over_shift"
    keep_drawer = "keep_drawer"  # put change into the drawer, take money to the bank
    ask_exception = "ask_exception"  # waiver, admission, refund, correction
    decide_exception = "decide_exception"
    read_rules = "read_rules"  # editions, drafts, previews, price list
    write_rules = "write_rules"  # drafts of editions of the rules
    publish_rules = "publish_rules"  # another's draft
    review_access = "review_access"
    read_permissions = "read_permissions"  # who may do what
    export_lists = "export_lists"  # a list leaves the office as a file
    read_reports = "read_reports"
    hold_records = "hold_records"  # legal holds
    read_retention = "read_retention"  # clocks, holds and destruction lists
    propose_destruction = "propose_destruction"
    approve_destruction = "approve_destruction"  # another's list
    manage_staff = "manage_staff"
    manage_branches = "manage_branches"  # branches and stations: the administrator's work
    own_account = "own_account"  # own password, TOTP, language


class Place(StrEnum):
    own_branch = "own_branch"
    anywhere = "anywhere"


@dataclass(frozen=True, slots=True)
class Condition:
    """Who holds a permission: any of these roles, at this place; `not_the_opener` bars who opened or asked for the case."""

    roles: frozenset[Role]
    place: Place = Place.own_branch
    not_the_opener: bool = False


_COUNTER = frozenset({Role.clerk, Role.reviewer})
_SEES = _COUNTER | {Role.supervisor, Role.auditor}
_SUPERVISOR = frozenset({Role.supervisor})
_OVERSEES = frozenset({Role.supervisor, Role.auditor})

PERMISSIONS: Mapping[Permission, Condition] = MappingProxyType(
    {
        Permission.work_at_intake: Condition(_COUNTER),
        Permission.read_case: Condition(_SEES),
        Permission.find_case: Condition(_SEES),
        Permission.review_case: Condition(frozenset({Role.reviewer}), not_the_opener=True),
        Permission.work_at_aftercare: Condition(_COUNTER),
        Permission.read_call_list: Condition(_COUNTER | _SUPERVISOR),
        Permission.read_applicant: Condition(_SEES),
        Permission.grant_exception: Condition(frozenset({Role.supervisor}), not_the_opener=True),
        Permission.work_at_bindings: Condition(_COUNTER),
        Permission.watch_platforms: Condition(frozenset({Role.supervisor, Role.auditor}), Place.anywhere),
        Permission.tell_again: Condition(frozenset({Role.supervisor}), Place.anywhere),
        Permission.manage_platforms: Condition(frozenset({Role.administrator}), Place.anywhere),
        Permission.take_payment: Condition(_COUNTER),
        Permission.issue_token: Condition(_COUNTER),
        Permission.hand_over_token: Condition(_COUNTER),
        Permission.read_identity: Condition(_COUNTER | {Role.supervisor}),
        Permission.read_journal: Condition(_SEES),
        Permission.supervise: Condition(frozenset({Role.supervisor, Role.auditor})),
        Permission.manage_stock: Condition(_SUPERVISOR),
        Permission.count_stock: Condition(_COUNTER | {Role.supervisor}),
        Permission.close_day: Condition(_SUPERVISOR, not_the_opener=True),
        Permission.hand_over_shift: Condition(_COUNTER),
        Permission.keep_drawer: Condition(_SUPERVISOR),
        Permission.ask_exception: Condition(_COUNTER),
        Permission.decide_exception: Condition(_SUPERVISOR, not_the_opener=True),
        Permission.read_rules: Condition(_OVERSEES, Place.anywhere),
        Permission.write_rules: Condition(_SUPERVISOR, Place.anywhere),
        Permission.publish_rules: Condition(_SUPERVISOR, Place.anywhere, not_the_opener=True),
        Permission.review_access: Condition(frozenset({Role.supervisor, Role.administrator})),
        Permission.read_permissions: Condition(_OVERSEES | {Role.administrator}, Place.anywhere),
        Permission.export_lists: Condition(_OVERSEES),
        Permission.read_reports: Condition(_OVERSEES),
        Permission.hold_records: Condition(_SUPERVISOR),
        Permission.read_retention: Condition(_OVERSEES),
        Permission.propose_destruction: Condition(_SUPERVISOR, Place.anywhere),
        Permission.approve_destruction: Condition(_SUPERVISOR, Place.anywhere, not_the_opener=True),
        Permission.manage_staff: Condition(frozenset({Role.supervisor, Role.administrator})),
        Permission.manage_branches: Condition(frozenset({Role.administrator}), Place.anywhere),
        Permission.own_account: Condition(frozenset(Role), Place.anywhere),
    }
)

# The auditor reads every branch; the administrator belongs to none.
EVERY_BRANCH = frozenset({Role.auditor, Role.administrator})

# Roles that must prove themselves by a second factor.
SECOND_FACTOR = frozenset({Role.supervisor, Role.administrator})


# Closed to whose access somebody else gave anew, until another supervisor has said that it was in order: whoever knows a first
# password could otherwise be the second of two people.
CLOSED_AFTER_RESET = frozenset(
    {
        Permission.grant_exception,
        Permission.decide_exception,
        Permission.close_day,
        Permission.publish_rules,
        Permission.approve_destruction,
        Permission.manage_staff,
        Permission.review_access,
    }
)


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed-in member of staff, as rules see him."""

    staff_id: int
    number: str
    name: str
    roles: frozenset[Role]
    branch_id: int | None
    held_back: bool = False  # somebody else gave him new access, and no other supervisor has said yet that it was in order

    @property
    def called(self) -> str:
        """As pages and papers name him: two may have one name, none the same number."""
        return f"{self.number} {self.name}"

    def sees_branch(self, branch_id: int) -> bool:
        return self.branch_id == branch_id or not self.roles.isdisjoint(EVERY_BRANCH)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is acted upon: where it belongs and who opened it. Neither is known before a thing is chosen."""

    branch_id: int | None = None
    opened_by: int | None = None


class Denial(StrEnum):
    role = "role"
    branch = "branch"  # answered as 404: another branch's things do not exist here
    opener = "opener"
    reset = "reset"


def denial(permission: Permission, actor: Actor, subject: Subject | None = None) -> Denial | None:
    """Why the actor may not do this, or None if he may. An unlisted permission is denied."""
    condition = PERMISSIONS.get(permission)
    if condition is None or actor.roles.isdisjoint(condition.roles):
        return Denial.role
    if actor.held_back and permission in CLOSED_AFTER_RESET:
        return Denial.reset
    if subject is None:
        return None
    if condition.place is Place.own_branch and subject.branch_id is not None and not actor.sees_branch(subject.branch_id):
        return Denial.branch
    if condition.not_the_opener and subject.opened_by == actor.staff_id:
        return Denial.opener
    return None


def role_conflict(roles: frozenset[Role]) -> bool:
    """Whether a set of roles may not be held together: the auditor and the administrator hold no other."""
    alone = roles & {Role.auditor, Role.administrator}
    return bool(alone) and len(roles) > 1

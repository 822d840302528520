"""What supervisors ask about who works here, and what was done."""

from models.rulebook.oversight import JobKind, JobState
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import Role, StaffState
from models.tables import Job, JournalLine, Staff
from models.worklists import asking as ask
from models.worklists.looking import BRANCH, Column, Listed, Order, Shape, of_branch

STAFF = Listed(
    room="staff",
    model=Staff,
    whose=of_branch(Staff.branch_id, spread=False),
    columns=(
        Column("number"),
        Column("name"),
        Column("role", ("roles",), Shape.words),
        BRANCH,
        Column("state", shape=Shape.state),
        Column("locked_until", shape=Shape.instant),
    ),
    order=Order(Staff.number),
    descending=False,
    filters={
        "number": ask.begins(Staff.number),
        "name": ask.has_text(Staff.name),
        "role": ask.has_role,
        "state": ask.is_word(Staff.state, StaffState),
    },
    words={"role": Role, "state": StaffState},
    related=((Staff.branch,), (Staff.role_rows,)),
    permission=Permission.manage_staff,
)
TASKS = Listed(
    room="tasks",
    model=Job,
    whose=of_branch(Job.branch_id, spread=False),
    columns=(
        Column("asked_at", shape=Shape.instant),
        Column("kind", shape=Shape.word),
        Column("list", ("question", "wording", "title")),
        Column("asked", ("question", "asked"), Shape.pairs),
        Column("rows", ("answer", "rows"), Shape.number),
        Column("reason", ("question", "reason")),
        Column("state", shape=Shape.state),
        Column("asker", ("asker", "called")),
        BRANCH,
    ),
    order=Order(Job.id),
    descending=True,
    filters={
        "kind": ask.is_word(Job.kind, JobKind),
        "state": ask.is_word(Job.state, JobState),
        "asker": ask.by_staff(Job.asked_by),
        "since": ask.since(Job.asked_at),
        "until": ask.until(Job.asked_at),
    },
    words={"kind": JobKind, "state": JobState},
    related=((Job.asker,), (Job.branch,)),
)
JOURNAL = Listed(
    room="journal",
    model=JournalLine,
    whose=of_branch(JournalLine.branch_id, spread=False),
    columns=(
        Column("at", shape=Shape.instant),
        Column("staff", shape=Shape.by),
        Column("case_id", ("case", "number")),
        Column("act", shape=Shape.act),
        Column("after", shape=Shape.change),
        Column("detail", shape=Shape.detail),
    ),
    order=Order(JournalLine.id),
    descending=True,
    orders={"since": Order(JournalLine.at), "until": Order(JournalLine.at)},
    filters={
        "person": ask.journal_of_person,
        "applicant": ask.journal_of_applicant,
        "token": ask.journal_of_token,
        "case": ask.of_case(JournalLine.case_id),
        "act": ask.journal_act,
        "since": ask.in_journal(ask.since(JournalLine.at)),
        "until": ask.in_journal(ask.until(JournalLine.at)),
    },
    related=((JournalLine.staff,), (JournalLine.station,), (JournalLine.platform,), (JournalLine.case,)),
)

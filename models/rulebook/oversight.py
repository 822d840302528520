"""The closed lists of supervision: stock, exceptions, money, the day, editions, reviews, holds. As in `vocabulary`, names equal values."""

from enum import StrEnum


class StockKind(StrEnum):
    """What is numbered and counted."""

    token = "token"  # noqa: S105 - a thing of the trade
    envelope = "envelope"


class MovementKind(StrEnum):
    """Why the number of blank pieces in a branch's drawer changed. The columns of the day sheet."""

    received = "received"  # by a delivery
    arrived = "arrived"  # from another branch
    sent = "sent"  # to another branch
    issued = "issued"  # to a ceremony; a token put back is an issue taken back
    spoiled = "spoiled"
    returned = "returned"  # to the supplier
    lost = "lost"
    found = "found"  # booked as lost before, and it was there after all


class TransferState(StrEnum):
    """Pieces on their way from one branch to another."""

    sent = "sent"
    differs = "differs"  # received, and not everything was in the box
    settled = "settled"  # every piece arrived or is booked as lost


class TransferAction(StrEnum):
    receive = "receive"
    receive_short = "receive_short"
    settle = "settle"


class ImportState(StrEnum):
    """A file of deliveries: looked at first, taken over only on the supervisor's word."""

    previewed = "previewed"
    taking = "taking"  # being taken over, part by part
    imported = "imported"
    dropped = "dropped"


class ImportAction(StrEnum):
    take_over = "take_over"
    finish = "finish"
    stop = "stop"  # before the first line is in the books: nothing of it is taken over
    drop = "drop"


class ExceptionKind(StrEnum):
    """What only a supervisor can allow, besides the grants of the case kinds."""

    fee_waiver = "fee_waiver"
    admission = "admission"  # no rule covers the applicant: admitted in person, on a recorded ground
    refund = "refund"
    correction = "correction"  # of a record that papers were already issued by


class ExceptionState(StrEnum):
    asked = "asked"
    granted = "granted"  # and not yet used
    used = "used"  # final
    refused = "refused"  # final
    withdrawn = "withdrawn"  # final
    lapsed = "lapsed"  # final: nobody decided, or nobody used it, in time


class ExceptionAction(StrEnum):
    grant = "grant"
    use = "use"
    refuse = "refuse"
    withdraw = "withdraw"
    lapse = "lapse"


class MoneyKind(StrEnum):
    """Entries beside the receipts. Nothing is ever edited."""

    refund = "refund"
    waiver = "waiver"  # no money moved
    float_in = "float_in"  # change put into the drawer
    banked = "banked"  # taken out of the drawer and paid in
    difference = "difference"  # an explained difference at the day close; may be negative


class DayState(StrEnum):
    """One day of one branch, from the count on."""

    counted = "counted"
    closed = "closed"  # final: countersigned
    recounted = "recounted"  # final: this count was thrown away, another follows


class DayAction(StrEnum):
    countersign = "countersign"
    count_again = "count_again"


class ShiftState(StrEnum):
    offered = "offered"
    accepted = "accepted"  # final
    declined = "declined"  # final: what was counted together is not what was written


class ShiftAction(StrEnum):
    accept = "accept"
    decline = "decline"


class DraftState(StrEnum):
    """A new edition of the rules, before it is one."""

    draft = "draft"
    proposed = "proposed"  # a second supervisor must publish it
    published = "published"  # final
    dropped = "dropped"  # final


class DraftAction(StrEnum):
    save = "save"
    propose = "propose"
    take_back = "take_back"
    publish = "publish"
    drop = "drop"


class JobKind(StrEnum):
    """Work that takes longer than a page may wait."""

    stock_import = "stock_import"
    list_export = "list_export"
    edition_preview = "edition_preview"
    period_report = "period_report"
    destruction = "destruction"
    trace_check = "trace_check"  # of what destructions left behind


class JobState(StrEnum):
    waiting = "waiting"
    running = "running"
    done = "done"  # final
    failed = "failed"  # final: tried as often as is sensible, or what was asked cannot be done
    cancelled = "cancelled"  # final


class JobAction(StrEnum):
    take = "take"
    finish = "finish"
    fail = "fail"
    cancel = "cancel"


class HoldState(StrEnum):
    """A legal hold: while it stands nothing of the case is destroyed."""

    standing = "standing"
    lifted = "lifted"


class HoldAction(StrEnum):
    lift = "lift"


class DestructionState(StrEnum):
    """A list of cases whose time is over."""

    proposed = "proposed"
    approved_once = "approved_once"
    approved = "approved"  # by two; being carried out
    destroyed = "destroyed"  # final
    dropped = "dropped"  # final


class DestructionAction(StrEnum):
    approve = "approve"
    carry_out = "carry_out"
    drop = "drop"


class BindingState(StrEnum):
    """Whether a binding lasts."""

    live = "live"
    ended = "ended"


class GrantUse(StrEnum):
    """What became of a leave that was given."""

    used = "used"
    unused = "unused"  # not yet, or it lapsed


class Waits(StrEnum):
    """Asked of a list: only what waits at the own branch."""

    yes = "yes"

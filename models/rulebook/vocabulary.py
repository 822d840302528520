"""One word per thing. Every closed list of the trade, as enumerations whose names equal their values.

The values are stored in the database and travel on the wire; the words that people read are in the catalogue.
Source: the two user manuals, and the trade's glossary in the README.
"""

from enum import StrEnum


class ApplicantKind(StrEnum):
    enterprise = "enterprise"  # 企业法人
    government_organ = "government_organ"  # 机关
    public_institution = "public_institution"  # 事业单位
    social_organisation = "social_organisation"  # 社会团体法人
    joint_operation = "joint_operation"  # 联营
    branch = "branch"  # 企事业单位分支机构
    private_non_enterprise = "private_non_enterprise"  # 民办非企业单位
    individual_business = "individual_business"  # 个体工商户
    military_unit = "military_unit"  # 部队单位


class DocumentKind(StrEnum):
    application_form = "application_form"
    organisation_code_certificate = "organisation_code_certificate"
    business_licence = "business_licence"
    tax_registration = "tax_registration"
    code_bearing_licence = "code_bearing_licence"
    identity_document = "identity_document"
    token = "token"  # the medium that the certificate is on
    statement_of_loss = "statement_of_loss"


class Mark(StrEnum):
    seal = "seal"
    signature = "signature"


class TaxAuthority(StrEnum):
    state = "state"  # 国税
    local = "local"  # 地税


class Holder(StrEnum):
    presenter = "presenter"
    other = "other"


class Use(StrEnum):
    tax = "tax"
    annual_inspection = "annual_inspection"
    e_seal = "e_seal"


class IdentityKind(StrEnum):
    resident_card = "resident_card"  # 居民身份证
    hmt_residence_permit = "hmt_residence_permit"  # 港澳台居民居住证
    hm_travel_permit = "hm_travel_permit"  # 港澳居民来往内地通行证
    tw_travel_permit = "tw_travel_permit"  # 台湾居民来往大陆通行证
    foreigner_residence_card = "foreigner_residence_card"  # 外国人永久居留身份证
    passport = "passport"
    military_card = "military_card"  # 军官证 / 士兵证


class Role(StrEnum):
    clerk = "clerk"
    reviewer = "reviewer"
    supervisor = "supervisor"
    auditor = "auditor"
    administrator = "administrator"


class StaffState(StrEnum):
    active = "active"
    disabled = "disabled"


class CaseKind(StrEnum):
    """What each kind asks for is in `kinds`."""

    new = "new"
    additional = "additional"
    renewal = "renewal"
    amendment = "amendment"
    replacement_damaged = "replacement_damaged"
    replacement_lost = "replacement_lost"
    unlock = "unlock"
    suspension = "suspension"
    resumption = "resumption"
    revocation = "revocation"
    binding_reset = "binding_reset"  # the live binding at a platform ends; the holder binds again at his next login
    rebinding = "rebinding"  # the same, and the certificate to be bound next is chosen
    credentials_reset = "credentials_reset"  # a platform's own user name or password: relayed to the registry authority


class CaseState(StrEnum):
    draft = "draft"  # being filled in at the intake desk
    correction = "correction"  # not accepted: the applicant was told what to bring
    in_review = "in_review"
    awaiting_grant = "awaiting_grant"  # a supervisor must agree
    returned = "returned"  # the reviewer sent it back to the intake desk
    refused = "refused"  # final
    withdrawn = "withdrawn"  # final
    awaiting_payment = "awaiting_payment"
    ready_to_issue = "ready_to_issue"
    issuing = "issuing"  # at least one ceremony was begun, not every item is settled
    awaiting_handover = "awaiting_handover"
    awaiting_acknowledgement = "awaiting_acknowledgement"  # the platform was told and has not yet said that it obeyed
    awaiting_answer = "awaiting_answer"  # relayed; the registry authority has not yet answered
    closed = "closed"  # final


class CaseAction(StrEnum):
    save = "save"
    accept = "accept"
    request_correction = "request_correction"
    reopen = "reopen"  # the applicant came back, or the clerk takes up a returned case
    withdraw = "withdraw"
    approve = "approve"  # leads to awaiting_payment
    send_back = "send_back"
    refuse = "refuse"
    amend = "amend"  # a later edit: the approval is cancelled
    settle = "settle"  # the fee is paid, or there is none
    begin_issuance = "begin_issuance"
    finish_issuance = "finish_issuance"  # every item is made or given up
    resume_issuance = "resume_issuance"  # a made item was undone before handover
    close = "close"  # every item is handed over or given up
    ask_grant = "ask_grant"  # of a supervisor; once more where a grant lapsed or was used in vain
    grant = "grant"
    carry_out = "carry_out"  # a change of status alone: no ceremony, nothing to hand over
    tell_platform = "tell_platform"  # the binding ended here; the platform is told
    acknowledge = "acknowledge"  # the platform obeyed
    relay = "relay"  # passed on to the registry authority
    answer = "answer"  # the registry authority answered


class ItemState(StrEnum):
    """One certificate asked for in a case."""

    ordered = "ordered"
    in_ceremony = "in_ceremony"
    made = "made"  # token and confirmed envelope lie ready
    handed_over = "handed_over"
    given_up = "given_up"


class ItemAction(StrEnum):
    begin = "begin"
    make = "make"
    undo = "undo"
    spoil = "spoil"
    hand_over = "hand_over"
    give_up = "give_up"


class RunKind(StrEnum):
    """What a ceremony does to its token."""

    issue = "issue"  # blank token: initialised, new key, certificate, PIN envelope
    rekey = "rekey"  # the holder's token: a new key beside the old one, a new certificate, the same PIN
    unlock = "unlock"  # the holder's token: a new PIN by the officer, key and certificate unharmed, PIN envelope


class RunState(StrEnum):
    """One ceremony run: one item, one token, one station. In order of the undisturbed road."""

    queued = "queued"  # waits for the station to take it
    inspecting = "inspecting"
    awaiting_pin = "awaiting_pin"  # the holder types his PIN at the station
    initialising = "initialising"
    generating = "generating"
    certifying = "certifying"
    writing = "writing"
    proving = "proving"
    printing = "printing"
    awaiting_confirmation = "awaiting_confirmation"  # envelope made; its number must be typed or scanned back
    confirmed = "confirmed"  # final
    stopped = "stopped"  # a named fault; `Run.fault` says which, the table of ways out says what can be done
    cancelled = "cancelled"  # final


class RunAction(StrEnum):
    take = "take"
    report = "report"
    stop = "stop"
    resume = "resume"
    confirm = "confirm"
    spoil_envelope = "spoil_envelope"
    cancel = "cancel"


class Fault(StrEnum):
    """Why a ceremony stopped."""

    no_token = "no_token"
    wrong_token = "wrong_token"
    token_not_blank = "token_not_blank"
    token_removed = "token_removed"
    driver_hung = "driver_hung"
    driver_failed = "driver_failed"
    station_gone = "station_gone"
    authority_refused = "authority_refused"
    authority_unreachable = "authority_unreachable"
    key_lost = "key_lost"  # the certificate was signed, and the token no longer holds its key
    proof_failed = "proof_failed"
    printer_jammed = "printer_jammed"
    no_envelope = "no_envelope"  # the branch's envelope stock is empty
    wrong_key = "wrong_key"  # the holder's token does not hold the key of the certificate at hand
    pin_locked = "pin_locked"
    pin_not_given = "pin_not_given"  # the holder went away, or does not know his PIN


class CertificateStatus(StrEnum):
    prepared = "prepared"  # stored to be signed; not signed yet
    on_hold = "on_hold"  # signed, its token not handed over (CRL: certificateHold)
    valid = "valid"
    suspended = "suspended"  # CRL: certificateHold
    revoked = "revoked"


class CertificateAction(StrEnum):
    sign = "sign"
    release = "release"  # off hold: the token was handed over
    suspend = "suspend"
    resume = "resume"
    revoke = "revoke"


class RevocationReason(StrEnum):
    """RFC 5280, 5.3.1, as far as a counter may give them."""

    unspecified = "unspecified"
    key_compromise = "key_compromise"
    affiliation_changed = "affiliation_changed"
    superseded = "superseded"
    cessation_of_operation = "cessation_of_operation"
    certificate_hold = "certificate_hold"


class TokenState(StrEnum):
    announced = "announced"  # of a file of deliveries that is being taken over: nobody can use it yet
    in_stock = "in_stock"
    in_ceremony = "in_ceremony"
    made = "made"
    handed_over = "handed_over"
    spoiled = "spoiled"
    returned = "returned"  # a holder's medium handed in, or a blank one sent back to the supplier
    lost = "lost"  # by its holder
    in_transit = "in_transit"  # on its way to another branch
    missing = "missing"  # a blank one that is not where it should be; it may turn up


class TokenAction(StrEnum):
    receive = "receive"  # its delivery is in the books
    begin = "begin"
    make = "make"
    reopen = "reopen"  # its envelope was spoiled after confirmation: back to the station for a new PIN
    put_back = "put_back"  # the run was cancelled before the station touched the token
    spoil = "spoil"
    hand_over = "hand_over"
    take_in = "take_in"  # the holder brought it for a new PIN or a new certificate
    give_back = "give_back"  # the run on the holder's token was cancelled; what it held it still holds
    hand_in = "hand_in"  # damaged: booked as returned
    lose = "lose"
    send_away = "send_away"  # a blank one, to another branch
    arrive = "arrive"
    send_back = "send_back"  # a blank one, to the supplier
    miss = "miss"  # a blank one is not where it should be
    recover = "recover"  # it was there after all


class EnvelopeState(StrEnum):
    announced = "announced"  # as a token
    in_stock = "in_stock"
    allotted = "allotted"  # its number belongs to a run; perhaps printed
    live = "live"  # confirmed: its PIN opens its token
    void = "void"  # spoiled, unconfirmed or overtaken by a new PIN
    in_transit = "in_transit"
    spoiled = "spoiled"  # an empty one
    returned = "returned"  # to the supplier
    missing = "missing"


class EnvelopeAction(StrEnum):
    receive = "receive"
    allot = "allot"
    confirm = "confirm"
    void = "void"
    spoil = "spoil"
    send_away = "send_away"
    arrive = "arrive"
    send_back = "send_back"
    miss = "miss"
    recover = "recover"  # it was there after all


class StationState(StrEnum):
    awaiting_enrolment = "awaiting_enrolment"
    enrolled = "enrolled"
    disabled = "disabled"


class PaymentMethod(StrEnum):
    cash = "cash"
    card = "card"
    transfer = "transfer"


class KeyProfile(StrEnum):
    rsa_2048 = "rsa_2048"
    p_256 = "p_256"


class PlatformState(StrEnum):
    active = "active"
    disabled = "disabled"


class Scope(StrEnum):
    """What a platform's access token is good for (OAuth 2.0, RFC 6749, 3.3)."""

    read_certificates = "certificates:read"
    read_bindings = "bindings:read"
    write_bindings = "bindings:write"
    read_events = "events:read"  # the feed, and the acknowledgement of what it told


class BindingEnd(StrEnum):
    """Why a binding ended."""

    reset = "reset"  # by the counter; the next login binds anew
    rebinding = "rebinding"  # by the counter; another certificate was chosen
    moved = "moved"  # its certificate was renewed or replaced, and the platform lets the binding go along
    certificate_replaced = "certificate_replaced"  # the same, and the platform wants it bound anew
    certificate_revoked = "certificate_revoked"
    chosen_anew = "chosen_anew"  # the holder has several certificates by now and chose again at his login
    by_platform = "by_platform"


class EventKind(StrEnum):
    """What a platform is told, each in its turn."""

    binding_made = "binding.made"
    binding_ended = "binding.ended"
    binding_moved = "binding.moved"
    certificate_suspended = "certificate.suspended"
    certificate_resumed = "certificate.resumed"
    certificate_revoked = "certificate.revoked"


class DeliveryState(StrEnum):
    """Of one event on its way to one platform. Whether the platform obeyed is told by its acknowledgement alone."""

    waiting = "waiting"
    delivered = "delivered"  # its webhook took it, or it was read from the feed
    dead = "dead"  # given up after the last try; a supervisor may send it again


class DeliveryAction(StrEnum):
    deliver = "deliver"
    give_up = "give_up"
    send_again = "send_again"


class RelayAnswer(StrEnum):
    """What the registry authority said to a reset of a platform's user name or password."""

    done = "done"
    refused = "refused"

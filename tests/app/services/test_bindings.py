"""Bindings from the first login to their end: what platforms ask for, what the counter does, and who is told."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.services.acknowledge_events import acknowledge_events, take_from_feed
from app.services.bind_certificate import BindingRefused, BindOrder, bind_certificate
from app.services.end_binding import end_by_platform
from app.services.errors import Absent, Faulty, Forbidden, Refusal
from app.services.examine_binding import advise, choosable, examine_binding
from app.services.world import World
from models.rulebook.bindings import AdviceCode, BindingCode
from models.rulebook.vocabulary import (
    BindingEnd,
    CaseKind,
    CertificateStatus,
    DeliveryState,
    EventKind,
    PlatformState,
    Use,
)
from models.tables import Binding, Certificate, Handover, IdempotentAnswer, JournalLine, Platform
from models.worklists.bindings import register
from tests.builders.aftercare import Held, agreed, plant_held
from tests.builders.bindings import bind, binding_now, bindings_at, plant_bound
from tests.builders.platforms import deliveries, events_of, plant_platform
from tests.invariants_bindings import binding_violations


@pytest.fixture(autouse=True)
def _nothing_is_broken(world: World) -> Iterator[None]:
    yield
    with world.reading() as session:
        assert list(binding_violations(session)) == []


@pytest.fixture
def inspection(world: World) -> Platform:
    return plant_platform(world)


@pytest.fixture
def held(world: World) -> Held:
    return plant_held(world)


def kinds_told(world: World, platform: Platform) -> list[EventKind]:
    return [event.kind for event in events_of(world, platform)]


# --- binding ----------------------------------------------------------------------------------------------------------------


def test_the_first_login_binds_and_is_told(world: World, inspection: Platform, held: Held) -> None:
    bound = bind(world, inspection, held, "user-17")
    assert (bound.outcome, bound.created, bound.ended, bound.replayed) == (BindingCode.may_bind, True, None, False)
    row = binding_now(world, bound.key)
    assert (row.certificate_id, row.account_reference, row.since) == (held.certificate_id, "user-17", world.now())
    (event,) = events_of(world, inspection)
    assert event.body == {
        "id": event.key,
        "number": 1,
        "type": "binding.made",
        "at": world.now().isoformat(),
        "platform": "inspection",
        "binding": {
            "id": bound.key,
            "account_reference": "user-17",
            "certificate": held.serial,
            "since": world.now().isoformat(),
            "until": None,
            "end": None,
        },
        "reason_zh": "证书已绑定。",
        "reason_en": "The certificate was bound.",
    }
    with world.reading() as session:
        line = session.scalars(select(JournalLine).where(JournalLine.subject == "binding")).one()
        assert (line.act, line.platform_id, line.staff_id, line.branch_id) == ("bind", inspection.id, None, None)


def test_bound_already_it_stays_as_it_is(world: World, inspection: Platform, held: Held) -> None:
    first = bind(world, inspection, held)
    world.clock.move(days=30)
    again = bind(world, inspection, held)
    assert (again.outcome, again.created, again.key, again.since) == (BindingCode.already_bound, False, first.key, first.since)
    assert kinds_told(world, inspection) == [EventKind.binding_made]


def test_another_account_does_not_take_a_bound_certificate_over(world: World, inspection: Platform, held: Held) -> None:
    bind(world, inspection, held, "u-1")
    with pytest.raises(BindingRefused) as refused:
        bind(world, inspection, held, "u-2")
    assert (refused.value.code, refused.value.facts["clause"]) == ("other_account", "D.binding.1")
    assert "另一个账户" in refused.value.facts["zh"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (CertificateStatus.on_hold, "not_handed_over"),
        (CertificateStatus.suspended, "suspended"),
        (CertificateStatus.revoked, "revoked"),
    ],
)
def test_a_certificate_out_of_order_is_refused_with_its_reason(
    world: World, inspection: Platform, status: CertificateStatus, code: str
) -> None:
    held = plant_held(world, status=status)
    with pytest.raises(BindingRefused, match=code):
        bind(world, inspection, held)
    assert examine_binding(world, inspection.id, held.serial).verdict.code == code


def test_the_answer_to_a_question_is_what_binding_would_say(world: World, inspection: Platform, held: Held) -> None:
    examined = examine_binding(world, inspection.id, held.serial)
    assert (examined.verdict.code, examined.certificate) == (BindingCode.may_bind, held.serial)
    bind(world, inspection, held)
    assert examine_binding(world, inspection.id, held.serial).verdict.code is BindingCode.already_bound
    world.clock.move(days=400)
    assert examine_binding(world, inspection.id, held.serial).verdict.code is BindingCode.expired
    unknown = examine_binding(world, inspection.id, "7" * 32)
    assert (unknown.verdict.code, unknown.certificate) == (BindingCode.certificate_unknown, None)


def test_a_certificate_of_another_use_is_refused(world: World) -> None:
    hall = plant_platform(world, "tax_hall", wanted_use=Use.tax, one_of_several=False)
    with pytest.raises(BindingRefused, match="wrong_use"):
        bind(world, hall, plant_held(world))
    assert bind(world, hall, plant_held(world, uses=("tax", "e_seal"))).created


def test_each_applicant_and_each_platform_has_its_own_place(world: World, inspection: Platform, held: Held) -> None:
    hall = plant_platform(world, "tax_hall", wanted_use=None)
    other = plant_held(world)
    assert all(bind(world, where, who).created for where in (inspection, hall) for who in (held, other))
    with world.reading() as session:
        assert [row.id for row in register(session).rows] == [4, 3, 2, 1]
        assert [row.id for row in register(session, platform_id=hall.id, credit_code=held.credit_code).rows] == [3]


def test_with_a_second_certificate_the_choice_is_made_anew_and_then_stands(
    world: World, inspection: Platform, held: Held
) -> None:
    first = bind(world, inspection, held)
    world.clock.move(days=1)
    second = plant_held(world, beside=held)
    with world.reading() as session:
        (advised,) = advise(session, held.applicant_id, world.now())
        assert advised.standing.stale
        assert advised.advice.code is AdviceCode.choose_one
        assert {one.serial for one in advised.certificates} == {held.serial, second.serial}
    world.clock.move(hours=1)
    chosen = bind(world, inspection, second)
    assert (chosen.outcome, chosen.ended) == (BindingCode.choose_anew, first.key)
    assert binding_now(world, first.key).end is BindingEnd.chosen_anew
    with pytest.raises(BindingRefused) as refused:
        bind(world, inspection, held)
    assert refused.value.code == "bound_to_other"
    assert "该单位已绑定另一张证书" in refused.value.facts["zh"]
    assert "到窗口办理改绑" in refused.value.facts["zh"]
    world.clock.move(days=1)
    plant_held(world, beside=held)  # a third one changes nothing
    assert bind(world, inspection, second).outcome is BindingCode.already_bound
    made, ended = EventKind.binding_made, EventKind.binding_ended
    assert kinds_told(world, inspection) == [made, ended, made]


def test_a_certificate_that_was_never_handed_over_is_not_a_second_one(world: World, inspection: Platform, held: Held) -> None:
    bind(world, inspection, held)
    world.clock.move(days=1)
    other = plant_held(world, beside=held, status=CertificateStatus.on_hold)
    with world.writing() as session:
        session.delete(session.scalars(select(Handover).where(Handover.certificate_id == other.certificate_id)).one())
        session.commit()
    assert bind(world, inspection, held).outcome is BindingCode.already_bound


# --- the same request twice --------------------------------------------------------------------------------------------------


def test_the_same_key_gets_the_first_answer_whatever_happened_since(world: World, inspection: Platform, held: Held) -> None:
    first = bind(world, inspection, held, key="key-1")
    world.clock.move(hours=1)
    end_by_platform(world, inspection.id, first.key)
    again = bind(world, inspection, held, key="key-1")
    assert again.replayed
    assert (again.outcome, again.key, again.since, again.ended) == (first.outcome, first.key, first.since, None)
    assert len(bindings_at(world, inspection)) == 1


def test_another_request_under_the_same_key_is_refused(world: World, inspection: Platform, held: Held) -> None:
    bind(world, inspection, held, "u-1", key="key-1")
    for account, who in (("u-2", held), ("u-1", plant_held(world))):
        with pytest.raises(Refusal, match="idempotency_key_reused"):
            bind(world, inspection, who, account, key="key-1")


def test_a_key_belongs_to_its_platform(world: World, inspection: Platform, held: Held) -> None:
    hall = plant_platform(world, "tax_hall", wanted_use=None)
    assert not bind(world, inspection, held, key="key-1").replayed
    assert not bind(world, hall, held, key="key-1").replayed


def test_a_refusal_is_judged_anew_under_the_same_key(world: World, inspection: Platform, held: Held) -> None:
    second = plant_held(world, beside=held)
    first = bind(world, inspection, held)
    with pytest.raises(BindingRefused, match="bound_to_other"):
        bind(world, inspection, second, key="key-2")
    end_by_platform(world, inspection.id, first.key)
    assert bind(world, inspection, second, key="key-2").created
    with world.reading() as session:
        assert len(session.scalars(select(IdempotentAnswer)).all()) == 2


@pytest.mark.parametrize(
    ("account", "key", "fields"),
    [
        ("", "k", {"account_reference": "required"}),
        ("  ", "k", {"account_reference": "required"}),
        ("a" * 81, "k" * 81, {"account_reference": "too_long", "idempotency_key": "too_long"}),
        ("u", "", {"idempotency_key": "required"}),
    ],
)
def test_an_incomplete_request_names_its_fields(
    world: World, inspection: Platform, held: Held, account: str, key: str, fields: dict[str, str]
) -> None:
    with pytest.raises(Faulty) as faulty:
        bind_certificate(world, inspection.id, BindOrder(held.serial, account, key))
    assert faulty.value.fields == fields


# --- ending ------------------------------------------------------------------------------------------------------------------


def test_a_platform_ends_its_binding_once_and_the_certificate_may_be_bound_again(
    world: World, inspection: Platform, held: Held
) -> None:
    bound = plant_bound(world, inspection, held)
    ended = end_by_platform(world, inspection.id, bound.key, "用户注销")
    assert (ended.end, ended.already) == (BindingEnd.by_platform, False)
    world.clock.move(hours=1)
    again = end_by_platform(world, inspection.id, bound.key, "用户注销")
    assert (again.already, again.until) == (True, ended.until)
    assert kinds_told(world, inspection) == [EventKind.binding_made, EventKind.binding_ended]
    assert events_of(world, inspection)[-1].body["binding"]["end"] == "by_platform"
    assert bind(world, inspection, held).outcome is BindingCode.may_bind


def test_another_platforms_binding_does_not_exist(world: World, inspection: Platform, held: Held) -> None:
    bound = plant_bound(world, inspection, held)
    hall = plant_platform(world, "tax_hall")
    for key in (bound.key, "0" * 32):
        with pytest.raises(Absent):
            end_by_platform(world, hall.id, key)
    assert binding_now(world, bound.key).until is None


def test_a_platform_that_is_switched_off_may_do_nothing(world: World, inspection: Platform, held: Held) -> None:
    bound = plant_bound(world, inspection, held)
    with world.writing() as session:
        session.execute(update(Platform).where(Platform.id == inspection.id).values(state=PlatformState.disabled))
        session.commit()
    for act in (
        lambda: bind(world, inspection, held),
        lambda: examine_binding(world, inspection.id, held.serial),
        lambda: end_by_platform(world, inspection.id, bound.key),
        lambda: acknowledge_events(world, inspection.id, up_to=1),
        lambda: take_from_feed(world, inspection.id, 1),
    ):
        with pytest.raises(Forbidden, match="platform_disabled"):
            act()
    with pytest.raises(Absent):
        bind_certificate(world, 999, BindOrder(held.serial, "u", "k"))


def test_the_database_itself_holds_that_one_binding_is_live(world: World, inspection: Platform, held: Held) -> None:
    bound = plant_bound(world, inspection, held)
    second = plant_held(world, beside=held)
    with world.writing() as session:
        session.add(
            Binding(
                key="f" * 32,
                platform_id=inspection.id,
                applicant_id=bound.applicant_id,
                certificate_id=second.certificate_id,
                account_reference="u-2",
                since=world.now(),
            )
        )
        with pytest.raises(IntegrityError):
            session.flush()


# --- what happens to the certificate happens to its bindings -----------------------------------------------------------------


def test_a_revoked_certificates_bindings_end_everywhere(world: World, inspection: Platform, held: Held) -> None:
    hall = plant_platform(world, "tax_hall", wanted_use=None)
    keys = [plant_bound(world, where, held).key for where in (inspection, hall)]
    case = agreed(world, held, CaseKind.revocation)
    for key, platform in zip(keys, (inspection, hall), strict=True):
        row = binding_now(world, key)
        assert (row.end, row.case_id, row.until) == (BindingEnd.certificate_revoked, case.id, world.now())
        assert kinds_told(world, platform) == [EventKind.binding_made, EventKind.binding_ended]
        assert events_of(world, platform)[-1].case_id is None  # nobody waits for it


def test_suspension_and_resumption_are_told_and_the_binding_stays(world: World, inspection: Platform, held: Held) -> None:
    bound = plant_bound(world, inspection, held)
    agreed(world, held, CaseKind.suspension)
    assert examine_binding(world, inspection.id, held.serial).verdict.code is BindingCode.suspended
    agreed(world, held, CaseKind.resumption)
    assert kinds_told(world, inspection) == [
        EventKind.binding_made,
        EventKind.certificate_suspended,
        EventKind.certificate_resumed,
    ]
    assert binding_now(world, bound.key).until is None
    assert bind(world, inspection, held).outcome is BindingCode.already_bound


def test_a_lost_tokens_bindings_end_with_the_supervisors_leave(world: World, inspection: Platform, held: Held) -> None:
    bound = plant_bound(world, inspection, held)
    agreed(world, held, CaseKind.replacement_lost)
    assert binding_now(world, bound.key).end is BindingEnd.certificate_revoked


def test_an_expired_certificate_keeps_its_place_until_it_is_renewed_or_another_is_chosen(
    world: World, inspection: Platform, held: Held
) -> None:
    bound = plant_bound(world, inspection, held)
    second = plant_held(world, beside=held, days=800)
    world.clock.move(days=366)
    with pytest.raises(BindingRefused, match="expired"):
        bind(world, inspection, held)
    assert binding_now(world, bound.key).until is None
    with world.reading() as session:
        assert [one.serial for one in choosable(session, inspection, held.applicant_id, world.now())] == [second.serial]
        (advised,) = advise(session, held.applicant_id, world.now())
        assert advised.advice.code is AdviceCode.bound_unusable


# --- what platforms have read and obeyed -------------------------------------------------------------------------------------


def test_what_was_read_from_the_feed_is_delivered_and_not_acknowledged(world: World, inspection: Platform) -> None:
    for _ in range(3):
        plant_bound(world, inspection, plant_held(world))
    assert take_from_feed(world, inspection.id, 2) == 2
    assert take_from_feed(world, inspection.id, 2) == 0
    assert deliveries(world, inspection) == [DeliveryState.delivered, DeliveryState.delivered, DeliveryState.waiting]
    assert all(event.acknowledged_at is None for event in events_of(world, inspection))


def test_acknowledged_by_name_or_by_number_and_once(world: World, inspection: Platform) -> None:
    hall = plant_platform(world, "tax_hall", wanted_use=None)
    for platform in (inspection, inspection, inspection, hall):
        plant_bound(world, platform, plant_held(world))
    first, second, third = (event.key for event in events_of(world, inspection))
    (others,) = (event.key for event in events_of(world, hall))
    said = acknowledge_events(world, inspection.id, [second, others, "nonsense", second])
    assert (said.acknowledged, said.already, said.unknown) == ((second,), (), (others, "nonsense"))
    at = world.now()
    world.clock.move(minutes=5)
    said = acknowledge_events(world, inspection.id, [second, first])
    assert (said.acknowledged, said.already) == ((first,), (second,))
    said = acknowledge_events(world, inspection.id, up_to=3)
    assert said.acknowledged == (third,)
    assert acknowledge_events(world, inspection.id, up_to=99).acknowledged == ()
    events = events_of(world, inspection)
    assert [event.delivery for event in events] == [DeliveryState.delivered] * 3
    assert events[1].acknowledged_at == at
    assert events_of(world, hall)[0].acknowledged_at is None
    with world.reading() as session:
        lines = session.scalars(select(JournalLine).where(JournalLine.act == "acknowledge")).all()
        assert [line.platform_id for line in lines] == [inspection.id] * 3


def test_what_a_webhook_did_not_take_is_delivered_when_it_is_acknowledged(world: World, inspection: Platform, held: Held) -> None:
    plant_bound(world, inspection, held)
    (event,) = events_of(world, inspection)
    with world.writing() as session:
        session.execute(update(type(event)).values(delivery=DeliveryState.dead))
        session.commit()
    acknowledge_events(world, inspection.id, [event.key])
    assert deliveries(world, inspection) == [DeliveryState.delivered]


def test_the_certificates_name_is_exact(world: World, inspection: Platform, held: Held) -> None:
    with pytest.raises(BindingRefused, match="certificate_unknown"):
        bind_certificate(world, inspection.id, BindOrder(held.serial.upper(), "u", "k"))
    with world.reading() as session:
        assert session.get_one(Certificate, held.certificate_id).serial == held.serial

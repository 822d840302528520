"""Every POST about staff, branches and stations, one's own account; and what is looked up, printed and carried out."""

import base64
from functools import partial

from app.services.edit_branch import version_of
from app.services.edit_staff import reset_access
from app.services.enrol_second_factor import offer_second_factor
from app.services.enrol_station import invite_station
from models.rulebook.vocabulary import Role
from models.tables import Branch, Staff, StaffRole, Station
from models.worklists.access import people_of
from tests.app.doubles.stage import ADMINISTRATORS, CLERKS, NOBODY, SUPERVISORS, Post, Scene, Stage
from tests.builders import aftercare, cases
from tests.builders.issuance import plant_scene, row
from tests.builders.people import PASSWORD, actor_of, branch_id_of, code_now, number_of


def newcomer(stage: Stage) -> Post:
    form = {"number": "HD77", "name": "样例新人", "branch_id": str(branch_id_of(stage.world)), "roles": ["clerk"]}
    return Post("/admin/staff/new", form)


def edited(stage: Stage) -> Post:
    clerk = actor_of(stage.world, which=2)
    form = {
        "version": "1",
        "name": "样例改名",
        "branch_id": str(clerk.branch_id),
        "roles": ["clerk", "reviewer"],
        "reason": "样例",
    }
    return Post(f"/admin/staff/{clerk.staff_id}", form)


def on_clerk(stage: Stage, step: str) -> Post:
    return Post(f"/admin/staff/{actor_of(stage.world, which=2).staff_id}/{step}", {"version": "1", "reason": "样例原因"})


def branch(stage: Stage) -> Post:
    return Post("/admin/places/branch", {"code": "ft01", "name_zh": "样例丰台网点", "name_en": "Sample Branch Fengtai"})


def renamed_branch(stage: Stage) -> Post:
    seen = row(stage.world, Branch, Branch.code == "CY01")
    form = {"version": str(version_of(seen)), "name_zh": "样例新址网点", "name_en": "Sample Branch Moved"}
    return Post(f"/admin/places/branch/{seen.id}", form)


def station(stage: Stage) -> Post:
    return Post("/admin/places/station", {"branch_id": str(branch_id_of(stage.world)), "name": "1 号窗口"})


def on_station(stage: Stage, step: str) -> Post:
    invited = invite_station(stage.world, actor_of(stage.world, Role.administrator), branch_id_of(stage.world), "工位一")
    seen = row(stage.world, Station, Station.id == invited.station_id)
    return Post(f"/admin/places/station/{seen.id}/{step}", {"version": str(seen.version), "reason": "样例原因"})


def review(stage: Stage) -> Post:
    """One loses a role, one is disabled; everybody else keeps what he has."""
    branch_id = branch_id_of(stage.world)
    with stage.world.writing() as session:
        reviewer = session.query(Staff).filter_by(number=number_of(Role.reviewer)).one()
        reviewer.role_rows.append(StaffRole(role=Role.clerk))
        session.commit()
    form = {"version": "0", "remark": "调岗"}
    with stage.world.reading() as session:
        for person in people_of(session, branch_id):
            if Role.supervisor not in person.staff.roles:
                form |= {f"decision_{person.staff.id}": "keep", f"seen_{person.staff.id}": str(person.staff.version)}
    form[f"decision_{reviewer.id}"] = "reduce:clerk"
    form[f"decision_{actor_of(stage.world, which=2).staff_id}"] = "disable"
    return Post(f"/admin/reviews/of/{branch_id}", form)


def reset_of_another_branch(stage: Stage) -> Staff:
    """The only supervisor of a branch, just after the administrator gave him new access: anybody else's supervisor agrees."""
    supervisor = actor_of(stage.world, Role.supervisor, "CY01")
    reset_access(stage.world, actor_of(stage.world, Role.administrator), supervisor.staff_id, 1, "手机丢失")
    return row(stage.world, Staff, Staff.id == supervisor.staff_id)


def agreed(stage: Stage) -> Post:
    seen = reset_of_another_branch(stage)
    return Post(f"/admin/staff/{seen.id}/agree", {"version": str(seen.version), "reason": "打电话问过本人"})


def known_reset(stage: Stage) -> Post:
    supervisor, clerk = actor_of(stage.world, Role.supervisor), actor_of(stage.world)
    with stage.world.writing() as session:
        session.query(Staff).filter_by(id=clerk.staff_id).update({"reset_by": supervisor.staff_id, "reset_at": stage.world.now()})
        session.commit()
    return Post("/account/reset-read", {"back": "/"})


def password(stage: Stage) -> Post:
    new = "another-counter-7"
    return Post("/account/password", {"old": PASSWORD, "new": new, "repeated": new})


def second_factor(stage: Stage) -> Post:
    """A supervisor whose telephone was lost: his access was given anew."""
    number = number_of(Role.supervisor)
    with stage.world.writing() as session:
        session.query(Staff).filter_by(number=number).update({"totp_secret": None})
        session.commit()
    offer = offer_second_factor(stage.world, actor_of(stage.world, Role.supervisor))
    form = {"offer": base64.b64encode(offer.sealed).decode(), "code": code_now(stage.world, offer.secret)}
    return Post("/account/second-factor", form)


def language(stage: Stage) -> Post:
    return Post("/account/language", {"language": "en", "back": "/"})


def signing_in(stage: Stage) -> Post:
    return Post("/login", {"number": number_of(Role.clerk), "password": PASSWORD})


def proving_again(stage: Stage) -> Post:
    return Post("/login/again", {"again_password": PASSWORD})


def signing_out(stage: Stage) -> Post:
    return Post("/logout")


def check(stage: Stage, slot: bool) -> Post:
    if slot:
        scene = plant_scene(stage.world, stage.app)
        return Post("/check/", {"serial": scene.serials[0], "asks_tax": "y", "mark": "a1b2"})
    return Post("/check/", {"serial": aftercare.plant_held(stage.world, days=5).serial, "asks_tax": "y", "mark": "a1b2"})


def call_list(stage: Stage, ending: str) -> Post:
    aftercare.plant_held(stage.world, days=5)
    return Post(f"/renewals/list.{ending}", {"window": "7"})


def identity(stage: Stage) -> Post:
    case = cases.in_review(stage.world)
    return Post(f"/cases/{case.id}/identity", {"reason": "核对来电"})


copies = "two copies leave the house, and each has its line"
SCENES = (
    Scene("staff.new", "", newcomer, SUPERVISORS, important=True),
    Scene("staff.edit", "", edited, SUPERVISORS),
    Scene("staff.switch", "", partial(on_clerk, step="switch"), SUPERVISORS),
    Scene("staff.reset", "", partial(on_clerk, step="reset"), SUPERVISORS),
    Scene("staff.agree", "", agreed, SUPERVISORS),
    Scene("account.reset_read", "", known_reset, CLERKS[:1]),
    Scene("reviews.begin", "", review, SUPERVISORS, important=True),
    Scene("places.branch", "", branch, ADMINISTRATORS),
    Scene("places.edit_branch", "", renamed_branch, ADMINISTRATORS),
    Scene("places.invite", "", station, ADMINISTRATORS, important=True),
    Scene("places.invite_again", "", partial(on_station, step="invite"), ADMINISTRATORS),
    Scene("places.disable", "", partial(on_station, step="disable"), ADMINISTRATORS),
    Scene("account.password", "", password, CLERKS[:1]),
    Scene("account.second_factor", "", second_factor, SUPERVISORS[:1]),
    Scene("account.language", "", language, CLERKS[:1]),
    Scene("account.sign_in", "", signing_in, NOBODY, each_counts="each answer carries a login of its own, each ends by itself"),
    Scene("account.again", "", proving_again, CLERKS[:1], each_counts="the password was given twice"),
    Scene("account.sign_out", "", signing_out, CLERKS[:1]),
    Scene("check.check", "a certificate", partial(check, slot=False), CLERKS[:1], important=True),
    Scene("check.check", "a token in a slot", partial(check, slot=True), CLERKS[:1]),
    Scene("renewals.print_", "", partial(call_list, ending="pdf"), CLERKS[:1], each_counts=copies),
    Scene("renewals.export", "", partial(call_list, ending="csv"), CLERKS[:1], each_counts=copies),
    Scene("casefile.identity", "", identity, CLERKS[:1], each_counts="numbers were shown twice, and each time has its line"),
)

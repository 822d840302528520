"""Who may do what: the whole page once more as a matrix, and the two conditions beside the role."""

from itertools import product

import pytest

from models.rulebook.permissions import (
    EVERY_BRANCH,
    PERMISSIONS,
    SECOND_FACTOR,
    Actor,
    Denial,
    Permission,
    Subject,
    denial,
    role_conflict,
)
from models.rulebook.vocabulary import Role

# c clerk, r reviewer, s supervisor, a auditor, m administrator
MATRIX = """
work_at_intake   c r . . .
read_case        c r s a .
find_case        c r s a .
review_case      . r . . .
take_payment     c r . . .
issue_token      c r . . .
hand_over_token  c r . . .
read_identity    c r s . .
work_at_aftercare c r . . .
read_call_list   c r s . .
read_applicant   c r s a .
grant_exception  . . s . .
work_at_bindings c r . . .
watch_platforms  . . s a .
tell_again       . . s . .
manage_platforms . . . . m
read_journal     c r s a .
supervise        . . s a .
manage_stock     . . s . .
count_stock      c r s . .
close_day        . . s . .
hand_over_shift  c r . . .
keep_drawer      . . s . .
ask_exception    c r . . .
decide_exception . . s . .
read_rules       . . s a .
write_rules      . . s . .
publish_rules    . . s . .
review_access    . . s . m
read_permissions . . s a m
export_lists     . . s a .
read_reports     . . s a .
hold_records     . . s . .
read_retention   . . s a .
propose_destruction . . s . .
approve_destruction . . s . .
manage_staff     . . s . m
manage_branches  . . . . m
own_account      c r s a m
"""
LETTERS = dict(zip("crsam", (Role.clerk, Role.reviewer, Role.supervisor, Role.auditor, Role.administrator), strict=True))
EXPECTED = {
    (Permission(name), role): letter in held
    for name, *held in (line.split() for line in MATRIX.strip().splitlines())
    for letter, role in LETTERS.items()
}
AGREEMENTS = {
    Permission.review_case,
    Permission.grant_exception,
    Permission.close_day,
    Permission.decide_exception,
    Permission.publish_rules,
    Permission.approve_destruction,
}
ANYWHERE = {
    Permission.manage_branches,
    Permission.own_account,
    Permission.watch_platforms,
    Permission.tell_again,
    Permission.manage_platforms,
    Permission.read_rules,
    Permission.write_rules,
    Permission.publish_rules,
    Permission.read_permissions,
    Permission.propose_destruction,
    Permission.approve_destruction,
}


def actor(*roles, staff_id=1, branch_id=10):
    return Actor(staff_id, "S0001", "样例", frozenset(roles), branch_id)


@pytest.mark.parametrize(("permission", "role"), [*product(Permission, Role)])
def test_every_permission_of_every_role(permission, role):
    assert (denial(permission, actor(role)) is None) == EXPECTED[permission, role]


@pytest.mark.parametrize(("permission", "role"), [*product(Permission, Role)])
def test_every_permission_of_every_role_at_another_branch(permission, role):
    elsewhere = denial(permission, actor(role), Subject(branch_id=11, opened_by=2))
    if not EXPECTED[permission, role]:
        assert elsewhere is Denial.role
    elif permission in ANYWHERE or role in (Role.auditor, Role.administrator):
        assert elsewhere is None
    else:
        assert elsewhere is Denial.branch


@pytest.mark.parametrize(("permission", "role"), [*product(Permission, Role)])
def test_only_an_agreement_is_barred_to_who_opened_the_case(permission, role):
    if EXPECTED[permission, role]:
        own = denial(permission, actor(role, staff_id=7), Subject(branch_id=10, opened_by=7))
        assert own is (Denial.opener if permission in AGREEMENTS else None)


def test_every_permission_is_on_the_page():
    assert set(PERMISSIONS) == set(Permission) == {permission for permission, _ in EXPECTED}


def test_who_has_no_role_may_nothing():
    assert {denial(permission, actor()) for permission in Permission} == {Denial.role}


def test_what_is_not_listed_is_denied():
    assert denial("open_the_safe", actor(*Role)) is Denial.role


def test_several_roles_add_up_and_do_not_lift_the_bar_on_ones_own_case():
    both = actor(Role.clerk, Role.reviewer, Role.supervisor, staff_id=7)
    for permission in Permission:
        expected = any(EXPECTED[permission, role] for role in both.roles)
        assert (denial(permission, both) is None) == expected
    assert denial(Permission.review_case, both, Subject(10, 7)) is Denial.opener
    assert denial(Permission.review_case, both, Subject(10, 8)) is None


def test_who_belongs_to_no_branch_sees_none_unless_he_sees_all():
    assert denial(Permission.read_case, actor(Role.clerk, branch_id=None), Subject(10)) is Denial.branch
    assert denial(Permission.read_case, actor(Role.auditor, branch_id=None), Subject(10)) is None


def test_the_auditor_changes_nothing():
    changing = set(Permission) - {
        Permission.read_case,
        Permission.find_case,
        Permission.read_applicant,
        Permission.read_journal,
        Permission.watch_platforms,
        Permission.supervise,  # lists to read; what changes something there asks for manage_staff
        Permission.own_account,
        Permission.read_permissions,
        Permission.read_rules,
        Permission.export_lists,  # leaves a line in the journal
        Permission.read_reports,
        Permission.read_retention,
    }
    assert {denial(permission, actor(Role.auditor)) for permission in changing} == {Denial.role}


def test_the_administrator_sees_no_case():
    for permission in (Permission.read_case, Permission.find_case, Permission.read_journal, Permission.read_identity):
        assert denial(permission, actor(Role.administrator, branch_id=None), Subject(10)) is Denial.role


def test_auditor_and_administrator_hold_no_other_role():
    for held in product((False, True), repeat=len(Role)):
        roles = frozenset(role for role, holds in zip(Role, held, strict=True) if holds)
        alone = bool(roles & {Role.auditor, Role.administrator}) and len(roles) > 1
        assert role_conflict(roles) == alone


def test_who_can_do_most_harm_proves_himself_twice_and_only_two_roles_see_every_branch():
    assert {Role.supervisor, Role.administrator} == SECOND_FACTOR
    assert {Role.auditor, Role.administrator} == EVERY_BRANCH

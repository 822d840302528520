"""Questions for tests: good papers by default, and Hypothesis strategies over everything the contract allows."""

from datetime import date, timedelta

from hypothesis import strategies as st

KINDS = [
    "enterprise",
    "government_organ",
    "public_institution",
    "social_organisation",
    "joint_operation",
    "branch",
    "private_non_enterprise",
    "individual_business",
    "military_unit",
]
PLAIN_LICENCES = ["organisation_code_certificate", "business_licence", "tax_registration"]


def form(**changes):
    return {"kind": "application_form", "copies": 2, "complete": True, "mark": "seal"} | changes


def licence(kind="code_bearing_licence", **changes):
    document = {"kind": kind, "duplicate": True, "original": True, "photocopy": True, "mark": "seal"}
    return document | ({"authority": None} if kind == "tax_registration" else {}) | changes


def identity(**changes):
    document = {"kind": "identity_document", "holder": "presenter", "expires_on": "2030-01-01"}
    return document | {"original": True, "photocopy": True, "mark": "seal"} | changes


def papers(*documents, reference=None, seal_at_counter=False):
    documents = documents or (form(), licence(), identity())
    return {"reference": reference, "seal_at_counter": seal_at_counter, "documents": list(documents)}


def question(*sets, applicant=None, proprietor=False, local_tax=True, **changes):
    """An enterprise with a seal and good papers for one certificate; `applicant` changes its facts."""
    facts = {
        "kind": "enterprise",
        "name": "北京某某科技有限公司",
        "has_seal": True,
        "named_after_proprietor": False,
        "holds_code_bearing_licence": False,
        "established_on": "2015-03-01",
        "certificates_issued": 0,
    }
    return {
        "on": "2026-11-21",
        "applicant": facts | (applicant or {}),
        "presenter": {"is_proprietor": proprietor},
        "uses": [],
        "branch": {"is_local_tax": local_tax},
        "computer_code_known": True,
        "tax_numbers_differ": False,
        "certificates": max(1, len(sets)),
        "sets": list(sets) or [papers()],
    } | changes


def signed(document):
    return document | {"mark": "signature"}


def proprietors_question(*sets, **changes):
    """A sole proprietor without a seal, in person, whose papers are signed."""
    applicant = {"kind": "individual_business", "has_seal": False, "named_after_proprietor": True}
    good = papers(signed(form()), signed(licence()), signed(identity()))
    return question(*(sets or (good,)), applicant=applicant | changes.pop("applicant", {}), proprietor=True, **changes)


marks = st.sampled_from(["seal", "signature", None])
# Days around the two that matter: the day of the question and 8 August 2016.
_near = st.sampled_from([date(2016, 8, 8), date(2026, 11, 21)])
days = st.builds(lambda day, away: (day + timedelta(days=away)).isoformat(), _near, st.integers(-2, 2)) | st.dates().map(
    date.isoformat
)
mostly = st.sampled_from([True, True, True, False])  # so that several good documents meet in one set
forms = st.builds(form, copies=st.sampled_from([0, 1, 2, 2, 3]), complete=mostly, mark=marks)
_paper = {"original": mostly, "photocopy": mostly, "mark": marks}
licences = st.sampled_from([*PLAIN_LICENCES, "code_bearing_licence"]).flatmap(
    lambda kind: st.builds(
        licence,
        st.just(kind),
        duplicate=mostly,
        **_paper,
        **({"authority": st.sampled_from(["state", "local", None])} if kind == "tax_registration" else {}),
    )
)
identities = st.builds(
    identity, holder=st.sampled_from(["presenter", "presenter", "other"]), expires_on=st.none() | days, **_paper
)
sets = st.builds(
    lambda documents, reference, seal: papers(reference=reference, seal_at_counter=seal) | {"documents": documents},
    st.lists(forms | licences | identities, max_size=6),
    st.sampled_from([None, "", "S-1", "S-2", "s-1"]),
    st.booleans(),
)
questions = st.builds(
    lambda on, applicant, proprietor, local, uses, known, differ, certificates, some: (
        question(applicant=applicant, proprietor=proprietor, local_tax=local)
        | {
            "on": on,
            "uses": uses,
            "computer_code_known": known,
            "tax_numbers_differ": differ,
            "certificates": certificates,
            "sets": some,
        }
    ),
    days,
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["individual_business", *KINDS]),
            "name": st.text(max_size=5),
            "has_seal": st.booleans(),
            "named_after_proprietor": mostly,
            "holds_code_bearing_licence": st.booleans(),
            "established_on": st.none() | days,
            "certificates_issued": st.integers(0, 3),
        }
    ),
    st.booleans(),
    st.booleans(),
    st.lists(st.sampled_from(["tax", "annual_inspection", "e_seal"]), unique=True),
    st.booleans(),
    st.booleans(),
    st.integers(1, 4) | st.integers(1, 99),
    st.lists(sets, max_size=4),
)

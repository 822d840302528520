"""What the first edition demands, once more and slowly, straight over the JSON question: written from the trade's table of kinds."""

from tests.models.rulebook import oracle

# kind: papers in the order of the clauses, what it costs.
ASKED = {
    "renewal": (["licence", "identity", "token"], "0.00"),
    "amendment": (["form", "licence", "identity", "token"], "0.00"),
    "replacement_damaged": (["form", "licence", "identity", "token"], "80.00"),
    "replacement_lost": (["form", "identity", "statement"], "80.00"),
    "unlock": (["licence", "identity", "token"], "0.00"),
    "suspension": (["licence", "identity"], "0.00"),
    "resumption": (["licence", "identity"], "0.00"),
    "revocation": (["licence", "identity", "token if kept"], "0.00"),
}


def expected(q):
    """Every (code, level, set, document, clause) that a question of such a kind is answered with."""
    kind, r, a = q["kind"], oracle.regime(q), q["applicant"]
    clause = f"P1-2026.{kind}"
    out = set()
    advise = lambda code: out.add((code, "advise", None, None, clause))  # noqa: E731
    if q["on"] < "2026-01-01":
        return {("edition.none_in_force", "refuse", None, None, clause)}
    advise("certificate.not_judged")
    if q["certificates"] > 1:
        advise("certificate.one_at_a_time")
    if kind == "replacement_damaged":
        advise("fee.depends_on_damage")
    if a["kind"] == "individual_business" and not a["has_seal"] and not q["presenter"]["is_proprietor"]:
        out.add(("presenter.not_proprietor", "refuse", None, None, clause))
    if r is None:
        out.add(("applicant.not_covered", "refuse", None, None, clause))
        return out
    papers = q["sets"][0] if q["sets"] else {"documents": []}
    for item, paper in enumerate(ASKED[kind][0], start=1):
        out |= {(code, level, 1, document, f"{clause}.{item}") for code, level, document in JUDGES[paper](q, papers, r)}
    return out


def form(q, papers, r):
    forms = oracle.of_kind(papers, "application_form")
    faults = oracle.form_faults(oracle.serving(forms, lambda d: oracle.form_faults(d, r)), r) if forms else {"missing"}
    return {(f"form.{fault}", "refuse", "application_form") for fault in faults}


def licence(q, papers, r):
    out = set()
    for kinds, named in oracle.required_licences(q, papers):
        here = oracle.of_kind(papers, *kinds)
        if here:
            d = oracle.serving(here, lambda d: oracle.licence_faults(d, r))
            out |= {(f"licence.{fault}", "refuse", d["kind"]) for fault in oracle.licence_faults(d, r)}
        elif kinds == {"code_bearing_licence"} and oracle.of_kind(papers, *oracle.LICENCES):
            out.add(("licence.code_bearing_only", "refuse", "code_bearing_licence"))
        else:
            out.add(("licence.missing", "refuse", named))
    return out


def identity(q, papers, r):
    judge = lambda d: oracle.identity_faults(d, r, q["on"])  # noqa: E731
    identities = oracle.of_kind(papers, "identity_document")
    faults = judge(oracle.serving(identities, judge)) if identities else {"missing"}
    return {(f"identity.{fault}", "refuse", "identity_document") for fault in faults}


def token(q, papers, r):
    return set() if oracle.of_kind(papers, "token") else {("token.missing", "refuse", "token")}


def token_if_kept(q, papers, r):
    return set() if oracle.of_kind(papers, "token") else {("token.bring_if_kept", "advise", "token")}


def statement(q, papers, r):
    marks = [d["mark"] for d in oracle.of_kind(papers, "statement_of_loss")]
    if r in marks:
        return set()
    return {("statement.unmarked" if marks else "statement.missing", "refuse", "statement_of_loss")}


JUDGES = {
    "form": form,
    "licence": licence,
    "identity": identity,
    "token": token,
    "token if kept": token_if_kept,
    "statement": statement,
}


def expected_fee(q):
    amount = ASKED[q["kind"]][1]
    return {"currency": "CNY", "items": [amount], "total": amount}

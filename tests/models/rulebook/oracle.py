"""The contract's table once more, slowly: one predicate per row, straight over the JSON question, sharing nothing with the program.

Each row yields (set or None, document or None) for every place where its "when" column holds. Only the rows' order and the
sections *Form*, *Licences*, *Best document* and *Which sets* of the contract were used to write it.
"""

from itertools import product

LICENCES = {"organisation_code_certificate", "business_licence", "tax_registration", "code_bearing_licence"}


def regime(q):
    a = q["applicant"]
    if a["has_seal"]:
        return "seal"
    if a["kind"] == "individual_business" and a["named_after_proprietor"]:
        return "signature"
    return None


def examined(q):
    return [(n, q["sets"][n - 1]) for n in range(1, q["certificates"] + 1) if n <= len(q["sets"])]


def of_kind(papers, *kinds):
    return [d for d in papers["documents"] if d["kind"] in kinds]


# What is wrong with one document, as code suffixes.
def paper_faults(d, mark):
    wrong = set()
    if d["original"] is False:
        wrong.add("no_original")
    if d["photocopy"] is False:
        wrong.add("no_photocopy")
    if d["photocopy"] is True and d["mark"] != mark:
        wrong.add("photocopy_unmarked")
    return wrong


def licence_faults(d, mark):
    return paper_faults(d, mark) | (set() if d["duplicate"] else {"not_duplicate"})


def identity_faults(d, mark, on):
    wrong = paper_faults(d, mark)
    if d["holder"] == "other":
        wrong.add("not_presenter")
    if d["expires_on"] is not None and d["expires_on"] < on:  # ISO dates sort as text
        wrong.add("expired")
    return wrong


def form_faults(d, mark):
    return {
        name
        for name, holds in (
            ("incomplete", not d["complete"]),
            ("too_few_copies", d["copies"] in (0, 1)),
            ("unmarked", d["mark"] != mark),
        )
        if holds
    }


def serving(documents, faults):
    """The document that serves: nobody before it has as few faults, nobody after it has fewer."""
    for i, d in enumerate(documents):
        mine = len(faults(d))
        if all(len(faults(e)) > mine for e in documents[:i]) and all(len(faults(e)) >= mine for e in documents[i + 1 :]):
            return d
    return None


def required_licences(q, papers):
    """(accepted kinds, document named when missing) for each licence that the set needs."""
    if q["applicant"]["holds_code_bearing_licence"] or of_kind(papers, "code_bearing_licence"):
        return [({"code_bearing_licence"}, "code_bearing_licence")]
    if regime(q) == "seal":
        return [({"organisation_code_certificate", "business_licence", "tax_registration"}, None)]
    return [({"business_licence"}, "business_licence"), ({"tax_registration"}, "tax_registration")]


def expected(q):
    """Every (code, level, set, document, clause) that the contract demands for a question."""
    r = regime(q)
    out = set()
    refuse = lambda code, n, d, clause: out.add((code, "refuse", n, d, clause))  # noqa: E731
    tax = "tax" in q["uses"]
    a = q["applicant"]

    if r is None:
        refuse("applicant.not_covered", None, None, "B1.2")
    if a["kind"] == "individual_business" and not a["has_seal"] and not q["presenter"]["is_proprietor"]:
        refuse("presenter.not_proprietor", None, None, "B1.N3")
    if len(q["sets"]) < q["certificates"]:
        refuse("sets.too_few", None, None, "B1.N2")
    for (m, earlier), (n, later) in product(examined(q), repeat=2):
        if m < n and later["reference"] is not None and earlier["reference"] == later["reference"]:
            refuse("sets.reused", n, None, "B1.N2")
    if tax and not q["branch"]["is_local_tax"]:
        out.add(("tax.prefer_local_tax_branch", "advise", None, None, "B1.N1"))
    if tax and a["established_on"] is not None and a["established_on"] < "2016-08-08" and not q["computer_code_known"]:
        refuse("tax.computer_code_unknown", None, None, "B1.N1")
    if r is None:
        return out

    item = {"seal": "B1.1.", "signature": "B1.2."}[r]
    for n, papers in examined(q):
        forms = of_kind(papers, "application_form")
        if not (r == "seal" and papers["seal_at_counter"]):
            if not forms:
                refuse("form.missing", n, "application_form", item + "1")
            else:
                for f in form_faults(serving(forms, lambda d: form_faults(d, r)), r):
                    refuse("form." + f, n, "application_form", item + "1")

        for kinds, named in required_licences(q, papers):
            here = [d for d in papers["documents"] if d["kind"] in kinds]
            others = of_kind(papers, *LICENCES)
            if here:
                d = serving(here, lambda d: licence_faults(d, r))
                for f in licence_faults(d, r):
                    refuse("licence." + f, n, d["kind"], item + "2")
            elif kinds == {"code_bearing_licence"} and others:
                refuse("licence.code_bearing_only", n, "code_bearing_licence", item + "2")
            else:
                refuse("licence.missing", n, named, item + "2")

        identities = of_kind(papers, "identity_document")
        if not identities:
            refuse("identity.missing", n, "identity_document", item + "3")
        else:
            d = serving(identities, lambda d: identity_faults(d, r, q["on"]))
            for f in identity_faults(d, r, q["on"]):
                refuse("identity." + f, n, "identity_document", item + "3")

        if tax:
            registrations = of_kind(papers, "tax_registration")
            if not registrations and not of_kind(papers, "code_bearing_licence"):
                refuse("tax.evidence_missing", n, None, "B1.N1")
            for_state = any(d["authority"] == "state" for d in registrations)
            for_local = any(d["authority"] == "local" for d in registrations)
            if q["tax_numbers_differ"] and not (for_state and for_local):
                refuse("tax.both_registrations", n, "tax_registration", "B1.N1")
    return out


def expected_fee(q):
    items = ["0.00" if q["applicant"]["certificates_issued"] + i == 0 else "180.00" for i in range(q["certificates"])]
    paid = items.count("180.00")
    return {"currency": "CNY", "items": items, "total": f"{180 * paid}.00"}

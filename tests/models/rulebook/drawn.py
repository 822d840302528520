"""Questions drawn by a generator of our own, the same on every machine and every version of Python, right ones and malformed ones."""

import copy
import random

WORDS = [
    *("seal", "signature", "presenter", "other", "state", "local", "tax", "e_seal", "annual_inspection", "enterprise"),
    *("individual_business", "application_form", "identity_document", "token", "statement_of_loss", "new", "renewal"),
    *("business_licence", "2026-11-21", "2026-02-30", "", "x", "申请表", "\x1b[2J", "y" * 60),
]
VALUES = [None, True, False, 0, 1, 2, 100, -1, 1.0, 2.5, 10**30, [], {}, [[]], {"kind": "token"}, ["tax"], *WORDS]


class Drawer:
    def __init__(self, seed):
        self.source = random.Random(seed)

    def pick(self, *among):
        return among[int(self.source.random() * len(among))]

    def value(self):
        return copy.deepcopy(self.pick(*VALUES))

    def chance(self, share):
        return self.source.random() < share

    def mark(self):
        return self.pick("seal", "seal", "signature", None)

    def day(self):
        return self.pick("2016-08-07", "2016-08-08", "2026-11-20", "2026-11-21", "2026-11-22", "2030-01-01")

    def paper(self):
        return {"original": self.chance(0.8), "photocopy": self.chance(0.8), "mark": self.mark()}

    def document(self):
        kind = self.pick(
            *("application_form", "identity_document", "organisation_code_certificate", "business_licence"),
            *("tax_registration", "code_bearing_licence"),
        )
        if kind == "application_form":
            return {"kind": kind, "copies": self.pick(0, 1, 2, 3), "complete": self.chance(0.8), "mark": self.mark()}
        if kind == "identity_document":
            holder = {"holder": self.pick("presenter", "presenter", "other"), "expires_on": self.pick(None, self.day())}
            return {"kind": kind, **holder, **self.paper()}
        authority = {"authority": self.pick("state", "local", None)} if kind == "tax_registration" else {}
        return {"kind": kind, "duplicate": self.chance(0.8), **self.paper(), **authority}

    def papers(self):
        documents = [self.document() for _ in range(self.pick(0, 2, 3, 4, 6))]
        reference = self.pick(None, "", "A", "B")
        return {"reference": reference, "seal_at_counter": self.chance(0.3), "documents": documents}

    def question(self):
        return {
            "on": self.day(),
            "applicant": {
                "kind": self.pick("individual_business", "individual_business", "enterprise", "military_unit", "branch"),
                "name": self.pick("样例", ""),
                "has_seal": self.chance(0.6),
                "named_after_proprietor": self.chance(0.7),
                "holds_code_bearing_licence": self.chance(0.4),
                "established_on": self.pick(None, self.day()),
                "certificates_issued": self.pick(0, 0, 1, 7),
            },
            "presenter": {"is_proprietor": self.chance(0.5)},
            "uses": self.pick([], ["tax"], ["e_seal", "tax"], ["annual_inspection"]),
            "branch": {"is_local_tax": self.chance(0.5)},
            "computer_code_known": self.chance(0.5),
            "tax_numbers_differ": self.chance(0.3),
            "certificates": self.pick(1, 1, 2, 3, 99),
            "sets": [self.papers() for _ in range(self.pick(0, 1, 1, 2, 3))],
        }

    def spoiled(self, question):
        """A copy with one to three places spoiled: a field gone, one too many, or a value of another kind. No kind of the case."""
        spoiled = copy.deepcopy(question)
        for _ in range(self.pick(1, 1, 2, 3)):
            holder = self.pick(*list(holders(spoiled)))
            if isinstance(holder, list):
                if holder and self.chance(0.7):
                    holder[int(self.source.random() * len(holder))] = self.value()
                else:
                    holder.append(self.value())
            elif not holder or self.chance(0.2):
                holder[self.pick("extra", "a/b~c", "authority", "标记")] = self.value()
            elif self.chance(0.3):
                del holder[self.pick(*sorted(holder))]
            else:
                holder[self.pick(*sorted(holder))] = self.value()
        return spoiled


def holders(value):
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from holders(inner)

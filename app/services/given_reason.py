"""The reason that a dangerous act is given, as it goes into the journal."""

from app.services.errors import Faulty

LONGEST = 200


def given_reason(text: str, field: str = "reason") -> str:
    """Without blanks around it. Raises Faulty at the field where there is none, or a whole story."""
    reason = text.strip()
    if not reason or len(reason) > LONGEST:
        raise Faulty(fields={field: "required"})
    return reason

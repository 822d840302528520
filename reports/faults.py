"""Why a paper could not be made. A small closed family; none of them repeats what was to be printed, but for one character."""

import unicodedata


class PaperFault(ValueError):
    """The facts given cannot become this paper."""


class MissingGlyph(PaperFault):
    """No installed face has this character: a paper with a hole in somebody's name is not printed."""

    def __init__(self, character: str) -> None:
        self.character = character
        super().__init__(f"no installed font has the character {character} (U+{ord(character):04X})")


class UnprintableCharacter(PaperFault):
    """A control, private or unassigned character. Named by its code point only."""

    def __init__(self, character: str) -> None:
        self.code_point = ord(character)
        kind = unicodedata.category(character)
        super().__init__(f"the character U+{self.code_point:04X} (class {kind}) cannot be printed")


class BadFact(PaperFault):
    """A field is empty, of the wrong type, or contradicts another."""

    def __init__(self, paper: str, field: str, reason: str) -> None:
        self.paper, self.field, self.reason = paper, field, reason
        super().__init__(f"{paper}.{field}: {reason}")


class DoesNotFit(PaperFault):
    """The text is longer than its fixed place even in the smallest size; nothing is ever clipped."""

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(f"the text does not fit its place: {place}")

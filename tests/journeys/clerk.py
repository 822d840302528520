"""What staff do at the desks, from walk-in to handover, with nothing but the keyboard."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.builders.cases import MOBILE, resident_number
from tests.journeys.browser import Person, origin
from tests.journeys.desk import Made
from tests.reports.reading import codes_in, picture_of

INTAKE, FEE, ISSUANCE, HANDOVER = "受理台", "收费台", "制证台", "发放台"


@dataclass(frozen=True)
class Papers:
    """One document set on the counter: its label, and by name of row the ticks that fit; True: the whole row is in order."""

    reference: str
    rows: Mapping[str, bool | Sequence[str]] = field(
        default_factory=lambda: {"application_form": True, "code_bearing_licence": True, "identity_document": True}
    )


@dataclass(frozen=True)
class Applicant:
    """Who walks in. `kind` is the word that the credit code's verdict must suggest."""

    code: str
    name: str = "北京样例科技有限公司"
    kind: str = "企业法人"
    has_seal: str = "yes"
    named_after_proprietor: bool = False
    presenter: str = "样例乙"
    role: str = "agent"
    sets: tuple[Papers, ...] = (Papers(""),)


class Clerk(Person):
    def turn_to(self, desk: str) -> None:
        """`g` and the number that this desk has on the list; to the queue of the desk."""
        desks = self.page.locator(".desks a > span:first-of-type").all_inner_texts()
        self.page.evaluate("document.activeElement.blur()")
        self.press("g")
        self.follow(str(desks.index(desk) + 1))

    # Intake.

    def open_case(self, code: str) -> int:
        self.turn_to(INTAKE)
        self.wait_for_focus("credit_code")
        self.write(code)
        self.follow("F9", to=re.compile(r"/intake/\d+$"))
        return self.case_id

    @property
    def case_id(self) -> int:
        found = re.search(r"/(\d+)$", self.page.url)
        assert found, self.page.url
        return int(found[1])

    def take_down(self, one: Applicant) -> None:
        """The left half of the intake page; Enter leads from field to field."""
        page = self.page
        self.wait_for_focus("name")
        page.wait_for_selector(f"#code-verdict :text('应为{one.kind}')")
        self.press("Alt+k")
        self.wait_for_focus("name")
        self.kept_after(lambda: self.write(one.name))
        assert page.locator("#kind option:checked").inner_text() == one.kind
        self.choose("has_seal", one.has_seal, by="Enter")
        if one.named_after_proprietor:
            self.reach("named_after_proprietor", by="Enter")
            self.press("Space")
        self.fill("established_on", "20180301", by="Enter")
        self.fill("legal_representative", "样例甲", by="Enter")
        self.fill("address", "北京市样例区样例路 1 号", by="Enter")
        self.choose("presenter_role", one.role, by="Enter")
        self.fill("presenter_name", one.presenter, by="Enter")
        self.fill("presenter_mobile", MOBILE, by="Enter")
        self.select("presenter_id_kind", "居民身份证", by="Enter")
        self.fill("presenter_id_number", resident_number(), by="Enter")
        self.fill("presenter_id_until", "20300101", by="Enter")
        self.kept_after(lambda: self.fill("certificates", str(len(one.sets)), by="Enter"))
        self.reach('[name="uses"][value="annual_inspection"]', by="Enter")
        self.kept_after(lambda: self.press("Space"))

    def tick(self, position: int, papers: Papers) -> None:
        """A set: whole rows by Alt and digit, what deviates by arrows and Space."""
        if position > 1:
            self.press("F7")
            self.wait_for_focus(f"sets-{position - 1}-reference")
        if papers.reference:
            self.kept_after(lambda: self.fill(f"sets-{position - 1}-reference", papers.reference, by="Enter"))
        for row, ticks in papers.rows.items():
            key = self.page.locator(f"#row-{position}-{row} [data-whole-row]").get_attribute("data-tick-key")
            if ticks is True:
                self.kept_after(lambda key=key: self.press(f"Alt+{key}"))
            elif ticks:
                self.reach(f"#row-{position}-{row} [data-whole-row]")
                for _ in range(6):
                    self.press("ArrowRight")
                    name = str(self.page.evaluate("document.activeElement.name")).rpartition("-")[2]
                    if name in ticks and not self.has_focus(":checked"):
                        self.kept_after(lambda: self.press("Space"))

    def kept_after(self, act) -> None:
        """Do something that changes the draft, and wait until the desk has kept it and answered."""
        with self.page.expect_response(lambda answer: answer.url.endswith("/save") and answer.status == 200):
            act()
        self.page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")

    def verdict(self) -> str:
        return self.page.inner_text("#verdict")

    def attach(self, position: int, row: str, scan: Path) -> None:
        """The paper clip of a document, by Enter; the file chooser is the browser's own."""
        self.reach(f"attach-{position}-{row}")
        with self.page.expect_response(lambda answer: answer.url.endswith("/scans") and answer.status == 200):
            self.choose_file("Enter", scan)
        self.page.wait_for_selector(f"#row-{position}-{row} .thumb img")
        self.wait_for_focus(f"attach-{position}-{row}")

    def accept(self) -> bytes:
        """Accept, and print the slip."""
        self.follow("F9", to=re.compile(r"/intake/\d+$"))
        assert "已受理" in self.message(), self.says()
        return self.print("F6")

    def give_correction(self) -> bytes:
        """The correction notice, with everything that is wrong."""
        self.follow("F8", to=re.compile(r"/intake/\d+$"))
        assert "补正告知单" in self.message(), self.says()
        return self.print("F6")

    def turn_away(self) -> bytes:
        self.reach('button[formaction$="/turn-away"]')
        self.follow("Enter", to=re.compile(r"/intake/\d+$"))
        assert "不予受理告知单" in self.message(), self.says()
        return self.print("F6")

    def revisit(self, case_id: int) -> None:
        """From the desk's list of cases in correction to the same case, and take it up again."""
        self.turn_to(INTAKE)
        self.reach('a[href$="state=correction"]')
        self.follow("Enter")
        self.reach(f'a[href$="/intake/{case_id}"]')
        self.follow("Enter", to=re.compile(r"/intake/\d+$"))
        self.follow("F9")

    def complete(self, row: str, tick: str) -> None:
        """One missing tick of the first set."""
        self.reach(f"#row-1-{row} [data-whole-row]")
        for _ in range(6):
            self.press("ArrowRight")
            if self.has_focus(f'[name$="-{tick}"]'):
                return self.press("Space")
        raise AssertionError(f"{row} has no {tick}")

    def forge(self, path: str, **fields: object) -> int:
        """A post that no button of the page makes; its status."""
        token = self.page.get_attribute("[name=csrf_token]", "value")
        form = {name: str(value) for name, value in fields.items()} | {"csrf_token": token or ""}
        return self.context.request.post(self.home + path, form=form, max_redirects=0).status

    # Review, fee.

    def approve(self, case_id: int) -> str:
        self.turn_to("复核台")
        self.reach(f'a[href$="/review/{case_id}"]')
        self.follow("Enter", to=re.compile(r"/review/\d+$"))
        self.follow("F9", to=re.compile(r"/review/$"))
        return self.message()

    def settle(self, case_id: int, method: str, reference: str = "") -> bytes:
        """Take the fee; the receipt."""
        self.turn_to(FEE)
        self.reach(f'a[href$="/fee/{case_id}"]')
        self.follow("Enter", to=re.compile(r"/fee/\d+$"))
        self.choose("method", method)
        if reference:
            self.fill("reference", reference)
        self.follow("F9", to=re.compile(r"/fee/\d+$"))
        assert "已收费" in self.message(), self.says()
        return self.print("F6")

    # Issuance.

    def begin(self, case_id: int, serials: Sequence[str]) -> None:
        """Scan the tokens' serials, one after the other, and begin."""
        self.turn_to(ISSUANCE)
        self.reach(f'a[href$="/issuance/{case_id}"]')
        self.follow("Enter", to=re.compile(r"/issuance/\d+$"))
        self.wait_for_focus("token_1")
        for position, serial in enumerate(serials, start=1):
            self.reach(f"token_{position}", by="Enter")
            self.write(serial)
        self.follow("F9", to=re.compile(r"/issuance/\d+$"))

    def await_envelopes(self, count: int) -> list[int]:
        """Until so many runs wait for their control numbers; the runs."""
        self.page.wait_for_function(
            f"() => document.querySelectorAll('article[id^=run-] [name=control_number]').length === {count}", timeout=60_000
        )
        articles = self.page.locator("article[id^=run-]:has([name=control_number])").all()
        return [int((article.get_attribute("id") or "").removeprefix("run-")) for article in articles]

    def run_at_work(self, step: str) -> int:
        """Until the run of this page is at a step; the run."""
        current = self.page.wait_for_selector(f"article[id^=run-]:has(li[aria-current=step] :text-is('{step}'))")
        return int((current.get_attribute("id") or "").removeprefix("run-"))

    def way_out(self, run_id: int, way: str, reason: str = "") -> None:
        """A button under a run; some ask for a reason first."""
        form = f'#run-{run_id} form[action$="/{way}"]'
        if reason:
            self.reach(f"#run-{run_id} details:has({form.partition(' ')[2]}) > summary")
            self.press("Enter")
            self.reach(f"{form} [name=reason]")
            self.write(reason)
            self.follow("Enter")
        else:
            self.reach(f"{form} button")
            self.follow("Enter")

    def open_envelope(self, run_id: int) -> tuple[bytes, str]:
        """From the issuance page to the station's, and there by Enter: the paper, and what the station says at a second try."""
        before = len(self.papers)
        self.reach(f'#run-{run_id} a[href*="/envelope/"]')
        with self.context.expect_page() as opened:
            self.press("Enter")
        sheet = opened.value
        sheet.wait_for_load_state()
        assert origin(sheet.url) != self.home
        address = sheet.url
        sheet.wait_for_function("() => document.activeElement.matches('button')")
        sheet.keyboard.press("Enter")
        sheet.wait_for_event("load")
        assert len(self.papers) == before + 1, "the station gave no envelope"
        sheet.goto(address)
        refusal = sheet.inner_text("main")
        sheet.close()
        assert len(self.papers) == before + 1
        return self.papers[-1], refusal

    def type_back(self, run_id: int, number: str) -> None:
        self.reach(f"number-{run_id}")
        self.press("Control+a")
        self.write(number)
        self.follow("Enter")

    # Handover.

    def look_up_stub(self, stub: str) -> None:
        """A scanner types the bar code and ends with Enter."""
        self.turn_to(HANDOVER)
        self.wait_for_focus("stub")
        self.write(stub)
        self.follow("Enter", to=re.compile(r"/handover/\d+$"))

    def hand_over(self, name: str, taken: Sequence[Made]) -> bytes:
        """Scan token and envelope of each; the receipt of the last."""
        self.wait_for_focus("name")
        self.write(name)
        self.fill("id_number", resident_number(), by="Enter")
        for position, made in enumerate(taken, start=1):
            self.fill(f"token_{position}", made.token, by="Enter")
            self.fill(f"envelope_{position}", made.envelope, by="Enter")
        self.follow("F9", to=re.compile(r"/handover/\d+$"))
        assert "已发放" in self.message(), self.says()
        return self.print("F8")


class StationHand(Person):
    """Whoever stands at the station's page: moves simulated tokens by its buttons."""

    def insert(self, serial: str) -> None:
        self._move("insert", serial)

    def remove(self, serial: str) -> None:
        self._move("remove", serial)

    def _move(self, way: str, serial: str) -> None:
        self.go("/")
        self.reach(f"{way}-{serial}")
        self.follow("Enter")
        assert self.page.locator(f"#{way}-{serial}").count() == 0, self.says()


def code128_of(paper: bytes) -> str:
    """What a scanner at the counter reads from a paper's bar code."""
    [text] = {text for kind, text in codes_in(picture_of(paper)) if kind == "Code128"}
    return text

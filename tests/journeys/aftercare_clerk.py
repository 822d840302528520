"""What staff do when a holder comes back with his token: by the keyboard alone, at the desks and at the station's page."""

import re
from collections.abc import Mapping

from models.rulebook.vocabulary import CaseKind
from tests.builders.cases import MOBILE, resident_number
from tests.journeys.browser import origin
from tests.journeys.clerk import Clerk

AFTERCARE, GRANTS = "证书服务台", "批准台"
PRESENTER = "样例乙"


class AftercareClerk(Clerk):
    def look_up(self, number: str) -> None:
        """A scanner types the token's serial and ends with Enter; to the certificate's page."""
        self._scan(number, re.compile(r"/aftercare/certificates/"))

    def search(self, number: str) -> str:
        """Where there is more than one certificate: the list of what was found."""
        self._scan(number, re.compile(r"/aftercare/\?q="))
        return self.says()

    def _scan(self, number: str, to: re.Pattern[str]) -> None:
        self.turn_to(AFTERCARE)
        self.wait_for_focus("q")
        self.write(number)
        self.follow("Enter", to=to)

    def offers(self, kind: CaseKind) -> bool:
        """Whether the certificate's page has a button for this kind."""
        return self.page.locator(_opens(kind)).count() == 1

    def take_in(self, number: str, kind: CaseKind, token: str = "", **own: str) -> int:
        """A case about the certificate called so, everything filled in and in order; its id. `token`: scanned back."""
        self.look_up(number)
        self.reach(_opens(kind))
        self.follow("Enter", to=re.compile(r"/aftercare/\d+$"))
        case_id = self.case_id
        self._fill_in(token, own)
        assert "材料齐全，可以受理" in self.verdict(), self.verdict()
        return case_id

    def file(self) -> bytes:
        """Accept; the slip."""
        self.follow("F9", to=re.compile(r"/aftercare/\d+$"))
        assert "已受理" in self.message(), self.says()
        return self.print("F6")

    def _fill_in(self, token: str, own: Mapping[str, str]) -> None:
        if token:
            self.wait_for_focus("token_serial")
            self.kept_after(lambda: self.write(token))
        for name, value in own.items():
            if self.page.locator(f"select[name={name}]").count():
                self.kept_after(lambda name=name, value=value: self.select(name, value))
            elif self.page.locator(f"[type=radio][name={name}]").count():
                self.kept_after(lambda name=name, value=value: self.choose(name, value))
            else:
                self.kept_after(lambda name=name, value=value: self.fill(name, value))
        self.choose("presenter_role", "agent")
        self.fill("presenter_name", PRESENTER, by="Enter")
        self.fill("presenter_mobile", MOBILE, by="Enter")
        self.select("presenter_id_kind", "居民身份证", by="Enter")
        self.fill("presenter_id_number", resident_number(), by="Enter")
        self.kept_after(lambda: self.fill("presenter_id_until", "20300101", by="Enter"))
        for row in self.page.locator("#checklist [data-whole-row]").all():
            key = row.get_attribute("data-tick-key")
            self.kept_after(lambda key=key: self.press(f"Alt+{key}"))

    # Issuance.

    def begin_at(self, station: str, case_id: int, serial: str) -> None:
        """At a station that the clerk names himself: the token is not in any slot yet."""
        self._name_token(case_id, serial)
        self.select("station_1", station)
        self.follow("F9", to=re.compile(r"/issuance/\d+$"))

    def begin_in_vain(self, case_id: int, serial: str) -> str:
        """As `begin`, where the office must refuse; what it says."""
        self._name_token(case_id, serial)
        self.follow("F9", to=re.compile(r"/issuance/\d+/begin$"))
        return self.says()

    def _name_token(self, case_id: int, serial: str) -> None:
        self.turn_to("制证台")
        self.reach(f'a[href$="/issuance/{case_id}"]')
        self.follow("Enter", to=re.compile(r"/issuance/\d+$"))
        self.wait_for_focus("token_1")
        self.write(serial)

    def ask_again(self) -> None:
        """The button on the issuance page, where no leave is left."""
        self.reach('form[action$="/ask-grant"] button')
        self.follow("Enter", to=re.compile(r"/aftercare/\d+$"))

    def await_stop(self) -> int:
        """Until the page's run stands still; the run."""
        self.page.wait_for_selector("article[id^=run-] .stop-note", timeout=60_000)
        return self._only_run()

    def ways_out(self, run_id: int) -> set[str]:
        """The buttons under a run."""
        forms = self.page.locator(f"#run-{run_id} .ways form").all()
        return {(form.get_attribute("action") or "").rpartition("/")[2] for form in forms}

    # The supervisor.

    def grant(self, case_id: int, reason: str, password: str = "", code: str = "") -> str:
        """Give leave. `password`, `code`: the office is expected to ask who he is once more; what it says in the end."""
        self.turn_to(GRANTS)
        self.reach(f'a[href$="/grants/{case_id}"]')
        self.follow("Enter", to=re.compile(r"/grants/\d+$"))
        self.wait_for_focus("reason")
        self.write(reason)
        if password:
            self.follow("F9", to=re.compile(r"/grant$"))
            assert "请再次确认身份" in self.says()
            self.wait_for_focus("again_password")
            self.write(password)
            self.press("Tab")
            self.write(code)
        self.follow("F9", to=re.compile(r"/grants/$"))
        return self.message()

    # The holder at the station's page.

    def await_pin(self) -> int:
        """Until the run waits for its holder's PIN; the run."""
        self.page.wait_for_selector('article[id^=run-] a[href*="/pin/"]', timeout=60_000)
        return self._only_run()

    def let_holder_type(self, run_id: int, *pins: str) -> list[str]:
        """The holder opens the page of his PIN and types, one after the other; what the station says to each."""
        self.page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
        self.reach(f'#run-{run_id} a[href*="/pin/"]')
        with self.context.expect_page() as opened:
            self.press("Enter")
        sheet, said = opened.value, []
        sheet.wait_for_load_state()
        assert origin(sheet.url) != self.home
        for pin in pins:
            sheet.wait_for_function("() => document.activeElement.matches('[type=password]')")
            sheet.keyboard.type(pin)
            with sheet.expect_navigation():
                sheet.keyboard.press("Enter")
            sheet.wait_for_load_state()
            said.append(sheet.inner_text("#said, main .notice"))
        sheet.close()
        return said

    def await_serial(self) -> int:
        """Until the run waits for the token's serial to be scanned back; the run."""
        return self.await_envelopes(1)[0]

    def _only_run(self) -> int:
        [article] = self.page.locator("article[id^=run-]").all()
        return int((article.get_attribute("id") or "").removeprefix("run-"))

    # Handover.

    def give_back(self, case_id: int, token: str, envelope: str = "") -> bytes:
        """To who brought it; the receipt."""
        self.turn_to("发放台")
        self.reach(f'a[href$="/handover/{case_id}"]')
        self.follow("Enter", to=re.compile(r"/handover/\d+$"))
        self.wait_for_focus("name")
        self.write(PRESENTER)
        self.fill("id_number", resident_number(), by="Enter")
        self.fill("token_1", token, by="Enter")
        if envelope:
            self.fill("envelope_1", envelope, by="Enter")
        else:
            assert self.page.locator("[name=envelope_1]").count() == 0
        self.follow("F9", to=re.compile(r"/handover/\d+$"))
        assert "请打印签收单" in self.message(), self.says()
        return self.print("F8")


def _opens(kind: CaseKind) -> str:
    return f'form[action$="/open"]:has([name=kind][value={kind.value}]) button'

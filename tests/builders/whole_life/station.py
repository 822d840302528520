"""The stations of the office under the picture: they ask for work, take their steps, and stop."""

from app.services.allot_envelope import allot_envelope
from app.services.certify_run import certify_run
from app.services.report_step import report_step
from app.services.stop_run import stop_run
from app.services.take_jobs import Poll, take_jobs
from models.rulebook.vocabulary import Fault, RunState
from tests.builders.issuance import new_key, request_for
from tests.builders.whole_life.acting import Acting, Bench
from tests.builders.whole_life.picture import KEEPS_END, ONLY_LOOKED, STEPS, Ceremony, Paper


class Stations(Acting):
    def poll(self, branch: str) -> None:
        bench, life = self.benches[branch], self.life
        waiting = [run for run in life.runs.values() if run.branch == branch and self._is_due(run, bench)]
        report = {"page": "http://127.0.0.1:8601/", "slots": bench.slots, "printer": {"kind": "page", "state": "ready"}}
        jobs = take_jobs(self.world, bench.id, Poll(bench.boot, report, dict(bench.working)))
        life.seen[branch] = life.now
        taken = {}
        for run in waiting:
            if life.too_late(run):
                if run.state not in ("queued", "stopped"):
                    run.state, run.fault = "stopped", "station_gone"
                continue
            run.state, run.fault, run.lease = "inspecting", None, run.lease + 1
            taken[run.key] = (run.lease, run.work, run.token)
        assert {job.key: (job.lease, job.kind, job.token_serial) for job in jobs} == taken
        bench.working |= {job.key: job.lease for job in jobs}

    def _is_due(self, run: Ceremony, bench: Bench) -> bool:
        if run.state == "queued" or (run.state == "stopped" and run.fault == "station_gone"):
            return True
        return run.state in STEPS[run.work][:-1] and run.key not in bench.working

    def hands_on(self, run: Ceremony) -> bool:
        """Whether its station is at it."""
        return self.benches[run.branch].working.get(run.key) == run.lease and run.state in STEPS[run.work][:-1]

    def work(self, run: Ceremony, steps: int) -> None:
        """So many steps further."""
        for state in STEPS[run.work][STEPS[run.work].index(run.state) + 1 :][:steps]:
            if state == "printing" and not self._take_envelope(run):
                self.stop(run, "no_envelope")
                return
            bench, envelope = self.benches[run.branch], run.envelope or ""
            number = envelope if state == "awaiting_confirmation" and run.work != "rekey" else ""
            report_step(self.world, bench.id, run.key, run.lease, RunState(state), number)
            run.state, run.touched = state, run.touched or state not in ONLY_LOOKED
            if state == "certifying" and not self._certify(run):
                self.stop(run, "authority_refused")
                return
        if run.state == "awaiting_confirmation":
            self.benches[run.branch].working.pop(run.key)

    def _certify(self, run: Ceremony) -> bool:
        life, bench, affair = self.life, self.benches[run.branch], self.life.affairs[run.affair]
        old = life.papers.get(affair.about or 0)
        ends = life.now.replace(year=life.now.year + 1)
        if old is not None and affair.kind in KEEPS_END:
            ends = old.ends
        too_late = run.id not in life.papers and ends <= life.now
        key = bench.keys.setdefault(run.key, None) or new_key("p_256")
        bench.keys[run.key] = key
        csr = request_for(key).encode()
        self.attempt("Faulty" if too_late else None, lambda: certify_run(self.world, bench.id, run.key, run.lease, csr))
        if too_late:
            return False
        life.papers.setdefault(run.id, Paper(run.id, affair.holder or 0, run.token, ends))
        return True

    def _take_envelope(self, run: Ceremony) -> bool:
        """The next of the drawer, unless it is empty; the one before speaks no more. A PIN is set once in a lease."""
        life, bench = self.life, self.benches[run.branch]
        number, pin = life.drawer(run.branch), f"{run.key}/{run.lease}"
        expected = None if number else "NoEnvelope"
        allotted = self.attempt(expected, lambda: allot_envelope(self.world, bench.id, run.key, run.lease, pin))
        if number is None:
            return False
        assert allotted.number == number
        life.silence(run.token)
        life.envelopes[number], life.speaks_of[number], run.envelope = "allotted", run.token, number
        return True

    def stop(self, run: Ceremony, fault: str) -> None:
        bench = self.benches[run.branch]
        stop_run(self.world, bench.id, run.key, run.lease, Fault(fault), "")
        bench.working.pop(run.key)
        run.state, run.fault = "stopped", fault

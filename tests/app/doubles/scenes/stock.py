"""Every POST about stock: deliveries, files of them, transfers, what leaves the drawer otherwise and what is found again."""

from functools import partial
from typing import Any

from app.services.job_kinds import WORKS
from app.services.jobs import run_jobs
from app.services.preview_import import ask_preview
from app.services.receive_transfer import receive_transfer
from app.services.send_transfer import TransferOrder, send_transfer
from app.services.write_off_stock import write_off_stock
from models.rulebook.oversight import MovementKind, StockKind
from models.rulebook.vocabulary import Role
from models.tables import StockImport
from tests.app.doubles.stage import SUPERVISORS, Post, Scene, Stage
from tests.builders.issuance import row
from tests.builders.people import branch_id_of, number_of
from tests.builders.stock import keeper, plant_delivery, plant_stuck_import

THERE = (number_of(Role.supervisor, "CY01"),)
DELIVERY = {
    "kind": "token",
    "note_number": "SH-9",
    "supplier": "样例介质厂",
    "first": "HD01-T00090",
    "last": "HD01-T00092",
    "counted": "3",
}
FILE = "kind,note,supplier,first,last,counted\ntoken,SH-7,样例介质厂,HD01-T00070,HD01-T00072,3\n"
FAULTY = FILE + "token,SH-7,样例介质厂,HD01-T00080,HD01-T00082,4\n"


def taken_in(stage: Stage) -> Post:
    return Post("/admin/deliveries/new", DELIVERY)


def two_notes(stage: Stage) -> tuple[Post, ...]:
    """Two supervisors, two notes, one serial on both: it comes in once."""
    other = {**DELIVERY, "note_number": "SH-10", "first": "HD01-T00092", "last": "HD01-T00093", "counted": "2"}
    return Post("/admin/deliveries/new", DELIVERY), Post("/admin/deliveries/new", other)


def given(stage: Stage) -> Post:
    return Post("/admin/deliveries/file", {"file": FILE.encode(), "mark": "a1b2c3d4"})


def looked_at(stage: Stage, step: str, text: str = FILE, **form: Any) -> Post:
    ask_preview(stage.world, keeper(stage.world), "到货.csv", text.encode())
    run_jobs(stage.world, WORKS)
    read = row(stage.world, StockImport)
    return Post(f"/admin/deliveries/file/{read.id}/{step}", {"version": str(read.version), **form})


def stuck(stage: Stage, step: str) -> Post:
    import_id = plant_stuck_import(stage.world, keeper(stage.world))
    return Post(f"/admin/deliveries/file/{import_id}/{step}", {"version": str(row(stage.world, StockImport).version)})


def sending(stage: Stage) -> Post:
    plant_delivery(stage.world)
    form = {"kind": "token", "to_branch_id": str(branch_id_of(stage.world, "CY01")), "count": "4", "mark": "a1b2c3d4"}
    return Post("/admin/transfers/new", form)


def on_its_way(stage: Stage) -> int:
    plant_delivery(stage.world)
    order = TransferOrder(StockKind.token, branch_id_of(stage.world, "CY01"), 3)
    return send_transfer(stage.world, keeper(stage.world), order)


def arriving(stage: Stage, **form: str) -> Post:
    return Post(f"/admin/transfers/{on_its_way(stage)}/receive", {"version": "1", **form})


def settling(stage: Stage) -> Post:
    transfer_id = on_its_way(stage)
    receive_transfer(stage.world, keeper(stage.world, "CY01"), transfer_id, 1, "HD01-T00041", "少两只")
    return Post(f"/admin/transfers/{transfer_id}/settle", {"version": "2", "reason": "找不到"})


def writing_off(stage: Stage) -> Post:
    plant_delivery(stage.world)
    form = {"kind": "token", "way": "spoiled", "serials": "HD01-T00041…HD01-T00043", "reason": "外壳破裂"}
    return Post("/admin/stock/write-off", form)


def two_ways_out(stage: Stage) -> tuple[Post, ...]:
    """One supervisor sends them away while another writes them off."""
    return writing_off(stage), sending_only(stage)


def sending_only(stage: Stage) -> Post:
    form = {"kind": "token", "to_branch_id": str(branch_id_of(stage.world, "CY01")), "serials": "HD01-T00043", "mark": "e5f6"}
    return Post("/admin/transfers/new", form)


def finding(stage: Stage) -> Post:
    plant_delivery(stage.world)
    write_off_stock(stage.world, keeper(stage.world), StockKind.token, MovementKind.lost, "HD01-T00041", "盘点少一只")
    return Post("/admin/stock/found", {"kind": "token", "serials": "HD01-T00041", "reason": "在柜子后面"})


def marking(stage: Stage) -> Post:
    return Post("/admin/stock/low-water", {"version": "0", "token": "10", "envelope": "20"})


SCENES = (
    Scene("deliveries.new", "", taken_in, SUPERVISORS, important=True),
    Scene("deliveries.new", "two notes", two_notes, SUPERVISORS, important=True),
    Scene("deliveries.give_file", "", given, SUPERVISORS[:1]),
    Scene("deliveries.take_over", "", partial(looked_at, step="take-over"), SUPERVISORS, important=True),
    Scene(
        "deliveries.take_over",
        "the good lines",
        partial(looked_at, step="take-over", text=FAULTY, only_good="y", reason="急用"),
        SUPERVISORS,
    ),
    Scene("deliveries.resume", "", partial(stuck, step="resume"), SUPERVISORS),
    Scene("deliveries.stop", "", partial(stuck, step="stop"), SUPERVISORS),
    Scene("deliveries.drop", "", partial(looked_at, step="drop", reason="送错的清单"), SUPERVISORS),
    Scene("transfers.new", "", sending, SUPERVISORS[:1], important=True),
    Scene("transfers.receive", "", partial(arriving, whole="y"), THERE, important=True),
    Scene("transfers.receive", "a part", partial(arriving, serials="HD01-T00041", explanation="少两只"), THERE),
    Scene("transfers.settle", "", settling, SUPERVISORS),
    Scene("stock.write_off", "", writing_off, SUPERVISORS, important=True),
    Scene("stock.write_off", "while they are sent", two_ways_out, SUPERVISORS, important=True),
    Scene("stock.find", "", finding, SUPERVISORS),
    Scene("stock.low_water", "", marking, SUPERVISORS, important=True),
)

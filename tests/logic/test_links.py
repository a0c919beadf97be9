"""Facts about links, units and certificates: what people are told, on whichever kind of sorter."""

from sortctl.logic import HubRules, Logic
from sortctl.plan.load import load_plan
from sortctl.site.model import OpcUaPlc, Security
from sortctl.words import facts
from sortctl.words.ids import PlcId
from sortctl.words.outcomes import Disturbed, Outcome, UnitTurned
from tests.logic.bench import machine
from tests.logic.loop_bench import PLAN, PLC, LoopDesk, loop_machine


def test_a_link_without_security_is_told_at_every_start() -> None:
    security = Security(policy="none", why="test bench behind a locked door")
    plc = OpcUaPlc(wire="opcua", address="x:4840", scan_ms=10, namespace="urn:x", security=security)
    desk = LoopDesk(loop_machine().model_copy(update={"plc": plc}))
    for _ in range(2):
        desk.tell(facts.ControllerStarted(desk.at_ns, 0, "site", "1"))
    told = desk.said(Disturbed)
    assert [(alarm.code, alarm.active) for alarm in told] == [("unsecured_plc2", True)] * 2
    assert "behind a locked door" in told[0].why


def test_a_unit_is_told_once_per_change_and_also_without_a_sorter() -> None:
    logic = Logic([machine(), loop_machine()], HubRules(), load_plan(PLAN))
    told: list[Outcome] = []
    for plc, state in ((PLC, 6), (PLC, 6), (PLC, 11), (PlcId("press"), 2)):
        told += [thing for thing in logic.step(facts.UnitSeen(1, plc, state, 1)) if isinstance(thing, UnitTurned)]
    assert [(turned.sorter, turned.plc, turned.state) for turned in told if isinstance(turned, UnitTurned)] == [
        ("loop1", PLC, 6),
        ("loop1", PLC, 11),
        ("", "press", 2),
    ]
    again = Logic([machine(), loop_machine()], HubRules(), load_plan(PLAN))
    again.restore(logic.snapshot())
    assert again.step(facts.UnitSeen(2, PLC, 11, 1)) == []


def test_a_certificate_is_an_alarm_until_it_is_renewed() -> None:
    logic = Logic([loop_machine()], HubRules(), load_plan(PLAN))
    said = [logic.step(facts.CertificateAged(1, "own", "AB12", days)) for days in (20, -1, None)]
    alarms = [thing for things in said for thing in things if isinstance(thing, Disturbed)]
    assert [alarm.active for alarm in alarms] == [True, True, False]
    assert "valid for 20 more days" in alarms[0].why


def test_each_sorter_hears_of_its_own_plc_only() -> None:
    logic = Logic([machine(), loop_machine()], HubRules(), load_plan(PLAN))
    logic.step(facts.PlcLinked(1, PLC, 7, 0, 6, 0, 0, 0, 0, 0))
    line, loop = logic.sorters
    assert (line.state.is_linked, loop.state.is_linked) == (False, True)

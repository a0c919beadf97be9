"""The manuals lead somewhere: links, anchors, section references, commands and options are real, and every page is in the index."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sortctl.commands import main
from sortctl.watch import alarms
from sortctl.words import exchange as x
from tests.house.tree import ROOT, files

DOCS = ROOT / "docs"
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([\w-]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ANCHOR = re.compile(r'<a id="([\w-]+)"></a>')
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
PAGES = [path for path in files() if path.parts[0] == "docs" and path.suffix == ".md"]


def _anchors(page: Path) -> set[str]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in HEADING.findall(text)}
    return made | set(ANCHOR.findall(text))


@pytest.mark.parametrize("name", PAGES, ids=str)
def test_every_link_leads_somewhere(name: Path) -> None:
    page, lost = ROOT / name, []
    for target, anchor in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        to = (page.parent / target).resolve() if target else page
        if not to.exists() or (anchor and anchor not in _anchors(to)):
            lost.append(f"{target}#{anchor}")
    assert not lost


def test_every_page_is_in_the_index() -> None:
    index = DOCS / "README.md"
    named = {(DOCS / target).resolve() for target, _ in LINK.findall(index.read_text(encoding="utf-8"))}
    pages = {ROOT / name for name in PAGES if name.parts[1] != "decisions"} - {index}
    assert not pages - named


def test_decisions_are_numbered_once() -> None:
    names = [name.name for name in PAGES if name.parts[1] == "decisions" and name.name != "template.md"]
    numbers = [re.match(r"(\d{4})-[\w-]+\.md$", name) for name in names]
    assert all(numbers), names
    assert len({number[1] for number in numbers if number}) == len(names)


def _commands(group: click.Group, context: click.Context, prefix: str) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _commands(command, context, f"{prefix}{name} ")
        else:
            yield prefix + name, command


def test_every_command_and_option_is_in_the_reference() -> None:
    page = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    group = main
    assert isinstance(group, click.Group)
    missing = []
    for name, command in _commands(group, click.Context(group), ""):
        section = page.partition(f"\n## `sortctl {name}`\n")[2].partition("\n## ")[0]
        if not section:
            missing.append(name)
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not any(option in section for option in parameter.opts):
                missing.append(f"{name} {parameter.opts[0]}")
    assert not missing


def test_every_alarm_is_in_the_manual() -> None:
    page = (DOCS / "how-to" / "after-a-fault.md").read_text(encoding="utf-8")
    source = Path(alarms.__file__).read_text(encoding="utf-8")
    codes = set(re.findall(r'\(key, "(\w+)"', source)) | set(re.findall(r'\("(chute_\w+)"', source))
    assert codes
    assert not {code for code in codes if f"`{code}`" not in page}


def test_the_structured_text_names_the_sizes_of_the_contract() -> None:
    """The function block has its sizes as literals, because PLC compilers differ in what else they allow there."""
    text = (DOCS / "plc" / "sortctl_exchange.st").read_text(encoding="utf-8")
    assert f"ORDER_SLOTS : UINT := {x.ORDER_SLOTS_MAX};" in text
    assert f"EVENT_SLOTS : INT := {x.EVENT_SLOTS_MAX};" in text
    assert f"ORDERS_LAST : INT := {x.orders_words(x.ORDER_SLOTS_MAX) - 1};" in text
    assert f"INPUTS_LAST : INT := {x.inputs_words(x.EVENT_SLOTS_MAX) - 1};" in text
    assert f"MAGIC : WORD := 16#{x.MAGIC:04X};" in text
    assert f"VERSION : WORD := 16#{x.VERSION:04X};" in text
    assert f"WAITING_MAX : UINT := {x.EVENTS_WAITING_MAX};" in text

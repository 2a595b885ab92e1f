"""Imports follow the table of rooms, and neither rooms nor modules import each other in a circle."""

from __future__ import annotations

import ast

import pytest

from import_graph import SOURCE, circles, imported_modules, imported_names, module_graph, modules
from layers import (
    EDGE_MODULES,
    LISTED,
    PAGE,
    allowed,
    current_page,
    room_graph,
    room_of,
    rooms,
)

PURE = [room.name for room in rooms().values() if room.pure]


def in_room(name):
    return {module: path for module, path in modules().items() if room_of(module) == name}


@pytest.mark.parametrize("name", list(rooms()))
def test_a_room_imports_only_what_the_table_allows(name):
    """To import another room, add it to the room's line in tests/support/layers.py and have it reviewed."""
    may = allowed(rooms()[name])
    wrong = [
        f"{module} imports {target}"
        for module in in_room(name)
        for target in sorted(module_graph()[module])
        if room_of(target) not in may | {""}
    ]
    assert wrong == []


def test_every_module_belongs_to_a_room():
    assert {room_of(module) for module in modules()} == {*rooms(), ""}


def test_every_room_that_a_line_names_is_listed():
    named = {name for room in LISTED for name in room.imports}
    assert named - {room.name for room in LISTED} == set()


def test_rooms_import_each_other_in_one_direction():
    assert circles(room_graph()) == ()


def test_the_table_allows_no_circle():
    """Otherwise the direction between two rooms depends on which import comes first."""
    graph = {room.name: allowed(room) - {room.name} for room in rooms().values()}
    assert circles({name: [t for t in targets if t in rooms()] for name, targets in graph.items()}) == ()


def test_modules_import_each_other_in_one_direction():
    """Imports for types count: a circle shows a type in the wrong module."""
    assert circles(module_graph()) == ()


def test_only_the_demo_needs_the_playground():
    users = {m for m, targets in module_graph().items() if any(room_of(t) == "playground" for t in targets)}
    assert {m for m in users if room_of(m) != "playground"} == {"partnergate.cli.demo"}


@pytest.mark.parametrize("name", PURE)
def test_a_pure_room_imports_no_library_of_the_outside_world(name):
    for module, path in in_room(name).items():
        outside = {target.split(".")[0] for target in imported_names(path.read_text(encoding="utf-8"))}
        assert not outside & EDGE_MODULES, f"{module} imports {sorted(outside & EDGE_MODULES)}"


@pytest.mark.parametrize("name", PURE)
def test_a_pure_room_reads_neither_clock_nor_environment_nor_console(name):
    for path in in_room(name).values():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            place = f"{path.relative_to(SOURCE)}:{getattr(node, 'lineno', 0)}"
            match node:
                case ast.Call(func=ast.Name(id="print" | "open" | "input" as function)):
                    pytest.fail(f"{place} calls {function}")
                case ast.Attribute(attr="now" | "utcnow" | "today", value=ast.Name(id="datetime" | "date")):
                    pytest.fail(f"{place} reads the clock")
                case ast.Attribute(attr="environ" | "getenv", value=ast.Name(id="os")):
                    pytest.fail(f"{place} reads the environment")


def test_the_architecture_page_has_the_current_table():
    """Run python tests/support/layers.py when this fails."""
    assert PAGE.read_text(encoding="utf-8") == current_page()


def test_a_circle_is_reported_as_its_path():
    assert circles({"a": ["b"], "b": ["c"], "c": ["b"], "d": []}) in ((("b", "c", "b"),), (("c", "b", "c"),))
    assert len(circles({"a": ["b"], "b": ["a"], "c": ["d"], "d": ["c"]})) == 2


def test_an_import_inside_a_function_and_one_for_types_are_seen():
    source = "def f():\n    import a.b\nif TYPE_CHECKING:\n    from c import d\n"
    assert imported_names(source) == {"a.b", "c.d"}
    assert imported_modules({"a.b", "c.d", "e.f"}, {"a.b", "c"}) == {"a.b", "c"}


def test_a_relative_import_is_refused():
    with pytest.raises(ValueError, match="relative import"):
        imported_names("from . import a")

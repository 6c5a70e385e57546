"""Units from files: stores under cities and provinces, or under parents named by code."""

from pathlib import Path

from openpyxl import Workbook
from sqlalchemy import func, select

from sync_server.operations.imports.columns import Outcome
from sync_server.operations.imports.org import import_org
from sync_server.operations.tools import Tools
from sync_server.store import tables as t
from sync_server.store.organisation import Tree, counter_value

HEAD = "store_id,name,province,city,address,lat,lng\n"
ROWS = """1,国贸店,北京市,北京市,东街 1 号,39.9,116.4
2,西湖店,浙江省,杭州市,湖滨,30.2,120.1
3,钱江店,浙江省,杭州市,"江边
二层",30.2,120.2
"""


def _import(tools: Tools, folder: Path, text: str, *, dry_run: bool = False, **mapping: str) -> Outcome:
    file = folder / "stores.csv"
    file.write_text(text, encoding="utf-8")
    return import_org(tools, file, company="Chain", mapping=mapping, dry_run=dry_run)


def _tree(tools: Tools) -> Tree:
    with tools.store.read() as conn:
        return tools.trees.current(conn)


def _paths(tools: Tools) -> dict[str, str]:
    tree = _tree(tools)
    return {
        unit.code: " › ".join(tree.units[id].name for id in tree.path(unit.id))
        for unit in tree.units.values()
        if unit.kind == "store"
    }


def test_stores_stand_under_their_city_and_province(tools: Tools, tmp_path: Path) -> None:
    """The company, provinces and cities are made once each; names are found by initials."""
    done = _import(tools, tmp_path, HEAD + ROWS)
    assert done.counts["added"] == 1 + 2 + 2 + 3
    assert not done.problems
    assert _paths(tools) == {
        "1": "Chain › 北京市 › 北京市 › 国贸店",
        "2": "Chain › 浙江省 › 杭州市 › 西湖店",
        "3": "Chain › 浙江省 › 杭州市 › 钱江店",
    }
    units = {unit.code: unit for unit in _tree(tools).units.values()}
    assert units["1"].pinyin == "gmd"
    assert units["3"].address == "江边 二层"


def test_positions_hold_each_subtree_in_one_range(tools: Tools, tmp_path: Path) -> None:
    """Preorder: what lies below a unit is exactly the positions of its span, also after a second import."""
    _import(tools, tmp_path, HEAD + ROWS)
    _import(tools, tmp_path, HEAD + "4,解放碑店,重庆市,重庆市,,,\n5,河坊店,浙江省,杭州市,,,\n")
    tree = _tree(tools)
    for id in tree.units:
        assert set(tree.below(id)) == {other for other in tree.units if id in tree.ancestors(other)}
    with tools.store.read() as conn:
        positions = sorted(conn.execute(select(t.org_unit.c.pos)).scalars())
    assert positions == list(range(len(tree.units)))


def test_importing_again_changes_nothing_and_then_only_what_differs(tools: Tools, tmp_path: Path) -> None:
    """The tree's version rises once for each import that changes anything."""

    def state() -> tuple[int, int]:
        with tools.store.read() as conn:
            changes = conn.execute(select(func.count()).select_from(t.change)).scalar_one()
            return counter_value(conn, "tree"), changes

    _import(tools, tmp_path, HEAD + ROWS)
    before = state()
    assert _import(tools, tmp_path, HEAD + ROWS).counts == {"added": 0, "changed": 0, "unchanged": 8}
    assert state() == before
    renamed = _import(tools, tmp_path, HEAD + ROWS.replace("西湖店", "断桥店"))
    assert renamed.counts == {"added": 0, "changed": 1, "unchanged": 7}
    assert state() == (before[0] + 1, before[1] + 1)


def test_dry_run_changes_nothing(tools: Tools, tmp_path: Path) -> None:
    """A dry run counts what would be added."""
    assert _import(tools, tmp_path, HEAD + ROWS, dry_run=True).counts["added"] == 8
    assert not _tree(tools).units


def test_bad_rows_are_told_by_line_and_column_and_the_rest_goes_on(tools: Tools, tmp_path: Path) -> None:
    """Each bad row says where and why; the good ones are in."""
    bad = (
        ",无号店,浙江省,杭州市,,,\n"
        "7,,浙江省,杭州市,,,\n"
        "8,远店,浙江省,杭州市,,91,120\n"
        "9,字店,浙江省,杭州市,,north,120\n"
        "2,重号店,浙江省,杭州市,,,\n"
        "10,短行\n"
        '11,"坏引号"x,浙江省,杭州市,,,\n'
        "12,好店,浙江省,杭州市,,30.1,120.3\n"
    )
    done = _import(tools, tmp_path, HEAD + ROWS + bad)
    # The address of store 3 spans two lines of the file.
    assert [(p.line, p.column, p.code) for p in done.problems] == [
        (6, "store_id", "cell_empty"),
        (7, "name", "cell_empty"),
        (8, "lat", "cell_not_number"),
        (9, "lat", "cell_not_number"),
        (10, "store_id", "cell_twice"),
        (11, "", "row_cells"),
        (12, "", "row_unreadable"),
    ]
    assert set(_paths(tools)) == {"1", "2", "3", "12"}


def test_units_may_name_their_parent(tools: Tools, tmp_path: Path) -> None:
    """Any organisation can be given by codes; an unknown parent is told."""
    text = (
        "code,name,kind,parent\nHQ,Head,company,\nIT,Computers,department,HQ\n"
        "S1,Shop,store,IT\nS2,Lost,store,NOWHERE\nS3,Odd,castle,HQ\n"
    )
    done = _import(tools, tmp_path, text)
    assert [(p.line, p.code) for p in done.problems] == [(6, "cell_unknown_option"), (5, "cell_unknown_unit")]
    assert _paths(tools) == {"S1": "Head › Computers › Shop"}


def test_other_headings_are_mapped(tools: Tools, tmp_path: Path) -> None:
    """Headings nobody foresaw are named by the operator."""
    done = _import(tools, tmp_path, "nr,label\n1,One\n", code="nr", name="label")
    assert not done.problems
    assert _paths(tools) == {"1": "Chain › One"}


def test_spreadsheets_and_chinese_encodings_are_read(tools: Tools, tmp_path: Path) -> None:
    """xlsx, and CSV as Chinese spreadsheets save it."""
    book = Workbook()
    for row in (("门店编号", "门店名称", "省份", "城市"), (41, "表格店", "浙江省", "杭州市")):
        book.worksheets[0].append(row)
    book.save(tmp_path / "stores.xlsx")
    import_org(tools, tmp_path / "stores.xlsx", company="Chain", mapping={})
    (tmp_path / "gbk.csv").write_bytes("编号,名称\n42,国标店\n".encode("gb18030"))
    import_org(tools, tmp_path / "gbk.csv", company="Chain", mapping={})
    assert {code: path.split(" › ")[-1] for code, path in _paths(tools).items()} == {
        "41": "表格店",
        "42": "国标店",
    }

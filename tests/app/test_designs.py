"""Facts of each design: with a source or not at all; the site's come first; bad files are named."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from stentviewer.app import designs
from stentviewer.app.designs import FactKind, load, restore, set_fact
from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.paths import resources_dir
from stentviewer.simulate.stents import STENT_MAKERS

KINDS = tuple(FactKind)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "designs"


def write(site: Path, name: str, text: str) -> Path:
    site.mkdir(exist_ok=True)
    path = site / name
    path.write_text(text, encoding="utf-8")
    return path


def test_every_design_of_the_demo_model_has_a_page(site: Path) -> None:
    found = load(site=site)
    assert found.problems == ()
    assert [page.name for page in found.pages] == sorted(STENT_MAKERS, key=str.casefold)


def test_every_shipped_fact_has_a_source_and_its_korean(site: Path) -> None:
    facts = [fact for page in load(site=site).pages for fact in page.shipped.values()]
    assert len(facts) >= 10
    for fact in facts:
        assert fact.text
        assert fact.source
        assert fact.text_ko
        assert any("가" <= letter <= "힣" for letter in fact.text_ko)
        assert (fact.by, fact.at) == ("", None)


def test_what_has_no_source_is_blank(site: Path) -> None:
    """Nothing is known to the program of MR conditions: it must never look as if it were."""
    for page in load(site=site).pages:
        assert page.fact(FactKind.MR) is None
    assert [load(site=site).page("EGIS").fact(kind) for kind in KINDS] == [None] * len(KINDS)


def test_a_design_learned_here_gets_an_empty_page(site: Path) -> None:
    found = load(["Coil", "NITI-S"], site)
    assert [page.name for page in found.pages if page.name == "Coil"] == ["Coil"]
    assert len(found.pages) == len(STENT_MAKERS) + 1
    assert found.page("Coil").fact(FactKind.MESH) is None
    assert load(site=site).page("not there").name == "not there"


def test_the_sites_fact_comes_first_and_can_be_taken_back(site: Path) -> None:
    before = load(site=site).page("NITI-S")
    set_fact("NITI-S", FactKind.MR, "1.5 and 3 T", "IFU 2024-05, p. 3", "", "dr.kim", site)
    set_fact("NITI-S", FactKind.MESH, "Ours", "IFU", "https://example.org", "dr.kim", site)
    page = load(site=site).page("NITI-S")
    fact = page.fact(FactKind.MR)
    assert fact is not None
    assert (fact.text, fact.source, fact.by) == ("1.5 and 3 T", "IFU 2024-05, p. 3", "dr.kim")
    assert fact.at is not None
    assert page.own.keys() == {FactKind.MR, FactKind.MESH}
    assert page.fact(FactKind.COVER) == before.fact(FactKind.COVER), "the others stay"
    assert page.shipped == before.shipped
    restore("NITI-S", FactKind.MESH, site)
    assert load(site=site).page("NITI-S").fact(FactKind.MESH) == before.fact(FactKind.MESH)
    restore("NITI-S", FactKind.MR, site)
    assert list(site.iterdir()) == [], "a page without facts of the site leaves no file"


def test_a_fact_needs_its_source(site: Path) -> None:
    with pytest.raises(UserError, match="source"):
        set_fact("EGIS", FactKind.MESH, "Woven", "  ", "", "dr.kim", site)
    with pytest.raises(UserError, match="2000"):
        set_fact("EGIS", FactKind.MESH, "x" * 2001, "IFU", "", "dr.kim", site)
    assert not site.exists()


def test_a_site_can_say_that_a_fact_does_not_hold(site: Path) -> None:
    set_fact("NITI-S", FactKind.COVER, "", "", "", "dr.kim", site)
    page = load(site=site).page("NITI-S")
    assert page.fact(FactKind.COVER) is None
    assert page.own[FactKind.COVER].by == "dr.kim"


@pytest.mark.parametrize("name", ["A/B: C", "나이티 S", "..", "CON", "a b"])
def test_any_name_gets_a_file_of_its_own(site: Path, name: str) -> None:
    set_fact(name, FactKind.MESH, "Woven", "IFU", "", "dr.kim", site)
    set_fact(f"{name}!", FactKind.MESH, "Cut", "IFU", "", "dr.kim", site)
    pages = load(site=site)
    assert pages.page(name).own[FactKind.MESH].text == "Woven"
    assert pages.page(f"{name}!").own[FactKind.MESH].text == "Cut"
    assert {path.parent for path in site.rglob("*")} == {site}
    assert len(list(site.iterdir())) == 2


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('name = "EGIS"\n[facts.mesh]\ntext = "Woven"\n', 2, "needs its source"),
        ('name = "EGIS"\n\n[facts.mesh]\ntext = Woven\n', 4, "no TOML"),
        ('name = "EGIS"\n[facts.colour]\ntext = "x"\nsource = "y"\n', 2, "colour"),
        ('name = "EGIS"\n[facts.mesh]\ntext = "x"\nsource = "y"\nextra = 1\n', 5, "extra"),
        ('name = "EGIS"\n[facts.mesh]\nsource = "y"\ntext = 7\n', 4, "text"),
        ('[facts.mesh]\ntext = "x"\nsource = "y"\n', 1, "“name” is missing"),
    ],
)
def test_a_bad_file_is_named_with_its_line_and_the_rest_goes_on(
    site: Path, text: str, line: int, reason: str
) -> None:
    path = write(site, "egis.toml", text)
    write(site, "epic.toml", 'name = "Epic"\n[facts.mesh]\ntext = "Cut"\nsource = "IFU"\n')
    found = load(site=site)
    (problem,) = found.problems
    assert problem.path == path
    assert f"“egis.toml” is not used: line {line}: " in problem.message
    assert reason in problem.message
    assert found.page("EGIS").own == {}
    assert found.page("Epic").own[FactKind.MESH].text == "Cut"
    assert len(found.pages) == len(STENT_MAKERS)


def test_what_is_no_text_and_a_second_file_of_a_design_are_named(site: Path) -> None:
    write(site, "a.toml", 'name = "EGIS"\n[facts.mesh]\ntext = "One"\nsource = "IFU"\n')
    write(site, "b.toml", 'name = "EGIS"\n[facts.mesh]\ntext = "Two"\nsource = "IFU"\n')
    (site / "c.toml").write_bytes(b"\xff\xfe\x00")
    found = load(site=site)
    assert found.page("EGIS").own[FactKind.MESH].text == "One"
    assert ["“a.toml” is of the same design" in one.message for one in found.problems] == [
        True,
        False,
    ]
    assert "UTF-8" in found.problems[1].message


def test_a_fact_of_the_site_beside_a_bad_file_is_kept(site: Path) -> None:
    bad = write(site, "egis.toml", "not = [toml")
    set_fact("EGIS", FactKind.MESH, "Woven", "IFU", "", "dr.kim", site)
    assert bad.read_text() == "not = [toml", "what a person wrote is not written over"
    assert load(site=site).page("EGIS").own[FactKind.MESH].text == "Woven"


def test_a_folder_that_cannot_be_written_says_so(site: Path, tmp_path: Path) -> None:
    site.write_text("a file stands here")
    with pytest.raises(KnownError, match="cannot be written"):
        set_fact("EGIS", FactKind.MESH, "Woven", "IFU", "", "dr.kim", site)


def test_a_kept_page_is_a_file_of_the_shipped_form(site: Path) -> None:
    set_fact("나이티-S", FactKind.MESH, 'Said "woven"\nin two lines', "IFU", "", "김", site)
    (path,) = site.iterdir()
    assert path.suffix == ".toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    assert raw["name"] == "나이티-S"
    assert raw["facts"]["mesh"]["text"] == 'Said "woven"\nin two lines'
    assert not stat.S_IMODE(path.stat().st_mode) & stat.S_IWOTH
    assert set(raw) == {"name", "facts"}
    shipped = tomllib.loads((resources_dir() / "designs" / "bona-uc.toml").read_text("utf-8"))
    assert set(shipped) == set(raw)
    assert designs.site_folder().name == "designs"

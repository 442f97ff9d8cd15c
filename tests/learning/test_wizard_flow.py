"""The wizard's steps without a window: what each needs, refuses, keeps and makes."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.types import Box, Problem
from stentviewer.learning import wizard_recipe
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.selection import Item, pseudonym
from stentviewer.learning.wizard_draft import (
    Details,
    ModelChoice,
    forget_draft,
    key_of,
    load_draft,
)
from stentviewer.learning.wizard_flow import Step, WizardFlow
from stentviewer.learning.wizard_plan import LEFT_OUT, Plan
from stentviewer.learning.wizard_runs import free_folder

CLASSES = ("Bona", "EGIS", "NITI-S")
MODEL = ModelChoice(
    id="stent-demo",
    sha256="a" * 64,
    name="Stent maker, demo",
    architecture="tf_efficientnet_lite0",
    side=128,
    classes=CLASSES,
    manufacturers=("Standard", "S&G", "Taewoong"),
    in_force=True,
)
OTHER = MODEL.model_copy(update={"id": "other", "sha256": "b" * 64, "in_force": False})
NOW = datetime(2026, 11, 21, 18, 40, tzinfo=UTC)


@dataclass(frozen=True)
class Found:
    """What a source of images answered."""

    items: tuple[Item, ...]
    problems: tuple[Problem, ...] = ()


def some(*labels: str, patients: int = 6, folder: Path = Path("/images")) -> Found:
    """Two images of each patient of each label."""
    return Found(
        tuple(
            Item(folder / f"{label}-{patient}-{view}.dcm", label, pseudonym(f"{label} {patient}"))
            for label in labels
            for patient in range(patients)
            for view in range(2)
        )
    )


@pytest.fixture
def flow(tmp_path: Path) -> WizardFlow:
    made = WizardFlow(tmp_path / "training")
    made.take_models((OTHER, MODEL))
    return made


def add_coil(flow: WizardFlow, patients: int = 6) -> None:
    """A new design with images of it and of all the others."""
    flow.set_plan(flow.plan.add("Coil"))
    flow.add_source("folders", Path("/images"), some(*CLASSES, "Coil", patients=patients))


def at_how(flow: WizardFlow) -> WizardFlow:
    add_coil(flow)
    flow.take_check(flow.items(), "")
    flow.go_to(Step.HOW)
    return flow


def made_run(flow: WizardFlow) -> RunFolder:
    run = flow.making(NOW)()
    flow.take_run(run)
    return run


def finish(run: RunFolder) -> None:
    run.set_state(run.state().model_copy(update={"status": "done", "bundle": "bundle"}))
    run.result.write_text("{}", encoding="utf-8")


class TestPlan:
    def test_it_begins_as_the_start_model(self, flow) -> None:
        assert flow.draft.model == MODEL, "the model in force, not the first"
        assert flow.plan.names == CLASSES
        assert flow.plan.spec("EGIS").manufacturer == "S&G"
        assert flow.plan.is_as_before

    def test_a_new_design_begins_with_nothing(self) -> None:
        plan = Plan.of(CLASSES).add("  Coil   2 ", " Maker  Ltd ")
        assert plan.new == ("Coil 2",)
        assert plan.spec("Coil 2").manufacturer == "Maker Ltd"
        assert plan.spec("Coil 2").before == ()
        assert not plan.is_as_before

    def test_several_at_once(self) -> None:
        plan = Plan.of(CLASSES).add("Coil").add("Braid")
        assert plan.new == ("Coil", "Braid")

    @pytest.mark.parametrize("name", ["", "  ", "a\x00b", "x" * 65])
    def test_a_name_that_is_none(self, name: str) -> None:
        with pytest.raises(UserError):
            Plan.of(CLASSES).add(name)

    @pytest.mark.parametrize("name", ["egis", "NITI S", "niti-s", "Ｂona"])
    def test_a_name_that_reads_like_another(self, name: str) -> None:
        with pytest.raises(UserError, match="already"):
            Plan.of(CLASSES).add(name)

    @pytest.mark.parametrize("name", ["No stent", "another design", "Cannot tell"])
    def test_an_answer_is_no_design(self, name: str) -> None:
        with pytest.raises(UserError, match="answer"):
            Plan.of(CLASSES).add(name)

    def test_a_renamed_class_keeps_its_weights_and_its_images(self) -> None:
        plan = Plan.of(CLASSES).rename("Bona", "Bona Stent")
        assert plan.spec("Bona Stent").before == ("Bona",)
        assert plan.names == ("Bona Stent", "EGIS", "NITI-S"), "in its place"
        assert plan.class_of("Bona") == "Bona Stent"
        assert plan.retired == ()
        assert plan.rename("Bona Stent", "Bona").class_of("Bona") == "Bona"

    def test_a_name_may_change_its_case(self) -> None:
        assert Plan.of(CLASSES).rename("Bona", "BONA").names[0] == "BONA"

    def test_merged_classes_bring_their_weights_and_images(self) -> None:
        plan = Plan.of(CLASSES).add("Coil").merge(("EGIS", "Coil"), "EGIS")
        assert plan.names == ("Bona", "EGIS", "NITI-S")
        assert plan.spec("EGIS").before == ("EGIS",)
        assert plan.class_of("Coil") == "EGIS"
        both = Plan.of(CLASSES).merge(("Bona", "EGIS"), "Either")
        assert both.spec("Either").before == ("Bona", "EGIS")
        assert both.class_of("Bona") == both.class_of("EGIS") == "Either"
        with pytest.raises(UserError):
            both.merge(("Either",), "Either")

    def test_a_retired_class_leaves_its_images_out_until_it_comes_back(self) -> None:
        plan = Plan.of(CLASSES).retire("EGIS")
        assert plan.retired == ("EGIS",)
        assert plan.class_of("EGIS") == LEFT_OUT
        back = plan.restore("EGIS")
        assert back.class_of("EGIS") == "EGIS"
        assert back.spec("EGIS").before == ("EGIS",)
        assert Plan.of(CLASSES).merge(("Bona", "EGIS"), "E").retire("E").retired == (
            "Bona",
            "EGIS",
        )

    def test_what_counted_as_a_class_that_goes_is_undecided_again(self) -> None:
        plan = Plan.of(CLASSES).add("Coil").count("spiral", "Coil")
        assert plan.class_of("spiral") == "Coil"
        assert plan.rename("Coil", "Helix").class_of("spiral") == "Helix"
        assert plan.retire("Coil").class_of("spiral") is None

    def test_labels_find_their_class_whatever_their_case(self) -> None:
        plan = Plan.of(CLASSES)
        assert plan.class_of("egis") == "EGIS"
        assert plan.class_of("niti_s") == "NITI-S"
        assert plan.class_of("Coil") is None
        assert plan.undecided(("Coil", "EGIS", "Coil")) == ("Coil",)
        assert plan.count("Coil", LEFT_OUT).undecided(("Coil",)) == ()


class TestChange:
    def test_what_is_missing_is_said_one_by_one(self, flow) -> None:
        assert "images to learn from" in flow.why_not()
        flow.add_source("folders", Path("/images"), some("EGIS", "Coil"))
        assert "“Coil”" in flow.why_not()
        flow.set_plan(flow.plan.add("Coil"))
        assert "Bona, NITI-S" in flow.why_not()
        flow.add_source("csv", Path("/more.csv"), some("Bona", "NITI-S"))
        assert flow.why_not() == ""
        flow.go_on()
        assert flow.step == Step.DATA

    def test_no_model_no_step(self, tmp_path) -> None:
        flow = WizardFlow(tmp_path)
        assert flow.why_not() == "Choose the model to start from."
        with pytest.raises(UserError, match="model to start from"):
            flow.go_to(Step.HOW)

    def test_a_class_that_has_no_images_can_be_retired(self, flow) -> None:
        flow.add_source("folders", Path("/images"), some("EGIS", "Bona"))
        assert "NITI-S" in flow.why_not()
        flow.set_plan(flow.plan.retire("NITI-S"))
        assert flow.why_not() == ""
        flow.set_plan(flow.plan.retire("Bona"))
        assert "two classes" in flow.why_not()

    def test_another_start_model_keeps_the_new_design(self, flow) -> None:
        flow.set_plan(flow.plan.add("Coil").retire("EGIS"))
        flow.choose_model("other")
        assert flow.plan.names == (*CLASSES, "Coil")
        assert flow.draft.model == OTHER

    def test_a_source_without_images_says_why(self, flow) -> None:
        with pytest.raises(UserError, match="worklist has a label"):
            flow.add_source("worklist", None, Found(()))
        with pytest.raises(UserError, match="no images in images"):
            flow.add_source("folders", Path("/images"), Found(()))
        problem = Problem(Path("/images/a.png"), "a.png is damaged.")
        with pytest.raises(UserError, match=r"a\.png is damaged"):
            flow.add_source("folders", Path("/images"), Found((), (problem,)))
        assert flow.draft.sources == ()

    def test_the_same_place_again_takes_the_place_of_its_images(self, flow) -> None:
        first = flow.add_source("folders", Path("/images"), some("EGIS"))
        again = flow.add_source("folders", Path("/images"), some("Bona"))
        assert [one.number for one in flow.draft.sources] == [again.number]
        assert flow.images_of(first.number) == ()
        assert flow.labels == {"Bona": 12}
        flow.remove_source(again.number)
        assert flow.labels == {}

    def test_an_image_of_two_sources_counts_once(self, flow) -> None:
        flow.add_source("folders", Path("/images"), some("EGIS"))
        flow.add_source("csv", Path("/images.csv"), some("EGIS"))
        assert {count.name: count.images for count in flow.counts()}["EGIS"] == 12

    def test_one_image_under_two_classes_is_a_clash(self, flow) -> None:
        add_coil(flow)
        clash = replace(flow.items()[0], label="Coil")
        flow.add_source("csv", Path("/clash.csv"), Found((clash,)))
        assert "stands under two classes" in flow.why_not()
        flow.leave_out([key_of(clash)])
        assert flow.why_not() == ""

    def test_external_images_are_never_learned_from(self, flow) -> None:
        add_coil(flow)
        elsewhere = some(*CLASSES, folder=Path("/elsewhere"))
        flow.add_source("folders", Path("/elsewhere"), elsewhere, external=True)
        bona = flow.counts()[0]
        assert (bona.images, bona.external) == (12, 12)
        flow.remove_source(1)
        assert "No image to learn from" in flow.why_not(), "images from elsewhere do not help"

    def test_a_model_that_is_gone_or_changed_is_said(self, flow) -> None:
        add_coil(flow)
        flow.take_models((MODEL.model_copy(update={"sha256": "c" * 64}),))
        assert "no longer installed" in flow.why_not()
        flow.choose_model("stent-demo")
        assert flow.why_not() == ""


class TestData:
    def test_images_have_to_be_looked_at_and_again_when_others_come(self, flow) -> None:
        add_coil(flow)
        flow.go_on()
        assert "not been looked at" in flow.why_not()
        flow.take_check(flow.items(), "")
        assert flow.why_not() == ""
        flow.leave_out([key_of(flow.items()[0])])
        assert "not been looked at" in flow.why_not()
        flow.take_back()
        assert flow.why_not() == ""

    def test_what_is_held_back_needs_no_other_look(self, flow) -> None:
        add_coil(flow)
        flow.take_check(flow.items(), "")
        first = flow.items()[0]
        flow.hold_back([first.patient])
        assert flow.is_checked
        assert {i.role for i in flow.items() if i.patient == first.patient} == {"test"}
        flow.hold_back([])
        assert flow.items()[0] == first

    def test_masks_add_up_and_are_looked_at_again(self, flow) -> None:
        add_coil(flow)
        flow.take_check(flow.items(), "")
        first = flow.items()[0]
        flow.mask({key_of(first): [Box(0, 0, 0.2, 0.1)]})
        assert not flow.is_checked
        flow.mask({key_of(first): [Box(0, 0, 0.2, 0.1), Box(0.5, 0, 0.7, 0.1)]})
        assert flow.items()[0].masks == (Box(0, 0, 0.2, 0.1), Box(0.5, 0, 0.7, 0.1))
        flow.take_back()
        assert flow.items()[0] == first
        assert flow.is_checked

    def test_patients_with_copies_of_one_image_count_as_one(self, flow) -> None:
        add_coil(flow)
        one, two, three = list(dict.fromkeys(i.patient for i in flow.items()))[:3]
        flow.hold_back([two])
        flow.join({two: one})
        assert flow.counts()[0].patients == 4, "six, of which two are one, who is held back"
        flow.join({one: three})
        assert {i.patient for i in flow.items()} & {one, two} == set()
        assert flow.draft.held_back == {three}

    def test_a_finding_one_cannot_learn_with_stops(self, flow) -> None:
        add_coil(flow)
        flow.take_check(flow.items(), "A text gives the class away.")
        assert flow.why_not(Step.DATA) == "A text gives the class away."
        assert not flow.can_enter(Step.HOW)

    def test_a_class_of_one_patient_cannot_be_checked(self, flow) -> None:
        flow.add_source("folders", Path("/images"), some(*CLASSES))
        flow.add_source("csv", Path("/one.csv"), some("Coil", patients=1))
        flow.set_plan(flow.plan.add("Coil"))
        flow.take_check(flow.items(), "")
        assert "Of one patient only: Coil" in flow.why_not(Step.DATA)

    def test_holding_back_all_but_one_patient_is_too_much(self, flow) -> None:
        add_coil(flow)
        flow.take_check(flow.items(), "")
        coil = sorted({item.patient for item in flow.items() if item.label == "Coil"})
        flow.hold_back(coil[1:])
        assert "Of one patient only: Coil" in flow.why_not(Step.DATA)
        flow.hold_back(coil)
        assert "No image to learn from: Coil" in flow.why_not(Step.CHANGE)


class TestHow:
    def test_quick_is_the_usual_way(self, flow) -> None:
        recipe = at_how(flow).recipe()
        assert recipe.method == "quick"
        assert recipe.start.model == "stent-demo"
        assert recipe.side == 128, "as the start model reads"
        flow.set_details(Details(side=512))
        assert flow.recipe().side == 128, "the network stays as it is"
        assert recipe.names == (*CLASSES, "Coil")
        assert recipe.name == "Coil (quick)"

    def test_full_is_the_papers_recipe(self, flow) -> None:
        at_how(flow).set_method("full")
        recipe = flow.recipe()
        assert (recipe.side, recipe.epochs) == (1024, 200)
        assert recipe.augment.mixup == 0.8
        flow.set_method("full", thorough=True)
        assert (flow.recipe().side, flow.recipe().epochs) == (1536, 500)

    def test_details_depart_from_the_method(self, flow) -> None:
        at_how(flow).set_method("tuned")
        flow.set_details(Details(folds=3, epochs=4, frozen=0.9, layer_decay=0.7, lora=8, side=96))
        recipe = flow.recipe()
        assert (recipe.folds, recipe.epochs, recipe.side) == (3, 4, 96)
        assert (recipe.optimise.frozen, recipe.optimise.layer_decay) == (0.9, 0.7)
        assert recipe.optimise.norm == "frozen", "the rest is the method's"
        assert recipe.optimise.lora == 0, "only a transformer has attention"
        flow.set_details(Details(network="deit_base_patch16_224", lora=8))
        assert flow.recipe().optimise.lora == 8

    def test_deit_drops_paths_as_the_papers_do(self, flow) -> None:
        at_how(flow).set_method("full")
        flow.set_details(Details(network="deit_base_patch16_224"))
        assert flow.recipe().optimise.drop_path == 0.1
        flow.set_details(Details(network="resnet50d"))
        assert flow.recipe().optimise.drop_path == 0.0

    def test_another_network_begins_with_no_class(self, flow) -> None:
        at_how(flow)
        flow.set_details(Details(network="resnet50d", weights=Path("/w.safetensors"), side=512))
        assert flow.recipe().side == 512
        flow.set_method("full")
        recipe = flow.recipe()
        assert recipe.start.model == ""
        assert recipe.start.network == "resnet50d"
        assert all(spec.before == () for spec in recipe.classes)

    def test_no_more_folds_than_patients(self, flow) -> None:
        add_coil(flow, patients=4)
        flow.take_check(flow.items(), "")
        flow.go_to(Step.HOW)
        assert flow.recipe().folds == 4, "the papers' five do not go"
        assert flow.why_not() == ""
        flow.set_details(Details(folds=5))
        assert "5 folds need 5 patients in each class; the smallest has 4" in flow.why_not()

    def test_without_the_packages_only_quick(self, flow, monkeypatch) -> None:
        real = wizard_recipe.find_spec
        monkeypatch.setattr(
            wizard_recipe, "find_spec", lambda name: None if name == "timm" else real(name)
        )
        at_how(flow).set_method("full")
        assert "timm" in flow.why_not()
        assert "pip install" in flow.why_not()
        flow.set_method("quick")
        assert flow.why_not() == ""
        flow.set_details(Details(network="resnet50d"))
        assert "Another network needs packages" in flow.why_not()


class TestRun:
    def test_the_run_holds_all_that_was_chosen(self, flow) -> None:
        at_how(flow)
        first = flow.items()[0]
        flow.mask({key_of(first): [Box(0, 0, 0.25, 0.125)]})
        flow.take_check(flow.items(), "")
        flow.hold_back([first.patient])
        run = made_run(flow)
        assert run.recipe().names == (*CLASSES, "Coil")
        kept = run.items()
        assert kept == list(flow.items())
        assert kept[0].role == "test"
        assert kept[0].masks == (Box(0, 0, 0.25, 0.125),)
        assert run.name == "2026-11-21-1840-coil-quick"
        assert flow.step == Step.RUN

    def test_the_frozen_test_set_is_kept_apart(self, flow) -> None:
        at_how(flow)
        frozen = [item for item in flow.items() if item.patient == flow.items()[0].patient]
        flow.take_check(flow.items(), "", [key_of(item) for item in frozen])
        assert flow.counts()[0].test == 2
        assert flow.is_checked
        flow.set_plan(flow.plan.rename("Bona", "Bona Stent"))
        flow.take_check(flow.items(), "", [key_of(item) for item in frozen])
        moved = replace(frozen[0], path=Path("/kept/elsewhere.dcm"), role="test")

        def prepare(items):
            return [item for item in items if item.role == "train"] + [moved]

        kept = flow.making(NOW, prepare)().items()
        assert kept[-1] == replace(moved, label="Bona Stent"), "the set still has the old name"
        assert not {key_of(item) for item in kept} & {key_of(item) for item in frozen}

    def test_no_run_of_what_does_not_do(self, flow) -> None:
        add_coil(flow)
        with pytest.raises(UserError, match="not been looked at"):
            flow.making(NOW)
        assert not flow.can_enter(Step.RUN)
        with pytest.raises(UserError):
            flow.go_to(Step.RUN)

    def test_a_run_locks_its_choices_and_they_can_be_looked_at(self, flow) -> None:
        made_run(at_how(flow))
        flow.back()
        flow.back()
        assert flow.step == Step.DATA
        assert flow.why_not() == ""
        with pytest.raises(UserError, match="Begin another"):
            flow.set_plan(flow.plan.add("Braid"))
        with pytest.raises(UserError):
            flow.remove_source(1)
        assert flow.labels, "nothing was taken away"
        flow.go_to(Step.RUN)

    def test_the_steps_after_it_wait_for_the_result(self, flow) -> None:
        run = made_run(at_how(flow))
        assert "not ended" in flow.why_not()
        assert not flow.can_enter(Step.RESULT)
        run.set_state(run.state().model_copy(update={"status": "failed", "reason": "x"}))
        assert "could not go on" in flow.why_not()
        finish(run)
        flow.go_on()
        flow.go_on()
        assert flow.step == Step.PROMOTE

    def test_the_same_choices_again(self, flow) -> None:
        run = made_run(at_how(flow))
        flow.again()
        assert not flow.is_locked
        flow.set_plan(flow.plan.rename("Coil", "Helix"))
        assert run.recipe().names[-1] == "Coil"
        flow.take_check(flow.items(), "")
        assert flow.making(NOW)().path != run.path

    def test_a_folder_is_never_used_twice(self, tmp_path) -> None:
        first = free_folder(tmp_path, "코일 / ../..", NOW)
        assert first.parent == tmp_path
        assert first.name == "2026-11-21-1840-run"
        first.mkdir()
        assert free_folder(tmp_path, "", NOW).name == "2026-11-21-1840-run-2"


class TestKept:
    def again(self, flow: WizardFlow) -> WizardFlow:
        """The program was closed and comes back."""
        flow.kept().save(flow.place)
        kept, trouble = load_draft(flow.place)
        assert trouble == ""
        made = WizardFlow(flow.place, kept)
        made.take_models(flow.models)
        return made

    def test_everything_is_found_again(self, flow) -> None:
        at_how(flow)
        flow.hold_back([flow.items()[0].patient])
        flow.mask({key_of(flow.items()[1]): [Box(0, 0, 0.5, 0.5)]})
        flow.set_details(Details(folds=3))
        back = self.again(flow)
        assert back.draft == flow.draft
        assert back.items() == flow.items()
        assert "not been looked at" in back.why_not(Step.DATA), "files may have changed"

    def test_nothing_is_there_yet(self, tmp_path) -> None:
        kept, trouble = load_draft(tmp_path)
        assert trouble == ""
        assert WizardFlow(tmp_path, kept).step == Step.CHANGE

    def test_a_source_that_went_leaves_no_list(self, flow) -> None:
        add_coil(flow)
        more = flow.add_source("csv", Path("/more.csv"), some("EGIS", folder=Path("/more")))
        flow.kept().save(flow.place)
        flow.remove_source(more.number)
        flow.add_source("csv", Path("/other.csv"), some("Bona", folder=Path("/other")))
        back = self.again(flow)
        assert back.labels == flow.labels
        assert len(list((flow.place / "draft").glob("source-*.csv"))) == 2

    def test_a_damaged_draft_begins_anew_and_says_so(self, flow) -> None:
        add_coil(flow)
        flow.kept().save(flow.place)
        (flow.place / "draft" / "draft.json").write_text("{", encoding="utf-8")
        kept, trouble = load_draft(flow.place)
        assert "begins anew" in trouble
        assert WizardFlow(flow.place, kept).draft.sources == ()

    def test_a_list_that_is_gone_is_said(self, flow) -> None:
        add_coil(flow)
        flow.kept().save(flow.place)
        (flow.place / "draft" / "source-1.csv").unlink()
        kept, trouble = load_draft(flow.place)
        assert "Choose these images again" in trouble
        assert "images to learn from" in WizardFlow(flow.place, kept).why_not()

    @pytest.mark.skipif(sys.platform == "win32", reason="permissions are another matter there")
    def test_a_disk_that_refuses_is_said(self, flow) -> None:
        flow.place.write_text("a file where the folder should be", encoding="utf-8")
        with pytest.raises(KnownError, match="cannot be kept"):
            flow.kept().save(flow.place)

    def test_the_run_is_there_again(self, flow) -> None:
        run = made_run(at_how(flow))
        flow.back()
        back = self.again(flow)
        assert back.is_locked
        assert back.step == Step.RUN, "an unfinished run is what one comes back for"
        finish(run)
        flow.go_to(Step.RESULT)
        assert self.again(flow).step == Step.RESULT

    def test_a_run_that_was_removed_frees_the_choices(self, flow) -> None:
        run = made_run(at_how(flow))
        (run.path / "run.json").unlink()
        back = self.again(flow)
        assert not back.is_locked
        assert back.step == Step.CHANGE
        assert back.items() == flow.items()

    def test_an_unfinished_run_is_taken_up_in_another_draft(self, flow) -> None:
        at_how(flow).set_method("tuned")
        flow.hold_back([flow.items()[0].patient])
        flow.set_details(Details(folds=3, frozen=0.5))
        run = made_run(flow)
        other = WizardFlow(flow.place)
        other.take_models(flow.models)
        assert [one.path for one in other.unfinished()] == [run.path]
        other.open_run(run)
        assert other.step == Step.RUN
        assert other.unfinished() == []
        assert set(other.items()) == set(flow.items())
        assert other.draft.method == "tuned"
        other.again()
        other.take_check(other.items(), "")
        before, now = run.recipe(), other.recipe()
        assert now.classes == before.classes
        assert (now.folds, now.optimise, now.epochs) == (
            before.folds,
            before.optimise,
            before.epochs,
        )
        finish(run)
        assert WizardFlow(flow.place).unfinished() == []

    def test_starting_over_chooses_nothing(self, flow) -> None:
        made_run(at_how(flow))
        flow.start_over()
        assert (flow.draft.sources, flow.plan.new, flow.step) == ((), (), Step.CHANGE)
        assert flow.draft.model == MODEL
        forget_draft(flow.place)
        assert load_draft(flow.place)[0].draft.sources == ()

    def test_no_name_stands_in_a_draft(self, flow) -> None:
        add_coil(flow)
        flow.kept().save(flow.place)
        for file in (flow.place / "draft").iterdir():
            assert "Coil 3" not in file.read_text(encoding="utf-8"), "the ID of a patient"

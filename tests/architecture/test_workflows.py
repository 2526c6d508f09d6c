"""The pipelines run what is here, of actions that do not change, with few rights."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest
import yaml

from ops.cli import main
from ops.delivery.cluster import BACK_SECONDS, MIGRATION_SECONDS, ROLLOUT_SECONDS
from ops.stack.services import BIN, SERVICES
from ops.stack.settings import ROOT

FOLDER = ROOT / ".github"
WORKFLOWS = {
    path.stem: yaml.safe_load(path.read_text())
    for path in sorted(FOLDER.glob("workflows/*.yml"))
}
ACTIONS = {
    path.parent.name: yaml.safe_load(path.read_text())
    for path in sorted(FOLDER.glob("actions/*/action.yml"))
}
FILES = [*sorted(FOLDER.glob("workflows/*.yml")), *FOLDER.glob("actions/*/action.yml")]
JOBS = {
    f"{workflow}.{name}": job
    for workflow, document in WORKFLOWS.items()
    for name, job in document["jobs"].items()
}
STEPS = [
    (f"{place}[{number}]", step)
    for place, holder in {
        **JOBS,
        **{name: action["runs"] for name, action in ACTIONS.items()},
    }.items()
    for number, step in enumerate(holder.get("steps", ()))
]
# A matrix has commands of its own.
SCRIPTS = [(name, step["run"]) for name, step in STEPS if "run" in step] + [
    (f"{name}: {each['drill']}", each["command"])
    for name, job in JOBS.items()
    for each in job.get("strategy", {}).get("matrix", {}).get("include", ())
]
# What every runner has, and the shell itself.
GIVEN = {"bash", "echo", "git", "go", "mkdir", "printf", "read", "rm", "umask"}
IMAGES = [JOBS[name] for name in ("pull-request.image", "main.image")]
RELEASES = {
    name: step["with"]
    for name, job in JOBS.items()
    for step in job.get("steps", ())
    if step.get("uses") == "./.github/actions/deploy"
}
PINNED = re.compile(r"^\s*(?:- )?uses: ([\w./-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+$")

each_job = pytest.mark.parametrize("name", JOBS)
each_script = pytest.mark.parametrize(("name", "script"), SCRIPTS)


def commands(script):
    """Its lines, in words, without what they are told to write into a file."""
    for line in re.sub(r"\\\n", " ", script).splitlines():
        words = shlex.split(re.sub(r"(<<<|>>?)\s*\"[^\"]*\"", "", line))
        if words:
            yield words


def test_there_is_a_pipeline_for_each_occasion():
    assert set(WORKFLOWS) == {"pull-request", "main", "nightly"}


def test_github_understands_the_workflows():
    for schema, files in (
        ("vendor.github-workflows", FOLDER.glob("workflows/*.yml")),
        ("vendor.github-actions", FOLDER.glob("actions/*/action.yml")),
    ):
        words = ["--builtin-schema", schema, *map(str, files)]
        done = subprocess.run(
            [BIN / "check-jsonschema", *words],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_action_is_pinned_by_its_commit(file):
    for line in file.read_text().splitlines():
        if "uses:" in line and "uses: ./" not in line:
            assert PINNED.match(line), line


def test_an_action_is_the_same_everywhere():
    pins = {}
    for file in FILES:
        for line in file.read_text().splitlines():
            if found := PINNED.match(line):
                assert pins.setdefault(found[1], line.split("@")[1]) in line


def test_what_is_not_granted_is_refused():
    for document in WORKFLOWS.values():
        assert document["permissions"] == {}


@each_job
def test_a_job_says_what_it_may(name):
    assert JOBS[name]["permissions"]["contents"] == "read"


@each_job
def test_a_job_ends(name):
    assert "timeout-minutes" in JOBS[name] or "uses" in JOBS[name]


def test_only_who_pushes_images_may_write():
    writers = [name for name, job in JOBS.items() if "write" in str(job["permissions"])]

    assert writers == ["main.image"]


def test_no_checkout_leaves_its_token_behind():
    for name, step in STEPS:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False, name


@each_script
def test_a_script_does_not_take_text_from_outside_as_code(name, script):
    assert "${{" not in script, name


@each_script
def test_a_step_runs_what_is_here(name, script):
    for first, *rest in commands(script):
        if first == "make":
            assert rest[0] in targets(), rest
        elif first.endswith("/shopnow"):
            assert_known(rest)
        elif "/" in first:
            assert is_here(first), first
        else:
            assert first in GIVEN, first


def is_here(program):
    path = (
        BIN / Path(program).name if program.startswith(".venv/bin/") else Path(program)
    )
    return os.access(ROOT / path, os.X_OK)


def targets():
    return set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    )


def assert_known(words):
    """Subcommands and options of ours, as click knows them."""
    command, context = main, click.Context(main)
    while isinstance(command, click.Group):
        command = command.get_command(context, words.pop(0))
        assert command is not None
    known = {option for each in command.params for option in each.opts}
    assert {word for word in words if word.startswith("--")} <= known


@each_script
def test_a_script_is_sound(name, script):
    done = subprocess.run(
        [BIN / "shellcheck", "--shell=bash", "-"],
        check=False,
        input=script,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout


def test_every_image_is_built():
    wanted = {service.name for service in SERVICES} | {"ops"}

    for job in IMAGES:
        assert set(job["strategy"]["matrix"]["service"]) == wanted


def test_an_image_is_told_all_that_it_asks_for():
    asked = set(re.findall(r"^ARG (\w+)", (ROOT / "Dockerfile").read_text(), re.M))

    for job in IMAGES:
        [told] = [
            step["with"]["build-args"]
            for step in job["steps"]
            if "build-args" in step.get("with", ())
        ]
        assert set(re.findall(r"^(\w+)=\$", told, re.M)) == asked


def test_nothing_is_deployed_that_was_not_checked_and_built():
    assert set(JOBS["main.staging"]["needs"]) == {"check", "image"}
    assert JOBS["main.region-a"]["needs"] == "staging"
    assert JOBS["main.region-b"]["needs"] == "region-a"


def test_main_asks_for_what_a_pull_request_has_to_pass():
    assert JOBS["main.check"]["uses"] == "./.github/workflows/pull-request.yml"


def test_a_release_is_never_ended_half_way():
    assert WORKFLOWS["main"]["concurrency"]["cancel-in-progress"] is False


def test_a_release_has_the_time_to_go_back():
    told = MIGRATION_SECONDS + ROLLOUT_SECONDS + BACK_SECONDS
    # Python is installed before, and a visit takes some minutes when nothing answers.
    around = 15 * 60

    for name in RELEASES:
        assert JOBS[name]["timeout-minutes"] * 60 >= told + around


def test_a_release_is_told_what_shopnow_knows():
    for told in RELEASES.values():
        words = re.sub(r"\$\{\{.*?\}\}", "", told.get("options", "")).split()
        # A variable that is not set would make the next word the address.
        assert "--url" not in words
        assert_known(["deploy", *(word.partition("=")[0] for word in words)])


def test_every_cluster_has_an_overlay():
    overlays = {told["overlay"] for told in RELEASES.values()}

    assert overlays == {"staging", "region-a", "region-b"}
    assert all((ROOT / "k8s/overlays" / each).is_dir() for each in overlays)

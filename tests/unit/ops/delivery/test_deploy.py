"""A release goes out part by part, and all goes back when one part does no good."""

import json

import pytest
import yaml
from click.testing import CliRunner

from ops.delivery.cluster import ROLLOUT_SECONDS, Cluster
from ops.delivery.command import bring, deploy
from ops.delivery.release import BEFORE, Manifest, image, images
from ops.errors import Problem

DIGEST = "sha256:" + "a" * 64


def an_object(kind, name, **said):
    metadata = {"name": name, "namespace": "shopnow", "labels": {}}
    if kind == "Job":
        metadata["labels"][BEFORE] = "before"
    return {"kind": kind, "metadata": metadata, "spec": said}


def release(word, leader="region-a"):
    objects = [
        an_object("Job", "migrate", image=f"reg/ops:{word}"),
        an_object("Deployment", "gateway", image=f"reg/gateway:{word}"),
        an_object("Deployment", "console", image=f"reg/ops:{word}"),
        an_object("Rollout", "gateway", workloadRef={"name": "gateway"}),
        an_object("Cluster", "postgres", replica={"primary": leader}),
    ]
    return Manifest(yaml.safe_dump_all(objects))


OLD, NEW = release("old"), release("new")


class FakeCluster:
    """kubectl on a cluster in which a canary of a ``bad`` image is given up."""

    def __init__(self, bad="", migrates=True):
        self.bad, self.migrates = bad, migrates
        self.objects, self.said, self.looks = {}, [], 0

    def __call__(self, *words, stdin=""):
        self.said.append(" ".join(words[:2]))
        return getattr(self, words[0])(words, stdin) or ""

    def apply(self, words, stdin):
        for each in yaml.safe_load_all(stdin):
            self.objects[each["kind"], each["metadata"]["name"]] = each
        self.looks = 0

    def delete(self, words, stdin):
        self.objects.pop(("Job", "migrate"), None)

    def wait(self, words, stdin):
        if not self.migrates:
            raise Problem("kubectl wait: timed out")

    def rollout(self, words, stdin):
        assert words[1] == "status"

    def get(self, words, stdin):
        kind, name = words[1], words[2]
        if kind == "configmap":
            found = self.objects.get(("ConfigMap", name))
            return json.dumps(found) if found else ""
        if kind == "deployment":
            return json.dumps({"metadata": {"generation": 7}})
        self.looks += 1
        return json.dumps({"status": self.status()})

    def status(self):
        """Of the Rollout: seen late, then on its way, then what came of it."""
        running = self.objects["Deployment", "gateway"]["spec"]["image"]
        seen = [
            {"workloadObservedGeneration": "6", "phase": "Healthy"},
            {"workloadObservedGeneration": "7", "phase": "Progressing"},
        ]
        ends = "Degraded" if self.bad and self.bad in running else "Healthy"
        last = {"workloadObservedGeneration": "7", "phase": ends, "message": "slow"}
        return [*seen, last][min(self.looks, 3) - 1]

    @property
    def runs(self):
        return self.objects["Deployment", "gateway"]["spec"]["image"]


def look():
    return None


def cluster(fake):
    return Cluster("shopnow", fake, pause=lambda _: None, clock=lambda: 0.0)


def test_a_good_release_runs_and_is_remembered():
    fake = FakeCluster()

    bring(NEW, cluster(fake), look)

    assert fake.runs == "reg/gateway:new"
    assert cluster(fake).last() == Manifest(NEW.processes)


def test_the_migration_ends_before_anything_else_begins():
    fake = FakeCluster(migrates=False)

    with pytest.raises(Problem, match="timed out"):
        bring(NEW, cluster(fake), look)

    assert ("Deployment", "gateway") not in fake.objects


def test_a_finished_migration_makes_room_for_the_next():
    fake = FakeCluster()

    bring(NEW, cluster(fake), look)

    assert fake.said.index("delete job") < fake.said.index("apply --filename")


def test_what_the_controller_has_not_seen_yet_is_waited_for():
    fake = FakeCluster()

    bring(NEW, cluster(fake), look)

    assert fake.said.count("get rollout") == 3


def test_a_canary_that_is_given_up_brings_the_last_release_back():
    fake = FakeCluster()
    bring(OLD, cluster(fake), look)
    fake.bad = "new"

    with pytest.raises(Problem, match="gateway is given up: slow; the last release"):
        bring(NEW, cluster(fake), look)

    assert fake.runs == "reg/gateway:old"
    assert cluster(fake).last() == Manifest(OLD.processes)


def test_a_shop_that_does_not_sell_brings_the_last_release_back():
    fake = FakeCluster()
    bring(OLD, cluster(fake), look)

    def closed():
        raise Problem("GET /v1/products: there is nothing for sale")

    with pytest.raises(Problem, match="the last release is back"):
        bring(NEW, cluster(fake), closed)

    assert fake.runs == "reg/gateway:old"


def test_going_back_migrates_nothing():
    fake = FakeCluster()
    bring(OLD, cluster(fake), look)
    fake.bad = "new"

    with pytest.raises(Problem):
        bring(NEW, cluster(fake), look)

    assert fake.objects["Job", "migrate"]["spec"]["image"] == "reg/ops:new"


def test_going_back_leaves_who_leads_as_it_is():
    fake = FakeCluster()
    bring(release("old", leader="region-a"), cluster(fake), look)
    fake.bad = "new"

    with pytest.raises(Problem, match="the last release is back"):
        bring(release("new", leader="region-b"), cluster(fake), look)

    assert fake.runs == "reg/gateway:old"
    postgres = fake.objects["Cluster", "postgres"]
    assert postgres["spec"]["replica"]["primary"] == "region-b"


def test_who_cannot_go_back_tells_of_both_troubles():
    fake = FakeCluster()
    bring(OLD, cluster(fake), look)
    fake.bad = "reg/"

    with pytest.raises(Problem, match=r"slow; .* is not back: gateway is given up"):
        bring(NEW, cluster(fake), look)


def test_nothing_outside_of_the_shops_namespace_is_touched():
    fake = FakeCluster()
    itself = {"kind": "Namespace", "metadata": {"name": "shopnow"}}
    agent = an_object("Service", "consul-agent")
    agent["metadata"]["namespace"] = "consul"
    others = [itself, agent]

    bring(Manifest(yaml.safe_dump_all([*others, *NEW.objects])), cluster(fake), look)

    names = {name for _, name in fake.objects}
    assert names == {"migrate", "gateway", "console", "postgres", "last-release"}


def test_the_first_release_has_nothing_to_go_back_to():
    fake = FakeCluster(bad="new")

    with pytest.raises(Problem, match="there is no release to go back to"):
        bring(NEW, cluster(fake), look)


def test_a_canary_that_never_ends_is_not_waited_for_for_ever():
    clock = iter([0.0, 0.0, 1.0, ROLLOUT_SECONDS + 1.0])
    fake = FakeCluster()
    fake.status = dict
    late = Cluster("shopnow", fake, pause=lambda _: None, clock=lambda: next(clock))

    with pytest.raises(Problem, match="gateway: not there in 3600 s"):
        late.settle(NEW)


def test_a_rollout_speaks_for_its_deployment():
    assert (NEW.rollouts(), NEW.deployments()) == (["gateway"], ["console"])


def test_an_image_is_known_by_its_digest(tmp_path):
    (tmp_path / "gateway").write_text(f"reg/shop/gateway@{DIGEST}\n")

    [(service, pinned)] = images(tmp_path).items()

    assert image(service, pinned) == {
        "name": "shopnow/gateway",
        "newName": "reg/shop/gateway",
        "digest": DIGEST,
    }


def test_a_tag_is_not_deployed(tmp_path):
    (tmp_path / "gateway").write_text("reg/shop/gateway:1.0")

    with pytest.raises(Problem, match="not an image by its digest"):
        images(tmp_path)


def test_a_region_that_follows_is_not_migrated():
    follows = Manifest(yaml.safe_dump_all(NEW.objects[1:]))
    fake = FakeCluster()

    bring(follows, cluster(fake), look)

    assert "delete job" not in fake.said
    assert fake.runs == "reg/gateway:new"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("staging", "--url="), "--url is empty"),
        (("staging", "--load=40"), "wants --url"),
        (("region-a", "--url=https://shop.example", "--load=40"), "for staging"),
        (("staging", "--url=https://shop.example", "--load=1000"), "1<=x<=45"),
    ],
)
def test_what_would_do_harm_is_not_begun(tmp_path, words, said):
    done = CliRunner().invoke(deploy, [*words, "--images", str(tmp_path)])

    assert done.exit_code == 2
    assert said in done.output


def test_an_image_without_a_digest_is_found():
    assert Manifest("image: shopnow/gateway:0.1.0").unpinned() == [
        "shopnow/gateway:0.1.0"
    ]

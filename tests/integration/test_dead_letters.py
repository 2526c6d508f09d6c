"""What nobody could handle is kept with the reason, and is an operator's to mend."""

from itertools import repeat

import pytest
from click.testing import CliRunner
from kombu import Connection
from kombu.exceptions import ChannelError
from nameko.standalone.events import event_dispatcher

from common import dead_letters, events
from common.clock import utc_now
from common.dead_letters import reason_of
from common.errors import Conflict
from common.events import TRIES, envelope, event_handler
from common.ids import new_id
from ops.cli import main
from tests.client import eventually

ADA = "ada@example.com"


class Patient:
    """A service whose handler fails with ``illness``, until it is cured."""

    def __init__(self, container_factory, source, illness):
        self.illness, self.heard = illness, []
        self.name = f"test_{new_id()[-12:]}"
        patient = self

        class Service:
            name = patient.name

            @event_handler(source, "thing.happened")
            def on_thing_happened(self, event):
                patient.heard.append(event)
                if patient.illness:
                    raise patient.illness

        self.container = container_factory(Service)
        self.container.start()


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch):
    """tests/unit/common/test_events.py knows the real pauses."""
    monkeypatch.setattr(events, "pauses", lambda: repeat(0.01))


@pytest.fixture
def source():
    return f"test_{new_id()}"


@pytest.fixture
def event(source, broker):
    return envelope("thing.happened", {"email": ADA}, utc_now(), None)


@pytest.fixture
def fall_ill(container_factory, source, event):
    def fall(illness):
        patient = Patient(container_factory, source, illness)
        event_dispatcher()(source, "thing.happened", event)
        return patient

    return fall


@pytest.fixture
def shopnow(broker, monkeypatch):
    """``shopnow dead-letters …`` of an operator of the stack."""
    monkeypatch.setenv("AMQP_URI", broker)

    def run(*words, status=0):
        said = CliRunner().invoke(main, ["dead-letters", *words])
        assert said.exit_code == status, said.output
        return said.output

    return run


def listed(shopnow, patient):
    return [line for line in shopnow("list").splitlines() if patient.name in line]


def dead(shopnow, patient, many=1):
    """The ids in the list, once there are so many."""
    eventually(lambda: len(listed(shopnow, patient)), many, 30)
    return [line.split()[0] for line in listed(shopnow, patient)]


def test_a_letter_says_which_handler_failed_how_and_how_often(shopnow, fall_ill, event):
    patient = fall_ill(Conflict("too_late", "It is too late for this"))

    [letter_id] = dead(shopnow, patient)
    said = shopnow("show", letter_id)

    assert len(patient.heard) == TRIES
    for fact in (
        f"{patient.name}.on_thing_happened",
        "Conflict",
        "It is too late for this",
        f"tries:     {TRIES}",
        event["id"],
        ADA,
    ):
        assert fact in said


def test_the_list_fits_a_terminal_and_names_nobody(shopnow, fall_ill):
    patient = fall_ill(ValueError(f"nothing for {ADA}"))
    dead(shopnow, patient)

    [line] = listed(shopnow, patient)

    assert len(line) <= 80
    assert "ValueError" in line
    assert ADA not in shopnow("list")


def test_after_the_mend_a_replay_heals_it(shopnow, fall_ill, event):
    patient = fall_ill(ValueError("not now"))
    [letter_id] = dead(shopnow, patient)
    patient.illness, patient.heard = None, []

    assert "replayed" in shopnow("replay", letter_id)

    eventually(lambda: patient.heard, [event])
    assert listed(shopnow, patient) == []


def test_a_replay_that_does_not_help_comes_back_with_the_new_reason(shopnow, fall_ill):
    patient = fall_ill(ValueError("not now"))
    [letter_id] = dead(shopnow, patient)
    patient.illness = KeyError("still not")

    shopnow("replay", letter_id)

    assert dead(shopnow, patient) == [letter_id]
    assert "KeyError" in shopnow("show", letter_id)
    assert "ValueError" not in shopnow("show", letter_id)


def test_only_the_handler_that_failed_hears_a_replay(
    shopnow, fall_ill, container_factory, source
):
    well = Patient(container_factory, source, None)
    ill = fall_ill(ValueError())
    [letter_id] = dead(shopnow, ill)
    assert len(well.heard) == 1
    ill.illness, ill.heard = None, []

    shopnow("replay", letter_id)

    eventually(lambda: len(ill.heard), 1)
    assert len(well.heard) == 1


def test_what_is_dropped_is_gone(shopnow, fall_ill):
    patient = fall_ill(ValueError())
    [letter_id] = dead(shopnow, patient)

    assert "dropped" in shopnow("drop", letter_id)

    assert listed(shopnow, patient) == []
    assert "no dead letter" in shopnow("drop", letter_id, status=1)


def test_a_letter_is_also_known_by_the_id_of_its_event(shopnow, fall_ill, event):
    patient = fall_ill(ValueError())
    [letter_id] = dead(shopnow, patient)

    assert shopnow("show", event["id"]) == shopnow("show", letter_id)


def test_looking_takes_nothing_away(shopnow, fall_ill):
    patient = fall_ill(ValueError())
    [letter_id] = dead(shopnow, patient)

    for _ in range(30):
        assert dead(shopnow, patient) == [letter_id]


def test_a_replay_that_is_cut_short_loses_no_letter(shopnow, fall_ill, monkeypatch):
    patient = fall_ill(ValueError())
    [letter_id] = dead(shopnow, patient)
    patient.illness, patient.heard = None, []

    def killed(*args, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("kombu.message.Message.ack", killed)
        shopnow("replay", letter_id, status=1)

    eventually(lambda: len(patient.heard), 1)
    assert dead(shopnow, patient) == [letter_id]


def test_a_queue_that_is_gone_keeps_its_letter(shopnow, fall_ill, broker):
    patient = fall_ill(ValueError())
    [letter_id] = dead(shopnow, patient)
    patient.container.stop()
    queue = queue_of(shopnow, letter_id)
    with Connection(broker) as connection:
        connection.default_channel.queue_delete(queue)

    assert "nobody listens" in shopnow("replay", letter_id, status=1)

    assert dead(shopnow, patient) == [letter_id]


def queue_of(shopnow, letter_id):
    lines = shopnow("show", letter_id).splitlines()
    return next(line.split()[1] for line in lines if line.startswith("queue:"))


def test_all_are_replayed_but_those_whose_queue_is_gone(shopnow, fall_ill, broker):
    gone = fall_ill(ValueError())
    [lost] = dead(shopnow, gone)
    gone.container.stop()
    with Connection(broker) as connection:
        connection.default_channel.queue_delete(queue_of(shopnow, lost))
    well = fall_ill(ValueError())
    [letter_id] = dead(shopnow, well)
    well.illness, well.heard = None, []

    said = shopnow("replay", "--all", status=1)

    assert f"{lost} stays" in said
    assert f"{letter_id} replayed" in said
    eventually(lambda: len(well.heard), 1)
    assert dead(shopnow, gone) == [lost]
    assert listed(shopnow, well) == []


def test_a_replay_says_what_it_is_to_replay(shopnow):
    assert "ID or --all" in shopnow("replay", status=2)
    assert "ID or --all" in shopnow("replay", "--all", "f00", status=2)


def test_an_event_whose_reason_cannot_be_told_is_kept_without(
    shopnow, fall_ill, monkeypatch
):
    def refuse(*args):
        raise ConnectionResetError

    monkeypatch.setattr(events, "put_aside", refuse)
    patient = fall_ill(ValueError("why"))

    [letter_id] = dead(shopnow, patient)

    said = shopnow("show", letter_id)
    assert "rejected" in said
    assert "why" not in said


def test_a_letter_that_no_queue_takes_is_noticed(broker):
    with dead_letters.confirming({"AMQP_URI": broker}) as channel:
        queue = channel.queue_declare(exclusive=True).queue
        channel.basic_publish(channel.prepare_message(b"{}"), "", queue)
        message = channel.message_to_python(channel.basic_get(queue))

        with pytest.raises(ChannelError, match="NO_ROUTE"):
            dead_letters.send(channel, message, "", "nobody's", {})


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"no letter to {ADA}\nPassword: x", "no letter to ***"),
        ("amqp://shop:secret@broker is away", "*** is away"),
        ("token eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.x", "token ***"),
        ("no order 0190c1f5-0000-7000-8000-000000000001", None),
        ("", ""),
    ],
)
def test_a_reason_holds_no_address_and_no_secret(said, kept):
    assert reason_of(ValueError(said)) == (said if kept is None else kept)

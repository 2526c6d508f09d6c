"""The containers are the shop of the local stack: the same parts, told the same."""

import json
import re
import shutil
import subprocess
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import yaml
from cryptography.fernet import Fernet
from jsonschema.validators import validator_for

from common.sealing import Seal
from ops import healthy, registry
from ops.provision import DATABASES
from ops.stack import console
from ops.stack.servers import rabbitmq
from ops.stack.services import SERVICES, TRACES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
CONTAINERS = COMPOSE["services"]
OURS = {service.name: service for service in SERVICES}
MEMBERS = ["mongo", "mongo2", "mongo3"]
SERVERS = {"rabbitmq", "postgres", *MEMBERS, "redis", "consul"}
# They look on, and the shop works without them.
WATCHERS = {"prometheus", "grafana", "jaeger"}
# Where letters end.
CATCHER = "mail"
EVERYONE = {
    "AMQP_URI",
    "CONSUL_URI",
    "CONSUL_TOKEN",
    "ENVIRONMENT",
    "INTERNAL_ADDRESS",
    "METRICS",
    "REGION",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "TRACE_FILE",
    *TRACES,
}

REQUIRED = re.compile(r"\$\{(\w+):\?run ops/compose-env\}")
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)")
# What the shop may be told beside addresses and secrets.
CHOICES = {
    "MAIL_URI",
    "MAIL_FROM",
    "BROWSE_QUOTA",
    "WRITE_QUOTA",
    "SIGN_UP_QUOTA",
    "SIGN_IN_QUOTA",
    "REFRESH_QUOTA",
    "RESET_QUOTA",
    "TRUSTED_PROXIES",
    "CORS_ORIGINS",
    "HSTS_SECONDS",
    "PRODUCT_CACHE_BYTES",
    "READ_SECONDS",
    "WRITE_SECONDS",
    "ACCOUNT_QUOTA",
    "ADDRESS_FAILURES",
    "PAYMENT_PROVIDER",
    "STRIPE_API_BASE",
}
# Of a company that a shop may do without: none is a good secret as well.
OF_OTHERS = {"STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET"}
HARMLESS = {
    *CHOICES,
    *OF_OTHERS,
    *TRACES,
    "TRACE_FILE",
    "ENVIRONMENT",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "REGION",
    "GATEWAY_HOST",
    "GATEWAY_PORT",
    "CONSUL_PORT",
    "RABBITMQ_MANAGEMENT_PORT",
    "CONSOLE_PORT",
    "TRACE_URL",
    "METRICS",
    "PROMETHEUS_PORT",
    "GRAFANA_PORT",
    "JAEGER_PORT",
    "MAIL_PORT",
}
AUTHORITY = "/certificates/ca.pem"
BASE_IMAGE = re.findall(r"^FROM (\S+:\S+)", (ROOT / "Dockerfile").read_text(), re.M)[0]
# Those that are told secrets.
CERTIFIED = CONTAINERS["certificates"]["command"][3:]
# What makes the drivers ask a server for its certificate.
PROOF = {
    "amqps": f"?ca_certs={AUTHORITY}",
    "postgresql": f"?sslmode=verify-full&sslrootcert={AUTHORITY}",
    "mongodb": f"&tls=true&tlsCAFile={AUTHORITY}",
    "rediss": f"?ssl_ca_certs={AUTHORITY}",
}
TLS_ALONE = {
    "mongo2": "requireTLS",
    "mongo3": "requireTLS",
    "rabbitmq": "listeners.tcp = none",
    "postgres": "hostssl all all all scram-sha-256",
    "mongo": "requireTLS",
    "redis": "port 0",
}

each_of_ours = pytest.mark.parametrize("name", OURS)
each_server = pytest.mark.parametrize("name", sorted(SERVERS))
each_container = pytest.mark.parametrize("name", CONTAINERS)


def stages():
    """The Dockerfile's instructions by stage; the last stage has no name."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    found, lines = {}, []
    for line in text.splitlines():
        if line.startswith("FROM "):
            lines = found.setdefault(line.partition(" AS ")[2], [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return found


def read_by(service):
    return set(VARIABLE.findall((ROOT / service.config).read_text()))


def copied(lines):
    """What a stage takes out of the checkout."""
    words = [line.split()[1:-1] for line in lines if line.startswith("COPY ")]
    return {path for each in words for path in each if "--from=builder" not in each}


def test_every_process_of_the_local_stack_has_a_container():
    processes = tomllib.loads((ROOT / "ops/local.toml").read_text())["processes"]

    ours = {*processes, "provision", "certificates", "console"}
    assert set(CONTAINERS) == ours | SERVERS | WATCHERS | {CATCHER}
    assert set(OURS) == set(processes)


@each_of_ours
def test_a_container_is_told_what_the_local_process_is_told(name):
    assert set(CONTAINERS[name]["environment"]) == {*EVERYONE, *OURS[name].told}


@each_of_ours
def test_what_a_container_is_told_is_read(name):
    assert set(CONTAINERS[name]["environment"]) <= read_by(OURS[name])


def test_what_a_configuration_reads_somebody_is_told():
    told, read = {}, {}
    for name, service in OURS.items():
        environment = CONTAINERS[name]["environment"]
        told[service.config] = told.get(service.config, set()) | set(environment)
        read[service.config] = read_by(service)

    assert told == read


@each_of_ours
def test_a_service_meets_the_broker_as_itself(name):
    password = f"${{{name.upper()}_AMQP_PASSWORD:?run ops/compose-env}}"

    uri = CONTAINERS[name]["environment"]["AMQP_URI"]

    address = f"{name}:{password}@rabbitmq:5671/{rabbitmq.VHOST}"
    assert uri == f"amqps://{address}?ca_certs={AUTHORITY}"


@each_of_ours
def test_a_service_meets_its_database_as_itself(name):
    stores = [key for key in OURS[name].told if re.search("_(DB|MONGO)_URI$", key)]

    for key in stores:
        password = f"${{{key.removesuffix('_URI')}_PASSWORD:?run ops/compose-env}}"
        uri = CONTAINERS[name]["environment"][key]
        address = urlsplit(uri.replace(password, "password"))
        assert (address.username, address.password) == (name, "password")
        assert address.path == f"/{name}"


def test_provision_knows_every_address_that_it_makes_a_user_for():
    told = CONTAINERS["provision"]["environment"]
    users = rabbitmq.users(rabbitmq.definitions())

    assert {f"{user.upper()}_AMQP_URI" for user in users} <= set(told)
    assert {*DATABASES, "PRODUCT_MONGO_URI", "SIGNING_KEY_SECRET", "FIELD_KEYS"} <= set(
        told
    )
    for name in OURS:
        theirs = CONTAINERS[name]["environment"]
        assert told[f"{name.upper()}_AMQP_URI"] == theirs["AMQP_URI"]
        assert told[f"{name.upper()}_CONSUL_TOKEN"] == theirs["CONSUL_TOKEN"]
        own = {"AMQP_URI", "CONSUL_TOKEN", "GATEWAY_ADDRESS"}
        same = set(theirs) - own - CHOICES - OF_OTHERS
        assert {key: told[key] for key in same} == {key: theirs[key] for key in same}


def test_provision_knows_a_token_for_everybody_who_has_a_policy():
    told = CONTAINERS["provision"]["environment"]
    agent = CONTAINERS["consul"]["environment"]["CONSUL_LOCAL_CONFIG"]
    tokens = json.loads(agent)["acl"]["tokens"]

    assert {f"{name.upper()}_CONSUL_TOKEN" for name in registry.holders()} <= set(told)
    assert told["CONSUL_TOKEN"] == told["OPERATOR_CONSUL_TOKEN"]
    assert tokens["initial_management"] == told["CONSUL_MASTER_TOKEN"]
    assert tokens["agent"] == told["AGENT_CONSUL_TOKEN"]


@each_of_ours
def test_an_image_runs_its_service_and_holds_no_other(name):
    service = OURS[name]
    words = ["nameko", "run", "--config", service.config, service.target]
    command = [line for line in stages()[name] if line.startswith("CMD ")]

    assert CONTAINERS[name]["build"]["args"] == {"SERVICE": name}
    assert json.loads(command[0].removeprefix("CMD ")) == words
    assert copied(stages()[name]) == {service.target.partition(".")[0]}


def test_the_builder_sees_what_is_copied_and_nothing_else():
    text = (ROOT / ".dockerignore").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    needed = {path for each in stages().values() for path in copied(each)}

    assert lines[0] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == {
        path.partition("/")[0] for path in needed
    }
    assert all((ROOT / path).exists() for path in needed)


def test_images_run_as_nobody_in_particular():
    assert stages()[""][-1] == "USER 10001:10001"


def test_images_are_pinned():
    bases = re.findall(r"^FROM (\S+:\S+)", (ROOT / "Dockerfile").read_text(), re.M)
    images = [each["image"] for each in CONTAINERS.values() if "image" in each]

    assert len(bases) == 1
    for image in [*bases, *images]:
        assert re.search(r":v?\d+(\.\d+)+(-[a-z]|$)", image), image


def test_the_ops_page_is_told_where_to_look_and_no_store():
    told = CONTAINERS["console"]["environment"]

    own = set(told) - set(COMPOSE["x-everyone"])
    assert own <= {*console.TOLD, "TRACE_URL", "SSL_CERT_FILE"}
    assert told["CONSUL_TOKEN"] == "${CONSOLE_CONSUL_TOKEN:?run ops/compose-env}"
    assert {"CONSUL_URI", "CONSOLE_ADDRESS", "RABBITMQ_MANAGEMENT_URI"} <= set(told)


@each_container
def test_every_secret_is_required_and_none_is_written_down(name):
    for key, value in CONTAINERS[name].get("environment", {}).items():
        if key in OF_OTHERS:
            assert value == f"${{{key}:-}}"
        elif re.search(r"(PASS|PASSWORD|SECRET|TOKEN|KEYS?|CLI_AUTH)$", key):
            assert REQUIRED.fullmatch(value), key
        if found := re.search(r"//[^/@:]*:([^@]*)@", str(value)):
            assert REQUIRED.fullmatch(found[1]), key


def test_only_what_is_no_secret_has_a_default():
    assert set(re.findall(r"\$\{(\w+):-", TEXT)) == HARMLESS
    assert set(VARIABLE.findall(TEXT)) == {*HARMLESS, *REQUIRED.findall(TEXT)}


@each_container
def test_whoever_is_waited_for_can_be_waited_for(name):
    for other, wait in CONTAINERS[name].get("depends_on", {}).items():
        restarts = CONTAINERS[other]["restart"] != "no"
        match wait["condition"]:
            case "service_healthy":
                assert "healthcheck" in CONTAINERS[other]
            case "service_completed_successfully":
                assert not restarts
            case condition:
                assert condition == "service_started"
                assert restarts


def test_it_is_what_compose_reads():
    """By the schema of the compose specification, as check-jsonschema ships it."""
    file = files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    schema = json.loads(file.read_text())

    errors = validator_for(schema)(schema).iter_errors(COMPOSE)
    assert [(*each.path, each.message) for each in errors] == []


@each_container
def test_the_core_is_what_the_shop_needs_and_the_rest_looks_on(name):
    looks_on = name in WATCHERS | {"console"}

    assert CONTAINERS[name]["profiles"] == (["full"] if looks_on else ["core", "full"])


@each_container
def test_whoever_is_waited_for_is_in_the_same_profiles(name):
    for other in CONTAINERS[name].get("depends_on", {}):
        theirs = set(CONTAINERS[other]["profiles"])
        assert set(CONTAINERS[name]["profiles"]) <= theirs


@each_container
def test_a_container_has_limits(name):
    assert CONTAINERS[name]["mem_limit"]
    assert CONTAINERS[name]["cpus"]


@each_container
def test_a_container_that_stays_says_how_it_is(name):
    container = CONTAINERS[name]

    # Those that we build have it from their image.
    if container["restart"] != "no" and name not in OURS:
        assert container["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    if name in OURS:
        assert any(line.startswith("HEALTHCHECK") for line in stages()["runtime"])


def test_mongodb_is_a_set_of_three():
    (form, follow) = (
        CONTAINERS[name]["healthcheck"]["test"][1] for name in ("mongo", "mongo2")
    )
    told = CONTAINERS["product_service"]["environment"]["PRODUCT_MONGO_URI"]
    members = [f"{name}:27017" for name in MEMBERS]

    assert re.findall(r'host: "([\w:]+)"', form) == members
    assert re.search(r"@([\w:,]+)/", told)[1] == ",".join(members)
    # Only who begins with the administrator forms it; the others begin empty.
    assert "initiate" not in follow
    for name in MEMBERS[1:]:
        assert "MONGO_INITDB_ROOT_USERNAME" not in CONTAINERS[name]["environment"]
        assert CONTAINERS[name]["hostname"] == name


def test_letters_are_caught_unless_somebody_says_where_they_go():
    assert COMPOSE["x-writer"]["MAIL_URI"] == f"${{MAIL_URI:-smtp://{CATCHER}:1025}}"


def test_images_say_what_they_are_of():
    (label,) = [line for line in stages()[""] if line.startswith("LABEL ")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    for key in ("title", "revision", "source", "base.name"):
        assert f"org.opencontainers.image.{key}=" in label
    assert f'image.version="{project["version"]}"' in label
    assert f'base.name="{BASE_IMAGE}"' in label


def test_no_compiler_is_in_an_image():
    """The builder has none either: what would have to be compiled fails to build."""
    for lines in stages().values():
        assert not any(re.search("apt-get|build-essential|gcc", line) for line in lines)


@each_server
def test_a_server_is_watched_limited_and_keeps_its_data(name):
    server = CONTAINERS[name]

    assert server["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert all(isinstance(word, str) for word in server["healthcheck"]["test"])
    assert server["restart"] == "unless-stopped"
    assert any(mount.startswith(f"{name}:/") for mount in server["volumes"])
    assert name in COMPOSE["volumes"]


@pytest.mark.parametrize("name", [*OURS, "provision"])
def test_whoever_meets_a_server_has_it_prove_its_name(name):
    told = {**CONTAINERS[name]["environment"], "MAIL_URI": ""}

    assert "authority:/certificates:ro" in CONTAINERS[name]["volumes"]
    for uri in filter(re.compile("://").search, map(str, told.values())):
        scheme, host = urlsplit(uri).scheme, re.search(r"@(\w+):", uri)
        if host:
            assert host[1] in CERTIFIED
            assert scheme == "https" or uri.endswith(PROOF[scheme])
        else:
            assert re.match(r"(\$\{\w+:-)?http://(consul|gateway|jaeger):", uri)


def test_provision_trusts_whom_the_management_of_rabbitmq_has_its_name_from():
    told = CONTAINERS["provision"]["environment"]

    assert told["RABBITMQ_ADMIN_URI"].startswith("https://")
    assert told["SSL_CERT_FILE"] == AUTHORITY


@pytest.mark.parametrize("name", CERTIFIED)
def test_a_server_has_a_certificate_of_its_own_and_speaks_tls_alone(name):
    server, text = CONTAINERS[name], str(CONTAINERS[name])
    made = [m.partition(":")[0] for m in CONTAINERS["certificates"]["volumes"]]

    assert f"{name}_certificate:/certificates:ro" in server["volumes"]
    assert made == ["authority", *(f"{each}_certificate" for each in CERTIFIED)]
    assert server["depends_on"] == {
        "certificates": {"condition": "service_completed_successfully"}
    }
    conf = (ROOT / "rabbitmq/tls.conf").read_text()
    assert TLS_ALONE[name] in text + conf
    assert "/run/shopnow:size=1m,mode=755" in server["tmpfs"]


@pytest.mark.parametrize(
    "name", [*OURS, *WATCHERS, CATCHER, "provision", "certificates", "console"]
)
def test_our_containers_are_confined(name):
    container = CONTAINERS[name]

    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["mem_limit"]
    assert container["pids_limit"]
    graces = {"25s", "30s"} if "image" in container else {"25s"}
    assert container.get("stop_grace_period", "25s") in graces


def test_ports_are_open_to_this_machine_only():
    ports = {
        name: container["ports"]
        for name, container in CONTAINERS.items()
        if "ports" in container
    }

    assert set(ports) == {
        "gateway",
        "consul",
        "rabbitmq",
        "console",
        CATCHER,
        *WATCHERS,
    }
    for (port,) in ports.values():
        assert port.startswith(("127.0.0.1:", "${GATEWAY_HOST:-127.0.0.1}:"))


def test_the_demo_accounts_land_in_a_volume_of_their_owner():
    (run_dir,) = [
        line.partition("=")[2]
        for line in stages()["ops"]
        if line.startswith("ENV SHOPNOW_RUN_DIR")
    ]

    assert f"operator:{run_dir}" in CONTAINERS["provision"]["volumes"]
    assert any(
        f"--owner=shopnow --group=shopnow --mode=0700 {run_dir}" in line
        for line in stages()["ops"]
    )


@pytest.mark.parametrize("name", ["auth_service", "user_service"])
def test_letters_that_are_files_land_in_a_volume_of_their_owner(name):
    folder = "/var/lib/shopnow/mail"

    assert f"letters:{folder}" in CONTAINERS[name]["volumes"]
    assert any(
        f"--owner=shopnow --group=shopnow --mode=0700 {folder}" in line
        for line in stages()["runtime"]
    )


@pytest.fixture
def compose_env(tmp_path):
    """Runs ops/compose-env in a checkout of its own; what it said and wrote."""
    script = tmp_path / "ops/compose-env"
    script.parent.mkdir()
    shutil.copy(ROOT / "ops/compose-env", script)

    def run():
        done = subprocess.run([script], check=False, capture_output=True, text=True)
        return done, tmp_path / ".env"

    return run


def test_compose_env_makes_every_secret_that_compose_requires(compose_env):
    done, file = compose_env()
    secrets = dict(line.split("=", 1) for line in file.read_text().splitlines())
    signing_key, field_keys = secrets["SIGNING_KEY_SECRET"], secrets["FIELD_KEYS"]

    assert done.returncode == 0
    assert secrets.pop("COMPOSE_PROFILES") == "full"
    assert set(secrets) == set(REQUIRED.findall(TEXT))
    assert len(set(secrets.values())) == len(secrets)
    assert Fernet(signing_key)
    assert Seal(field_keys).first == "k1"
    tokens = {each for name, each in secrets.items() if name.endswith("_TOKEN")}
    for value in tokens:
        assert str(UUID(value)) == value
    for value in set(secrets.values()) - tokens - {signing_key, field_keys}:
        assert re.fullmatch(r"[0-9a-f]{48}", value)
    assert not any(value in done.stdout for value in secrets.values())


def test_compose_env_writes_for_its_owner_only(compose_env):
    _, file = compose_env()

    assert file.stat().st_mode & 0o777 == 0o600


def test_compose_env_leaves_an_env_that_is_there(compose_env):
    _, file = compose_env()
    before = file.read_text()

    done, _ = compose_env()

    assert done.returncode == 1
    assert "exists already" in done.stderr
    assert file.read_text() == before


@pytest.fixture
def process(monkeypatch):
    """A process whose internal port says ``process.status`` on ``/readyz``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(self.server.status if self.path == "/readyz" else 404)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args):
            """Stay quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        monkeypatch.setenv("INTERNAL_ADDRESS", f"0.0.0.0:{server.server_port}")
        yield server
        server.shutdown()
        thread.join()


def test_a_container_is_healthy_when_its_process_is_ready(process):
    process.status = 200
    assert healthy.main()

    process.status = 503
    with pytest.raises(OSError, match="503"):
        healthy.main()


def test_the_gateway_is_healthy_when_the_page_of_its_door_says_so(process):
    process.status = 503
    with pytest.raises(OSError, match="503"):
        healthy.main(f"http://127.0.0.1:{process.server_port}/readyz")

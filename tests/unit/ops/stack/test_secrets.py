import json
from base64 import urlsafe_b64decode

from common.sealing import Seal
from ops.stack import secrets


def test_they_are_made_once(tmp_path):
    assert secrets.load(tmp_path) == secrets.load(tmp_path)


def test_each_is_another(tmp_path):
    known = secrets.load(tmp_path)
    assert len(set(known.values())) == len(known)


def test_only_the_owner_reads_them(tmp_path):
    secrets.load(tmp_path)
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_what_is_missing_is_added(tmp_path):
    known = dict(secrets.load(tmp_path))
    del known["redis.default"]
    (tmp_path / "secrets.json").write_text(json.dumps(known))
    assert secrets.load(tmp_path).items() > known.items()


def test_the_field_keys_seal(tmp_path):
    assert Seal(secrets.load(tmp_path)["field_keys"]).first == "k1"


def test_the_signing_key_secret_is_a_fernet_key(tmp_path):
    assert len(urlsafe_b64decode(secrets.load(tmp_path)["signing_key_secret"])) == 32

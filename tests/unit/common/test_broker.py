from common.broker import settle

URI = "amqps://order_service:se%20cret@broker.example:5671/shopnow"
BARE = "amqp://order_service:secret@127.0.0.1:5690/shopnow"


def settled(uri, **more):
    settings = {"AMQP_URI": uri, **more}
    settle(settings)
    return settings


def test_an_address_without_tls_stays_as_it_is():
    assert settled(BARE) == {"AMQP_URI": BARE}


def test_an_address_with_tls_becomes_the_two_settings_of_nameko():
    assert settled(f"{URI}?ca_certs=/certificates/ca.pem") == {
        "AMQP_URI": URI,
        "AMQP_SSL": {
            "ca_certs": "/certificates/ca.pem",
            "server_hostname": "broker.example",
        },
    }


def test_the_broker_has_to_prove_its_name_whoever_is_trusted():
    assert settled(URI)["AMQP_SSL"] == {"server_hostname": "broker.example"}


def test_what_is_settled_stays_settled():
    once = settled(f"{URI}?ca_certs=/ca.pem")

    assert settled(**{"uri": once["AMQP_URI"], "AMQP_SSL": once["AMQP_SSL"]}) == once

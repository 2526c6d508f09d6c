"""What a developer types into the shell, on the running shop."""

SIGN_IN = "n.sign_in({email!r}, {password!r}); "


def test_a_stranger_asks_what_anyone_may(stack):
    said = stack.shopnow("shell", "-c", "n.rpc.product_service.list_categories()")

    assert said.returncode == 0, said.stdout
    assert "'items'" in said.stdout


def test_a_person_asks_after_signing_in(stack):
    customer = next(a for a in stack.demo_accounts if a["roles"] == ["customer"])
    sign_in = SIGN_IN.format(**customer)
    ask = "n.rpc.user_service.get_user()['email']"

    alone = stack.shopnow("shell", "-c", ask)
    signed_in = stack.shopnow("shell", "-c", sign_in + ask)

    assert alone.returncode == 1
    assert "Unauthenticated" in alone.stdout
    assert signed_in.returncode == 0, signed_in.stdout
    assert customer["email"] in signed_in.stdout

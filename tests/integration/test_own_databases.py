"""Each service has a database of its own, and a role that enters no other."""

from itertools import permutations
from urllib.parse import urlsplit

import psycopg2
import pytest

DATABASES = ("AUTH_DB_URI", "USER_DB_URI", "ORDER_DB_URI")


@pytest.mark.parametrize(("own", "other"), permutations(DATABASES, 2))
def test_a_role_enters_no_other_database(stack, own, other):
    variables = stack.plan.variables
    place = urlsplit(variables[own].replace("+psycopg2", ""))
    elsewhere = place._replace(path=urlsplit(variables[other]).path)

    psycopg2.connect(place.geturl()).close()
    with pytest.raises(
        psycopg2.OperationalError, match="permission denied for database"
    ):
        psycopg2.connect(elsewhere.geturl())

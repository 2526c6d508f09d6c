"""PostgreSQL tables of the tests' own, beside those of the running service."""

from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.fernet import Fernet
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Session

from common.database import with_driver
from common.ids import new_id
from common.sealing import Seal
from ops.stack.secrets import fresh_key
from order_service.storage.models import OrderBase, OutboxRow
from order_service.storage.repository import OrderRepository
from user_service.storage.accounts import AccountRepository
from user_service.storage.addresses import AddressRepository
from user_service.storage.keys import KeyRepository
from user_service.storage.models import AuthOutboxRow, UserOutboxRow
from user_service.storage.profiles import ProfileRepository

SIGNING_KEY_SECRET = Fernet.generate_key().decode()
SEAL = Seal(f"k1:{fresh_key()}")


@contextmanager
def scratch(uri: str, base: type[DeclarativeBase] = OrderBase) -> Iterator[Engine]:
    """The tables of a service in a schema that goes with the test."""
    schema = f"test_{new_id().replace('-', '')}"
    options = {"options": f"-c search_path={schema}"}
    engine = create_engine(with_driver(uri), connect_args=options)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
        base.metadata.create_all(connection)
    yield engine
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


def held(engine: Engine, base: type[DeclarativeBase] = OrderBase) -> str:
    """All that its tables hold, as text."""
    with engine.connect() as connection:
        tables = base.metadata.tables.values()
        return str([connection.execute(select(table)).all() for table in tables])


class PostgresDoor:
    """A repository on tables of its own, beside those of the service."""

    def __init__(self, engine):
        self.engine = engine

    @contextmanager
    def transaction(self):
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield self.opened(session)

    @contextmanager
    def statements(self):
        alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        with Session(alone, expire_on_commit=False) as session:
            yield self.opened(session)

    def opened(self, session):
        return self.repository(session)


class PostgresProfiles(PostgresDoor):
    repository, seal = ProfileRepository, SEAL

    @contextmanager
    def addresses(self):
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield AddressRepository(session, SEAL)

    @property
    def events(self):
        with Session(self.engine) as session:
            return session.scalars(select(UserOutboxRow)).all()


class PostgresAccounts(PostgresDoor):
    repository = AccountRepository

    @contextmanager
    def key_transaction(self):
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield KeyRepository(session, SIGNING_KEY_SECRET)

    @property
    def keyring(self):
        with self.key_transaction() as keys:
            return keys.keyring()

    @property
    def events(self):
        """As they would be told, the oldest first."""
        with Session(self.engine) as session:
            rows = select(AuthOutboxRow).order_by(AuthOutboxRow.position)
            return [row.body for row in session.scalars(rows)]


class PostgresOrders(PostgresDoor):
    def opened(self, session):
        return OrderRepository(session, seal=SEAL)

    @property
    def events(self):
        with Session(self.engine) as session:
            return session.scalars(select(OutboxRow)).all()

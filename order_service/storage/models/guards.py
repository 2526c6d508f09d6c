"""What PostgreSQL itself refuses: to change the past, and books that do not balance.

A mistake in the code, or a hand at the console, gets an error and not another past.
"""

from sqlalchemy import DDL, event

from order_service.storage import months
from order_service.storage.models.base import OrderBase

# Nothing of these is ever changed.
APPEND_ONLY = ("order_lines", "commission_rules", "ledger_entries", "payouts")

FUNCTIONS = """
CREATE FUNCTION refuse_to_change_the_past() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: it is the past', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

-- Asked for each entry when its transaction commits; the last one answers for all,
-- so that a long order is added up once.  Without gaps there is always a last one.
CREATE FUNCTION demand_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    posted record;
BEGIN
    IF EXISTS (
        SELECT FROM ledger_entries
        WHERE transaction_id = NEW.transaction_id AND position > NEW.position
    ) THEN
        RETURN NULL;
    END IF;
    SELECT sum(amount_minor) AS total, count(*) AS entries,
        count(DISTINCT (kind, currency, order_id)) AS causes
    INTO posted
    FROM ledger_entries WHERE transaction_id = NEW.transaction_id;
    IF posted.total <> 0 OR posted.causes <> 1
        OR posted.entries <> NEW.position + 1
    THEN
        RAISE EXCEPTION 'debits and credits of % differ', NEW.transaction_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION demand_open_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM payout_batches WHERE id = NEW.batch_id AND closed_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'payout batch % is closed', NEW.batch_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

TRIGGERS = """
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION demand_balance();
CREATE TRIGGER of_open_batch BEFORE INSERT ON payouts
    FOR EACH ROW EXECUTE FUNCTION demand_open_batch();
CREATE TRIGGER closed BEFORE UPDATE OR DELETE ON payout_batches
    FOR EACH ROW WHEN (OLD.closed_at IS NOT NULL)
    EXECUTE FUNCTION refuse_to_change_the_past();
CREATE TRIGGER kept BEFORE TRUNCATE ON payout_batches
    EXECUTE FUNCTION refuse_to_change_the_past();
""" + "".join(
    f"""
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    EXECUTE FUNCTION refuse_to_change_the_past();
"""
    for table in APPEND_ONLY
)

GUARDS = FUNCTIONS + TRIGGERS

# The triggers go with their tables, but order_lines stays.
NO_GUARDS = """
DROP TRIGGER IF EXISTS append_only ON order_lines;
DROP FUNCTION refuse_to_change_the_past CASCADE;
DROP FUNCTION demand_balance CASCADE;
DROP FUNCTION demand_open_batch CASCADE;
"""

event.listen(OrderBase.metadata, "after_create", DDL(GUARDS.replace("%", "%%")))
for statement in months.everything():
    event.listen(OrderBase.metadata, "after_create", DDL(statement))

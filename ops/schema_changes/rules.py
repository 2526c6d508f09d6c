"""The rules of squawk that we hold, by phase, and what to write instead.

Its matters of taste (text rather than varchar, and so on) are not among them, and
neither are time limits of locks: `ops/migrations/env.py` sets one for all.
"""

# The release that still runs is not hurt; writers or readers would wait for long.
LOCKS = {
    "require-concurrent-index-creation": (
        "writers wait until the index is built: create it with "
        "postgresql_concurrently=True inside op.get_context().autocommit_block()"
    ),
    "require-concurrent-index-deletion": (
        "everybody waits for it: drop it with postgresql_concurrently=True inside "
        "op.get_context().autocommit_block()"
    ),
    "require-concurrent-reindex": "writers wait for it: REINDEX … CONCURRENTLY",
    "require-concurrent-partition-detach": (
        "readers of the whole table wait: DETACH PARTITION … CONCURRENTLY"
    ),
    "adding-not-nullable-field": (
        "every row is read while all wait: add CHECK (… IS NOT NULL) NOT VALID, "
        "validate it in the next migration, then SET NOT NULL is free"
    ),
    "adding-field-with-default": (
        "a volatile default rewrites the table: add the column without it, fill it "
        "in batches, set the default"
    ),
    "adding-foreign-key-constraint": (
        "both tables are locked while every row is checked: add it NOT VALID, and "
        "validate it in the next migration"
    ),
    "constraint-missing-not-valid": (
        "every row is read while all wait: add it NOT VALID, and validate it in the "
        "next migration"
    ),
    "adding-serial-primary-key-field": (
        "the index is built while all wait: build it CONCURRENTLY, then ADD "
        "CONSTRAINT … USING INDEX"
    ),
    "disallowed-unique-constraint": (
        "the index is built while all wait: build it CONCURRENTLY, then ADD "
        "CONSTRAINT … USING INDEX"
    ),
    "changing-column-type": (
        "the table may be rewritten, and the old code expects the old type: add a "
        "column, write both, move the readers, drop the old one"
    ),
    "ban-concurrent-index-creation-in-transaction": (
        "CONCURRENTLY does not work in a transaction: put it inside "
        "op.get_context().autocommit_block()"
    ),
}

# The release that still runs would fail at once, in whatever phase.
BREAKS = {
    "adding-required-field": (
        "what still runs does not fill it: give it a server_default, or let it be null"
    ),
    "renaming-column": (
        "what still runs knows the old name: add a column, write both, drop the old "
        "one in a contract migration"
    ),
    "renaming-table": "what still runs knows the old name: add a table, and move over",
    "ban-drop-database": "nobody ever means it",
    "ban-truncate-cascade": "it empties tables that it does not name",
    "syntax-error": "PostgreSQL will not understand it",
}

# Allowed once a release that does without it runs everywhere.
CONTRACTS = {
    "ban-drop-column": "what still runs may name it",
    "ban-drop-table": "what still runs may name it",
    "ban-drop-not-null": "what still runs may not expect a null",
    "ban-drop-default": "what still runs may not fill it",
    "ban-drop-type": "what still runs may use it",
    "ban-drop-view": "what still runs may read it",
    "ban-drop-schema": "what still runs may use it",
    "ban-drop-sequence": "what still runs may draw from it",
    "ban-drop-function": "what still runs may call it",
}

-- The journal: the truth. Rows are only ever added.
CREATE TABLE entries (
    seq       INTEGER PRIMARY KEY,
    time_us   INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    header    BLOB NOT NULL,
    body_hash BLOB NOT NULL,
    prev      BLOB NOT NULL,
    hash      BLOB NOT NULL,
    -- Copies from the header, for lists and for freezing an order whose header cannot be read.
    account   TEXT,
    order_no  TEXT
) STRICT;
CREATE INDEX entries_of_order ON entries (account, order_no, seq) WHERE order_no IS NOT NULL;

-- Raw bytes, apart, so that they can be erased.
CREATE TABLE bodies (
    seq  INTEGER PRIMARY KEY REFERENCES entries (seq),
    salt BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- Personal data that an entry about an order brought, as JSON; never in a header. Of one subject and name the first
-- value stays. It stands in the order of the entries, so that writing it touches no page of its own.
CREATE TABLE personal (
    seq  INTEGER PRIMARY KEY REFERENCES entries (seq),
    data TEXT NOT NULL
) STRICT;

-- `cursor`: the newest entry that the projection has seen.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The projection: made by the fold from the entries, and by nothing else.
CREATE TABLE orders (
    account    TEXT NOT NULL,
    order_no   TEXT NOT NULL,
    state      TEXT NOT NULL,
    status     TEXT NOT NULL,
    attention  INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    due_us     INTEGER,
    unanswered INTEGER NOT NULL,
    token      TEXT NOT NULL UNIQUE,
    subject    TEXT NOT NULL,
    PRIMARY KEY (account, order_no)
) STRICT;
CREATE INDEX orders_newest ON orders (created_us, account, order_no);
CREATE INDEX orders_newest_of_account ON orders (account, created_us, order_no);
CREATE INDEX orders_due ON orders (due_us, account, order_no) WHERE due_us IS NOT NULL;
CREATE INDEX orders_unanswered ON orders (account, order_no) WHERE unanswered = 1;

CREATE TABLE trades (
    account  TEXT NOT NULL,
    trade_no TEXT NOT NULL,
    order_no TEXT NOT NULL,
    PRIMARY KEY (account, trade_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE parked (
    account  TEXT NOT NULL,
    -- `order` or `trade`: which number `about` is.
    by       TEXT NOT NULL,
    about    TEXT NOT NULL,
    state    TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    overdue  INTEGER NOT NULL,
    PRIMARY KEY (account, by, about)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_waiting ON parked (since_us, account, about) WHERE overdue = 0 AND by = 'order';

CREATE TABLE accounts (
    account TEXT PRIMARY KEY,
    state   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    state TEXT NOT NULL
) STRICT;

-- `pos` is the feed's own order. A rebuild gives every event the same one again, so cursors stay good.
CREATE TABLE events (
    pos      INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    account  TEXT NOT NULL,
    order_no TEXT NOT NULL,
    type     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at_us    INTEGER NOT NULL
) STRICT;
CREATE INDEX events_of_account ON events (account, pos);

CREATE TABLE deliveries (
    event    TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    account  TEXT NOT NULL,
    order_no TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    state    TEXT NOT NULL,
    due_us   INTEGER,
    last     TEXT,
    PRIMARY KEY (event, endpoint)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (endpoint, due_us, event) WHERE due_us IS NOT NULL;
CREATE INDEX deliveries_held ON deliveries (endpoint, event) WHERE state = 'held';

-- Where each discrepancy belongs: `order_no` is empty for an account's own.
CREATE TABLE discrepancies (
    account   TEXT NOT NULL,
    order_no  TEXT NOT NULL,
    id        TEXT NOT NULL UNIQUE,
    state     TEXT NOT NULL,
    closed    INTEGER NOT NULL,
    opened_us INTEGER NOT NULL,
    PRIMARY KEY (account, order_no, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX discrepancies_open ON discrepancies (closed, opened_us, id);
CREATE INDEX discrepancies_of_account ON discrepancies (account, closed, opened_us, id);

-- Rendered once, never again: apart from the events, so that a rebuild leaves them alone.
CREATE TABLE event_bodies (
    pos  INTEGER PRIMARY KEY,
    id   TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- Who works on what. No part of the projection. `kind` `order`: account, order_no; `delivery`: event, endpoint.
CREATE TABLE leases (
    kind     TEXT NOT NULL,
    a        TEXT NOT NULL,
    b        TEXT NOT NULL,
    until_us INTEGER NOT NULL,
    claims   INTEGER NOT NULL,
    PRIMARY KEY (kind, a, b)
) STRICT, WITHOUT ROWID;

-- What `writable` writes and takes away again to find out whether there is room.
CREATE TABLE room (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    space BLOB NOT NULL
) STRICT;

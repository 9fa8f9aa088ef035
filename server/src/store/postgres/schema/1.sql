-- The same tables as in SQLite, for several nodes. Texts compare bytewise, whatever the database's own order is; flags are
-- 0 and 1, times whole microseconds.

-- One row for each chain, which is one life of one node: its newest entry, as that node wrote it down, and the entry that
-- the genesis of another chain named last.
CREATE TABLE chains (
    chain text COLLATE "C" PRIMARY KEY,
    seq   bigint NOT NULL,
    hash  bytea NOT NULL,
    named bigint NOT NULL DEFAULT 0
);

-- The numbers of entries, and the places of events in the feed: drawn while everything is locked that they depend on, so
-- that their order is the order in which the entries took effect.
CREATE SEQUENCE numbers;

-- The journal: the truth. Rows are only ever added.
CREATE TABLE entries (
    seq       bigint PRIMARY KEY,
    chain     text COLLATE "C" NOT NULL,
    time_us   bigint NOT NULL,
    kind      bigint NOT NULL,
    header    bytea NOT NULL,
    body_hash bytea NOT NULL,
    prev      bytea NOT NULL,
    hash      bytea NOT NULL,
    account   text COLLATE "C",
    order_no  text COLLATE "C"
);
CREATE INDEX entries_of_order ON entries (account, order_no, seq) WHERE order_no IS NOT NULL;

-- Raw bytes, apart, so that they can be erased.
CREATE TABLE bodies (
    seq  bigint PRIMARY KEY,
    salt bytea NOT NULL,
    body bytea NOT NULL
);

-- Personal data that an entry about an order brought, as JSON; never in a header.
CREATE TABLE personal (
    seq  bigint PRIMARY KEY,
    data text NOT NULL
);

-- `world`: counted up whenever settings, or what all orders depend on, change.
CREATE TABLE meta (
    name  text COLLATE "C" PRIMARY KEY,
    value bigint NOT NULL
);
INSERT INTO meta (name, value) VALUES ('world', 0);

-- The projection: made by the fold from the entries, and by nothing else.
CREATE TABLE orders (
    account    text COLLATE "C" NOT NULL,
    order_no   text COLLATE "C" NOT NULL,
    state      text NOT NULL,
    status     text COLLATE "C" NOT NULL,
    attention  bigint NOT NULL,
    created_us bigint NOT NULL,
    due_us     bigint,
    unanswered bigint NOT NULL,
    token      text COLLATE "C" NOT NULL UNIQUE,
    subject    text NOT NULL,
    PRIMARY KEY (account, order_no)
);
CREATE INDEX orders_newest ON orders (created_us, account, order_no);
CREATE INDEX orders_newest_of_account ON orders (account, created_us, order_no);
CREATE INDEX orders_due ON orders (due_us, account, order_no) WHERE due_us IS NOT NULL;
CREATE INDEX orders_unanswered ON orders (account, order_no) WHERE unanswered = 1;
CREATE INDEX orders_frozen ON orders (account, order_no) WHERE strpos(state, '"frozen":"') > 0;

CREATE TABLE trades (
    account  text COLLATE "C" NOT NULL,
    trade_no text COLLATE "C" NOT NULL,
    order_no text COLLATE "C" NOT NULL,
    PRIMARY KEY (account, trade_no)
);

CREATE TABLE parked (
    account  text COLLATE "C" NOT NULL,
    -- `order` or `trade`: which number `about` is.
    by       text COLLATE "C" NOT NULL,
    about    text COLLATE "C" NOT NULL,
    state    text NOT NULL,
    since_us bigint NOT NULL,
    overdue  bigint NOT NULL,
    PRIMARY KEY (account, by, about)
);
CREATE INDEX parked_waiting ON parked (since_us, account, about) WHERE overdue = 0 AND by = 'order';

CREATE TABLE accounts (
    account text COLLATE "C" PRIMARY KEY,
    state   text NOT NULL
);

CREATE TABLE settings (
    id    bigint PRIMARY KEY CHECK (id = 1),
    state text NOT NULL
);

-- `pos` is the feed's own order, one of `numbers`. A rebuild gives every event the same one again.
CREATE TABLE events (
    pos      bigint PRIMARY KEY,
    id       text COLLATE "C" NOT NULL UNIQUE,
    account  text COLLATE "C" NOT NULL,
    order_no text COLLATE "C" NOT NULL,
    type     text COLLATE "C" NOT NULL,
    subject  text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    at_us    bigint NOT NULL
);
CREATE INDEX events_of_account ON events (account, pos);

CREATE TABLE deliveries (
    event    text COLLATE "C" NOT NULL,
    endpoint text COLLATE "C" NOT NULL,
    account  text COLLATE "C" NOT NULL,
    order_no text COLLATE "C" NOT NULL,
    attempts bigint NOT NULL,
    state    text COLLATE "C" NOT NULL,
    due_us   bigint,
    last     text,
    PRIMARY KEY (event, endpoint)
);
CREATE INDEX deliveries_due ON deliveries (endpoint, due_us, event) WHERE due_us IS NOT NULL;
CREATE INDEX deliveries_held ON deliveries (endpoint, event) WHERE state = 'held';
CREATE INDEX deliveries_dead ON deliveries (endpoint, event) WHERE state = 'dead';

-- Where each discrepancy belongs: `order_no` is empty for an account's own.
CREATE TABLE discrepancies (
    account   text COLLATE "C" NOT NULL,
    order_no  text COLLATE "C" NOT NULL,
    id        text COLLATE "C" NOT NULL UNIQUE,
    state     text COLLATE "C" NOT NULL,
    closed    bigint NOT NULL,
    opened_us bigint NOT NULL,
    PRIMARY KEY (account, order_no, id)
);
CREATE INDEX discrepancies_open ON discrepancies (closed, opened_us, id);
CREATE INDEX discrepancies_of_account ON discrepancies (account, closed, opened_us, id);

-- Rendered once, never again: apart from the events, so that a rebuild leaves them alone.
CREATE TABLE event_bodies (
    pos  bigint PRIMARY KEY,
    id   text COLLATE "C" NOT NULL,
    body bytea NOT NULL
);

-- Who works on what. No part of the projection. `kind` `order`: account, order_no; `delivery`: event, endpoint.
CREATE TABLE leases (
    kind     text COLLATE "C" NOT NULL,
    a        text COLLATE "C" NOT NULL,
    b        text COLLATE "C" NOT NULL,
    until_us bigint NOT NULL,
    claims   bigint NOT NULL,
    fence    bigint NOT NULL,
    PRIMARY KEY (kind, a, b)
);
CREATE SEQUENCE fences;

-- What `writable` writes and takes away again to find out whether there is room.
CREATE TABLE room (
    id    bigint PRIMARY KEY CHECK (id = 1),
    space bytea NOT NULL
);

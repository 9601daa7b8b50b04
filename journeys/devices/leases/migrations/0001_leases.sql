-- Who has which device. A device's row stays when its lease ends, so that `term` never counts backwards.
CREATE TABLE leases (
    pool text NOT NULL,
    device text NOT NULL,
    holder text,
    term bigint NOT NULL DEFAULT 0,
    taken_at timestamptz,
    expires_at timestamptz,
    PRIMARY KEY (pool, device),
    CHECK (holder IS NULL OR (taken_at IS NOT NULL AND expires_at IS NOT NULL))
);

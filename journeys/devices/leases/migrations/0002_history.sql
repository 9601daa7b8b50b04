-- What became of every night. The order of nights is that in which they were first kept, by this
-- database's own count: machines of other nights may have other clocks.
CREATE TABLE nights (
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    id text PRIMARY KEY,
    name text NOT NULL,
    branch text NOT NULL,
    revision text NOT NULL,
    status text NOT NULL,
    error text NOT NULL,
    started_at text NOT NULL,
    finished_at text NOT NULL,
    duration_s double precision NOT NULL,
    shards integer[] NOT NULL,
    shard_count integer NOT NULL
);
CREATE INDEX nights_by_name ON nights (name, branch, number);

-- `outcome` has the letter of a trend's outcomes, `tries` one for each attempt: x where the infrastructure
-- spoiled it. `duration_s` is the last one's, where it was not spoiled. Of its steps and its looks a cell
-- has a few each, which are only ever read and replaced together: hence arrays. A look is one observer's at
-- one change; a change that was never seen to stay took from 0 to infinity.
CREATE TABLE cells (
    night bigint NOT NULL REFERENCES nights (number) ON DELETE CASCADE,
    journey text NOT NULL,
    casting text NOT NULL,
    name text NOT NULL,
    priority text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('p', 'f', 'i', 'e', 'n')),
    tries text NOT NULL,
    duration_s double precision,
    step_titles text[] NOT NULL,
    step_s double precision[] NOT NULL,
    look_surfaces text[] NOT NULL,
    look_targets text[] NOT NULL,
    look_budgets_s double precision[] NOT NULL,
    look_lows_s double precision[] NOT NULL,
    look_highs_s double precision[] NOT NULL,
    PRIMARY KEY (journey, casting, night)
);
CREATE INDEX cells_by_night ON cells (night);

-- The looks of a night, summed up each time some of them are kept.
CREATE TABLE propagation (
    night bigint NOT NULL REFERENCES nights (number) ON DELETE CASCADE,
    surface text NOT NULL,
    target text NOT NULL,
    budget_s double precision NOT NULL,
    samples integer NOT NULL,
    unseen integer NOT NULL,
    p50_low_s double precision NOT NULL,
    p50_high_s double precision NOT NULL,
    p95_low_s double precision NOT NULL,
    p95_high_s double precision NOT NULL,
    PRIMARY KEY (night, surface, target)
);

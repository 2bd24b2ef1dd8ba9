-- The four classic checks of a go-live log, as fast as DuckDB gets them right.
--
--     SET VARIABLE log = 'big.log';   -- then run this file; its last statement yields the counts
--
-- It knows the log of generate.py in its plain form: the prefix has no pipe in it, a line has at
-- most 12 segments, and the names are those the emitters write (of the aliases, outbox_count).
-- Otherwise it follows the contract: fields are found by name and the first of a name wins, void
-- keys join nothing, and a delivery discharges the plan directly before it under the same key.
--
-- The CSV reader splits the lines at their pipes: this is three times as fast as reading whole
-- lines and cutting the fields out of them. Emitters write the fields of a tag in one order, so
-- that order is tested, and only a line that differs is searched. Segments keep their names
-- ("conv=...") up to here: there is nothing to cut off on the fast way.

SET preserve_insertion_order = true;  -- the rowid of a table made from the log is then line order

CREATE OR REPLACE TEMP MACRO named(segments, name) AS
    list_filter(segments, lambda segment: starts_with(segment, name || '='))[1];

CREATE OR REPLACE TEMP MACRO content(segment) AS
    substr(segment, strpos(segment, '=') + 1);

CREATE OR REPLACE TEMP MACRO is_void(segment) AS
    segment IS NULL OR content(segment) IN ('', 'unknown', 'None', 'null', 'MISSING');

CREATE OR REPLACE TEMP MACRO is_forbidden(segment) AS
    regexp_matches(content(segment), '^(default$|(invalid_pattern_)?thread_)');

CREATE OR REPLACE TEMP VIEW log_lines AS
SELECT *, [c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11] AS segments
FROM read_csv(
    getvariable('log'),
    auto_detect = false, header = false, delim = '|', quote = '', escape = '',
    null_padding = true, strict_mode = false,
    columns = {
        'c0': 'VARCHAR', 'c1': 'VARCHAR', 'c2': 'VARCHAR', 'c3': 'VARCHAR',
        'c4': 'VARCHAR', 'c5': 'VARCHAR', 'c6': 'VARCHAR', 'c7': 'VARCHAR',
        'c8': 'VARCHAR', 'c9': 'VARCHAR', 'c10': 'VARCHAR', 'c11': 'VARCHAR'
    }
);

-- Plans and deliveries, in the order of the log.
CREATE OR REPLACE TEMP TABLE outbox AS
WITH traces AS (
    SELECT
        *,
        starts_with(c1, 'phase=') AND starts_with(c2, 'conv=') AND starts_with(c3, 'idem=')
        AND starts_with(c4, 'state_id=') AND starts_with(c5, 'outbox_id=')
        AND starts_with(c6, 'count=') AS in_order
    FROM log_lines
    WHERE ends_with(c0, ' OUTBOX_TRACE')
),
fields AS (
    SELECT
        CASE WHEN in_order THEN c1 ELSE named(segments, 'phase') END AS phase,
        CASE WHEN in_order THEN c2 ELSE named(segments, 'conv') END AS conv,
        CASE WHEN in_order THEN c3 ELSE named(segments, 'idem') END AS idem,
        CASE WHEN in_order THEN c4 ELSE named(segments, 'state_id') END AS state_id,
        CASE WHEN in_order THEN c5 ELSE named(segments, 'outbox_id') END AS outbox_id,
        TRY_CAST(content(
            CASE
                WHEN in_order THEN c6
                ELSE coalesce(named(segments, 'count'), named(segments, 'outbox_count'))
            END
        ) AS BIGINT) AS in_outbox
    FROM traces
)
SELECT
    phase = 'phase=planner' AS is_plan,
    conv,
    idem,
    state_id,
    outbox_id,
    in_outbox
FROM fields
WHERE (phase = 'phase=delivery' OR (phase = 'phase=planner' AND in_outbox >= 1))
    AND NOT (is_void(conv) AND is_void(idem));

CREATE OR REPLACE TEMP TABLE pairs AS
WITH neighbours AS (
    SELECT
        is_plan,
        state_id,
        outbox_id,
        lead({
            'is_plan': is_plan, 'state_id': state_id, 'outbox_id': outbox_id,
            'in_outbox': in_outbox
        }) OVER (PARTITION BY conv, idem ORDER BY rowid) AS following
    FROM outbox
)
SELECT
    count(*) FILTER (following IS NULL OR following.is_plan) AS lost,
    count(*) FILTER (NOT following.is_plan AND following.in_outbox < 1) AS mismatch,
    count(*) FILTER (
        NOT following.is_plan AND state_id <> following.state_id
        AND NOT is_void(state_id) AND NOT is_void(following.state_id)
    ) AS drift_state_id,
    count(*) FILTER (
        NOT following.is_plan AND outbox_id <> following.outbox_id
        AND NOT is_void(outbox_id) AND NOT is_void(following.outbox_id)
    ) AS drift_outbox_id
FROM neighbours
WHERE is_plan;

-- Every event of any tag for the instances; the results of deliveries for their rate.
CREATE OR REPLACE TEMP TABLE others AS
SELECT
    count(*) FILTER (
        (
            is_forbidden(named(segments, 'instance'))
            OR (ends_with(c0, '_GUARD') AND is_forbidden(named(segments, 'value')))
        )
    ) AS forbidden_instance,
    count(*) FILTER (
        ends_with(c0, ' DELIVERY_TRACE') AND named(segments, 'action') = 'action=result'
    ) AS results_total,
    count(*) FILTER (
        ends_with(c0, ' DELIVERY_TRACE') AND named(segments, 'action') = 'action=result'
        AND named(segments, 'status') = 'status=success'
    ) AS results_ok
FROM log_lines
WHERE NOT ends_with(c0, ' OUTBOX_TRACE');

UNPIVOT (SELECT * FROM pairs, others) ON COLUMNS(*) INTO NAME name VALUE number;

-- The four classic checks of a go-live log, as fast as DuckDB gets them right.
--
--     SET VARIABLE log = 'big.log';  -- then run this file; its last statement yields the counts
--
-- It knows the log of generate.py in its plain form: the prefix has no pipe in it, a line has at
-- most twelve segments, and the names are those the emitters write (of the aliases, outbox_count).
-- Otherwise it follows the contract: fields are found by name and the first of a name wins, void
-- keys join nothing, and a delivery discharges the plan directly before it under the same key.
--
-- The CSV reader splits the lines at their pipes, which is faster than reading whole lines and
-- cutting the fields out of them. Emitters write the fields of a tag in one order: that order is
-- tested first, and only a line that differs is searched. Segments keep their names ("conv=...").
--
-- The order of lines is the rowid of a table that is made from the log. A join, also the hidden
-- one of IN with a long list, would make the table in any order: no plan of it may contain one.

SET preserve_insertion_order = true;

CREATE OR REPLACE TEMP MACRO named(segments, name) AS
    list_filter(segments, lambda segment: starts_with(segment, name || '='))[1];

CREATE OR REPLACE TEMP MACRO content(segment) AS
    substr(segment, strpos(segment, '=') + 1);

CREATE OR REPLACE TEMP MACRO is_void(segment) AS
    segment IS NULL
    OR list_contains(['', 'unknown', 'None', 'null', 'MISSING'], content(segment));

CREATE OR REPLACE TEMP MACRO differ(one, other) AS
    CASE WHEN one <> other THEN NOT is_void(one) AND NOT is_void(other) END;

CREATE OR REPLACE TEMP MACRO is_forbidden(segment, name) AS
    segment = name || '=default'
    OR starts_with(segment, name || '=thread_')
    OR starts_with(segment, name || '=invalid_pattern_thread_');

CREATE OR REPLACE TEMP VIEW log_lines AS
SELECT *
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

-- The traces of the outbox, in the order of the log.
CREATE OR REPLACE TEMP TABLE outbox AS
SELECT
    CASE WHEN in_order THEN c1 ELSE named(segments, 'phase') END AS phase,
    CASE WHEN in_order THEN c2 ELSE named(segments, 'conv') END AS conv,
    CASE WHEN in_order THEN c3 ELSE named(segments, 'idem') END AS idem,
    CASE WHEN in_order THEN c4 ELSE named(segments, 'state_id') END AS state_id,
    CASE WHEN in_order THEN c5 ELSE named(segments, 'outbox_id') END AS outbox_id,
    CASE
        WHEN in_order THEN c6
        ELSE coalesce(named(segments, 'count'), named(segments, 'outbox_count'))
    END AS in_outbox
FROM (
    SELECT
        *,
        CASE
            WHEN in_order THEN NULL
            ELSE [c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11]
        END AS segments
    FROM (
        SELECT
            *,
            starts_with(c1, 'phase=') AND starts_with(c2, 'conv=') AND starts_with(c3, 'idem=')
            AND starts_with(c4, 'state_id=') AND starts_with(c5, 'outbox_id=')
            AND starts_with(c6, 'count=') AS in_order
        FROM log_lines
        WHERE ends_with(c0, ' OUTBOX_TRACE')
    )
);

-- Each plan beside what follows it under its key: a delivery, another plan, or nothing. The hash
-- leads the key because long strings that begin alike are slow to sort.
CREATE OR REPLACE TEMP TABLE handoffs AS
SELECT
    count(*) FILTER (is_delivered IS NOT TRUE) AS lost,
    count(*) FILTER (is_delivered AND to_outbox < 1) AS mismatch,
    count(*) FILTER (is_delivered AND differ(state_id, to_state_id)) AS drift_state_id,
    count(*) FILTER (is_delivered AND differ(outbox_id, to_outbox_id)) AS drift_outbox_id
FROM (
    SELECT
        is_plan,
        state_id,
        outbox_id,
        NOT lead(is_plan) OVER turns AS is_delivered,
        lead(in_outbox) OVER turns AS to_outbox,
        lead(state_id) OVER turns AS to_state_id,
        lead(outbox_id) OVER turns AS to_outbox_id
    FROM (
        SELECT
            * REPLACE (TRY_CAST(content(in_outbox) AS BIGINT) AS in_outbox),
            rowid AS place,
            phase = 'phase=planner' AS is_plan
        FROM outbox
    )
    WHERE (phase = 'phase=delivery' OR (is_plan AND in_outbox >= 1))
        AND NOT (is_void(conv) AND is_void(idem))
    WINDOW turns AS (PARTITION BY hash(conv, idem), conv, idem ORDER BY place)
)
WHERE is_plan;

-- The instances of all events, and the results of the deliveries. Whether a line is an event is
-- only asked where its instance is forbidden.
CREATE OR REPLACE TEMP TABLE others AS
SELECT
    count(*) FILTER (
        CASE
            WHEN is_forbidden(instance, 'instance') OR is_forbidden(guarded, 'value')
                THEN regexp_matches(c0, '(^|[^A-Za-z0-9_])[A-Z][A-Z0-9_]+$')
        END
    ) AS forbidden_instance,
    count(*) FILTER (status IS NOT NULL) AS results_total,
    count(*) FILTER (status = 'status=success') AS results_ok
FROM (
    SELECT
        c0,
        CASE
            WHEN is_send THEN c2
            WHEN is_result THEN c4
            ELSE named(segments, 'instance')
        END AS instance,
        CASE WHEN ends_with(c0, '_GUARD') THEN named(segments, 'value') END AS guarded,
        CASE
            WHEN is_send OR NOT ends_with(c0, ' DELIVERY_TRACE') THEN NULL
            WHEN is_result THEN c2
            WHEN named(segments, 'action') = 'action=result'
                THEN coalesce(named(segments, 'status'), '')
        END AS status
    FROM (
        SELECT
            *,
            CASE
                WHEN is_send OR is_result THEN NULL
                ELSE [c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11]
            END AS segments
        FROM (
            SELECT
                *,
                (c1 = 'action=send' OR starts_with(c1, 'source='))
                AND starts_with(c2, 'instance=') AS is_send,
                c1 = 'action=result' AND starts_with(c2, 'status=')
                AND starts_with(c3, 'http=') AND starts_with(c4, 'instance=') AS is_result
            FROM log_lines
            WHERE c1 IS NOT NULL AND NOT ends_with(c0, ' OUTBOX_TRACE')
        )
    )
);

UNPIVOT (SELECT * FROM handoffs, others) ON COLUMNS(*) INTO NAME name VALUE number;

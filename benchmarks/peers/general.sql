-- The four classic checks of a go-live log in DuckDB SQL, for any log of trace lines.
--
--     SET VARIABLE log = 'app.log';  -- then run this file; its last statement yields the counts
--
-- As an engineer would write it: lines are read whole, and fields are found by name wherever they
-- stand. `tuned.sql` beside it does the same for the one layout of the benchmark's own log.

SET preserve_insertion_order = true;

CREATE OR REPLACE TEMP MACRO field(line, name) AS
    CASE WHEN contains(line, '|' || name || '=')
    THEN split_part(split_part(line, '|' || name || '=', 2), '|', 1) END;

CREATE OR REPLACE TEMP MACRO is_void(value) AS
    value IS NULL OR value = '' OR value = 'unknown' OR value = 'None' OR value = 'null'
    OR value = 'MISSING';

CREATE OR REPLACE TEMP MACRO differ(one, other) AS
    one <> other AND NOT is_void(one) AND NOT is_void(other);

CREATE OR REPLACE TEMP TABLE events AS
SELECT
    regexp_extract(line, '(?:^|[^A-Za-z0-9_])([A-Z][A-Z0-9_]+)\|', 1) AS tag,
    field(line, 'phase') AS phase,
    field(line, 'conv') AS conv,
    field(line, 'idem') AS idem,
    field(line, 'state_id') AS state_id,
    field(line, 'outbox_id') AS outbox_id,
    coalesce(field(line, 'count'), field(line, 'outbox_count')) AS in_outbox,
    field(line, 'action') AS action,
    field(line, 'status') AS status,
    field(line, 'instance') AS instance,
    field(line, 'value') AS value
FROM read_csv(
    getvariable('log'), auto_detect = false, header = false, delim = '\x01', quote = '',
    escape = '', strict_mode = false, columns = {'line': 'VARCHAR'}
)
WHERE contains(line, '|');

CREATE OR REPLACE TEMP TABLE steps AS
SELECT
    phase, state_id, outbox_id, in_outbox,
    lead(phase) OVER turn AS next_phase,
    lead(state_id) OVER turn AS next_state_id,
    lead(outbox_id) OVER turn AS next_outbox_id,
    lead(in_outbox) OVER turn AS next_in_outbox
FROM (
    SELECT *, rowid AS line_order
    FROM events
    WHERE
        tag = 'OUTBOX_TRACE' AND NOT (is_void(conv) AND is_void(idem))
        AND (phase = 'delivery' OR phase = 'planner' AND try_cast(in_outbox AS DOUBLE) >= 1)
)
WINDOW turn AS (PARTITION BY conv, idem ORDER BY line_order);

WITH
plans AS (SELECT * FROM steps WHERE phase = 'planner'),
pairs AS (SELECT * FROM plans WHERE next_phase = 'delivery'),
results AS (SELECT * FROM events WHERE tag = 'DELIVERY_TRACE' AND action = 'result')
SELECT 'lost' AS name, count(*) AS number FROM plans WHERE next_phase IS DISTINCT FROM 'delivery'
UNION ALL
SELECT 'mismatch', count(*) FROM pairs WHERE NOT try_cast(next_in_outbox AS DOUBLE) >= 1
UNION ALL
SELECT 'drift_state_id', count(*) FROM pairs WHERE differ(state_id, next_state_id)
UNION ALL
SELECT 'drift_outbox_id', count(*) FROM pairs WHERE differ(outbox_id, next_outbox_id)
UNION ALL
SELECT 'forbidden_instance', count(*) FROM events
WHERE
    (instance = 'default' OR regexp_matches(instance, '^(invalid_pattern_)?thread_')) AND tag <> ''
    OR ends_with(tag, '_GUARD')
    AND (value = 'default' OR regexp_matches(value, '^(invalid_pattern_)?thread_'))
UNION ALL
SELECT 'results_total', count(*) FROM results
UNION ALL
SELECT 'results_ok', count(*) FROM results WHERE status = 'success';

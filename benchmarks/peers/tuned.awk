# The four classic checks of a go-live log, as fast as mawk gets them right.
#
#     LC_ALL=C mawk -f tuned.awk big.log
#
# Prints one "name<TAB>count" a line. It knows the log of generate.py in its plain form: the prefix
# has no pipe in it, and the names are those the emitters write (of the aliases, outbox_count).
# Otherwise it follows the contract: fields are found by name and the first of a name wins, void
# keys join nothing, and a delivery discharges the plan directly before it under the same key, so
# that a second turn under one key is a second handoff.
#
# Segments keep their names ("conv=..."): there is nothing to cut off on the fast way.

BEGIN {
    FS = "|"
    count_names = split("conv idem state_id outbox_id", names, " ")
    count_voids = split("|unknown|None|null|MISSING", voids, "|")
    for (n = 1; n <= count_names; n++)
        for (v = 1; v <= count_voids; v++)
            is_void[names[n] "=" voids[v]]
    is_void[""]  # the field is missing
}

index($0, " OUTBOX_TRACE|") && $1 ~ / OUTBOX_TRACE$/ {
    # Emitters write the fields of a tag in one order: test that order, and search where it differs.
    if ($2 ~ /^phase=/ && $3 ~ /^conv=/ && $4 ~ /^idem=/ \
        && $5 ~ /^state_id=/ && $6 ~ /^outbox_id=/ && $7 ~ /^count=/) {
        phase = $2; conv = $3; idem = $4; state_id = $5; outbox_id = $6; count = substr($7, 7)
    } else
        search_fields()

    if (conv in is_void && idem in is_void) next
    key = conv "|" idem
    if (phase == "phase=planner") {
        if (count + 0 < 1) next
        if (key in planned) lost++
        planned[key] = state_id "|" outbox_id
    } else if (phase == "phase=delivery" && key in planned) {
        if (count + 0 < 1) mismatch++
        if (planned[key] != state_id "|" outbox_id) count_drift()
        delete planned[key]
    }
    next
}

# An instance that must not be, in any event; nearly all lines leave at the second test.
at = index($0, "|instance=") {
    if (substr($0, at + 10, 23) ~ /^(default(\||$)|(invalid_pattern_)?thread_)/ \
        && $1 ~ /(^|[^A-Za-z0-9_])[A-Z][A-Z0-9_]+$/) forbidden++
}

(at = index($0, "|value=")) && $1 ~ /_GUARD$/ {
    if (substr($0, at + 7, 23) ~ /^(default(\||$)|(invalid_pattern_)?thread_)/) forbidden++
}

(at = index($0, "|action=")) && substr($0, at + 8, 7) ~ /^result(\||$)/ && $1 ~ / DELIVERY_TRACE$/ {
    results++
    at = index($0, "|status=")
    if (at && substr($0, at + 8, 8) ~ /^success(\||$)/) ok++
}

END {
    for (key in planned) lost++
    printf "lost\t%d\n", lost
    printf "mismatch\t%d\n", mismatch
    printf "drift_state_id\t%d\n", drift_state
    printf "drift_outbox_id\t%d\n", drift_outbox
    printf "forbidden_instance\t%d\n", forbidden
    printf "results_total\t%d\n", results
    printf "results_ok\t%d\n", ok
}

# Set the fields of an OUTBOX_TRACE line whatever their order; the first of a name wins.
function search_fields(    i, segment) {
    phase = conv = idem = state_id = outbox_id = count = alias = ""
    for (i = NF; i > 1; i--) {
        segment = $i
        if (segment ~ /^phase=/) phase = segment
        else if (segment ~ /^conv=/) conv = segment
        else if (segment ~ /^idem=/) idem = segment
        else if (segment ~ /^state_id=/) state_id = segment
        else if (segment ~ /^outbox_id=/) outbox_id = segment
        else if (segment ~ /^count=/) count = segment
        else if (segment ~ /^outbox_count=/) alias = segment
    }
    if (count == "") count = alias
    sub(/^[^=]*=/, "", count)
}

# Say whether two ids that are not the same text differ: a void one compares with nothing.
function differ(left, right) {
    return left != right && !(left in is_void) && !(right in is_void)
}

function count_drift(    side) {
    split(planned[key], side, "|")
    drift_state += differ(state_id, side[1])
    drift_outbox += differ(outbox_id, side[2])
}

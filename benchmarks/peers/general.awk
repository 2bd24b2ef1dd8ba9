# The four classic checks of a go-live log in correct mawk, for any log of trace lines.
#
#     LC_ALL=C mawk -f general.awk app.log
#
# As an engineer would write it after reading the contract: the tag is found wherever it stands,
# fields are found by name in any order, and the first of a name wins. Void keys join nothing, and
# a delivery discharges the plan directly before it under the same key. `tuned.awk` beside it does
# the same for the one layout of the benchmark's own log.

BEGIN {
    FS = "|"
    count_voids = split("|unknown|None|null|MISSING", voids, "|")
    for (v = 1; v <= count_voids; v++) is_void[voids[v]]
    count_levels = split("TRACE DEBUG INFO NOTICE WARN WARNING ERROR CRITICAL FATAL", names, " ")
    for (n = 1; n <= count_levels; n++) is_level[names[n]]
}

NF > 1 && read_event() {
    instance = field["instance"]
    value = tag ~ /_GUARD$/ ? field["value"] : ""
    if (is_forbidden(instance) || is_forbidden(value)) forbidden++

    if (tag == "OUTBOX_TRACE") {
        conv = field["conv"]; idem = field["idem"]
        if (conv in is_void && idem in is_void) next
        key = conv SUBSEP idem
        count = "count" in field ? field["count"] : field["outbox_count"]
        if (field["phase"] == "planner") {
            if (count + 0 < 1) next
            if (key in state) lost++
            state[key] = field["state_id"]
            outbox[key] = field["outbox_id"]
        } else if (field["phase"] == "delivery" && key in state) {
            if (count + 0 < 1) mismatch++
            drift_state += differ(state[key], field["state_id"])
            drift_outbox += differ(outbox[key], field["outbox_id"])
            delete state[key]
            delete outbox[key]
        }
    } else if (tag == "DELIVERY_TRACE" && field["action"] == "result") {
        results++
        if (field["status"] == "success") ok++
    }
}

END {
    for (key in state) lost++
    printf "lost\t%d\n", lost
    printf "mismatch\t%d\n", mismatch
    printf "drift_state_id\t%d\n", drift_state
    printf "drift_outbox_id\t%d\n", drift_outbox
    printf "forbidden_instance\t%d\n", forbidden
    printf "results_total\t%d\n", results
    printf "results_ok\t%d\n", ok
}

# Read the line into `tag` and `field`; false if it is no event.
function read_event(    i, at, name, last) {
    for (last = NF; last > 1; last--) if ($last ~ /^[A-Za-z0-9_][A-Za-z0-9_.-]*=/) break
    for (i = 1; i < last; i++) {
        if (!match($i, /[A-Za-z0-9_]+$/)) continue
        tag = substr($i, RSTART)
        if (tag ~ /^[A-Z][A-Z0-9_]+$/ && !(tag in is_level)) break
    }
    if (i >= last) return 0
    split("", field)
    for (i++; i <= last; i++) {
        if ($i !~ /^[A-Za-z0-9_][A-Za-z0-9_.-]*=/) continue
        at = index($i, "=")
        name = substr($i, 1, at - 1)
        if (!(name in field)) field[name] = substr($i, at + 1)
    }
    return 1
}

function is_forbidden(name) {
    return name == "default" || name ~ /^(invalid_pattern_)?thread_/
}

function differ(left, right) {
    return left != right && !(left in is_void) && !(right in is_void)
}

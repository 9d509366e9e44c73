/* What requests that count alike add to the tallies of the day. */
#include "domain/analytics/internal.h"

#define IS(measure) (outcome->measures >> MEASURE_##measure & 1)

/* Of requests for one file within a moment, one counts as a download. */
static void add_download(struct outcome *outcome, const struct repeats *repeats, struct presence *presence, int64_t second)
{
    bool counts = repeats->complete && presence_downloads(presence, outcome->file, second);
    outcome->amounts[IS(DOWNLOADS) ? MEASURE_DOWNLOADS : MEASURE_ATTACHMENTS] -= repeats->requests - counts;
}

void outcome_add(struct outcome *outcome, const struct repeats *repeats, struct presence *presence, int64_t second)
{
    int64_t *amounts = outcome->amounts;
    outcome->requests += repeats->requests;
    if (IS(RECORDS)) {
        amounts[MEASURE_RECORDS] += repeats->records - repeats->requests;
        amounts[MEASURE_BYTES] += repeats->bytes - repeats->requests;
        amounts[MEASURE_CACHE_HITS] += repeats->from_store - repeats->requests;
        for (int i = 0; i < DURATIONS; i++) {
            outcome->durations[i] += repeats->durations[i];
        }
    }
    if (IS(SEARCHES)) {
        amounts[MEASURE_EMPTY_SEARCHES] += repeats->without_records;
    }
    if (outcome->file) {
        add_download(outcome, repeats, presence, second);
    }
    for (int64_t i = 0; outcome->is_view && i < repeats->requests && i < 2; i++) { /* a third one within a second changes nothing */
        presence_view(presence, outcome->totals[0], outcome->mark, second);
    }
}

/* Every request adds one to the measures of its outcome, and the rest beside. */
void outcome_apply(struct outcome *outcome)
{
    int64_t amounts[MEASURE__COUNT];
    for (enum measure measure = 0; measure < MEASURE__COUNT; measure++) {
        amounts[measure] = outcome->amounts[measure] + (outcome->measures >> measure & 1 ? outcome->requests : 0);
    }
    for (int i = 0; i < outcome->tally_count; i++) {
        struct tally *tally = outcome->tallies[i];
        for (enum measure measure = 0; measure < MEASURE__COUNT; measure++) {
            if (amounts[measure] && measure_has(measure, tally->dimension)) {
                tally_add(tally, measure, amounts[measure]);
            }
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(outcome->totals) && outcome->totals[i]; i++) {
        for (int k = 0; k < DURATIONS; k++) {
            outcome->totals[i]->totals->durations[k] += outcome->durations[k];
        }
    }
    memset(outcome->amounts, 0, sizeof(outcome->amounts));
    memset(outcome->durations, 0, sizeof(outcome->durations));
    outcome->requests = 0;
}

#include "domain/analytics/internal.h"

#define PLACES (1u << 17)
#define PROBES 16
#define DOWNLOADS (1u << 14)
#define VISIT_PAUSE (30 * 60)
#define LIVE_SECONDS (5 * 60)
#define SAME_DOWNLOAD_SECONDS 30

struct visitor {
    uint64_t mark; /* 0: free */
    uint32_t last; /* second of the day */
    uint32_t pages; /* of this visit */
};

struct download {
    uint64_t mark;
    int64_t second;
};

/* Locked memory: marks. */
struct presence {
    struct visitor visitors[PLACES];
    struct download downloads[DOWNLOADS];
};

struct presence *presence_new(void)
{
    return private_memory(sizeof(struct presence));
}

void presence_free(struct presence *presence)
{
    private_memory_free(presence);
}

void presence_forget(struct presence *presence)
{
    explicit_bzero(presence, sizeof(*presence));
}

static uint32_t second_of_day(int64_t second)
{
    return (uint32_t)(second % 86400);
}

/* His place; of a new visitor a free one, or that of whoever was away for the longest time. */
static struct visitor *find(struct presence *presence, uint64_t mark)
{
    struct visitor *oldest = NULL;
    for (unsigned i = 0; i < PROBES; i++) {
        struct visitor *visitor = &presence->visitors[(mark + i) % PLACES];
        if (visitor->mark == mark || visitor->mark == 0) {
            return visitor;
        }
        oldest = !oldest || visitor->last < oldest->last ? visitor : oldest;
    }
    return oldest;
}

void presence_view(struct presence *presence, struct tally *tally, uint64_t mark, int64_t second)
{
    struct visitor *visitor = find(presence, mark);
    uint32_t now = second_of_day(second);
    bool goes_on = visitor->mark == mark && now <= visitor->last + VISIT_PAUSE;
    if (!goes_on) {
        tally_add(tally, MEASURE_VISITS, 1);
        tally_add(tally, MEASURE_BOUNCES, 1);
        *visitor = (struct visitor){mark, now, 1};
        return;
    }
    if (visitor->pages == 1) {
        tally_add(tally, MEASURE_BOUNCES, -1);
    }
    if (now > visitor->last) {
        tally_add(tally, MEASURE_VISIT_SECONDS, now - visitor->last);
        visitor->last = now;
    }
    visitor->pages++;
}

int64_t presence_live(const struct presence *presence, int64_t second)
{
    uint32_t now = second_of_day(second);
    int64_t live = 0;
    for (size_t i = 0; i < PLACES; i++) {
        const struct visitor *visitor = &presence->visitors[i];
        live += visitor->mark && visitor->last + LIVE_SECONDS > now;
    }
    return live;
}

bool presence_downloads(struct presence *presence, uint64_t mark, int64_t second)
{
    struct download *download = &presence->downloads[mark % DOWNLOADS];
    bool is_same = download->mark == mark && second - download->second < SAME_DOWNLOAD_SECONDS;
    if (!is_same) {
        *download = (struct download){mark, second};
    }
    return !is_same;
}

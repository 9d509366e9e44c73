#include "web/shell/quota.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/bug.h"
#include "platform/crypto/crypto.h"

#define SLOTS (1u << 17) /* callers of one day, about; 3 MB */
#define WAYS 8           /* slots looked at for one caller */
#define DAY_USEC ((usec)86400 * USEC_SECOND)

struct slot {
    uint64_t caller; /* 0: free */
    int64_t calls;
};

struct quotas {
    struct quota_limits limits;
    uint8_t key[SECRET_BYTES];
    pthread_mutex_t mutex; /* guards what follows */
    int64_t day;
    int64_t calls; /* of all */
    struct slot slots[SLOTS];
};

struct quotas *quotas_open(const struct quota_limits *limits)
{
    struct quotas *quotas = calloc(1, sizeof(*quotas));
    if (!quotas) {
        bug_out_of_memory(sizeof(*quotas));
    }
    quotas->limits = *limits;
    random_bytes(quotas->key, sizeof(quotas->key));
    pthread_mutex_init(&quotas->mutex, NULL);
    return quotas;
}

void quotas_close(struct quotas *quotas)
{
    if (quotas) {
        pthread_mutex_destroy(&quotas->mutex);
        free(quotas);
    }
}

bool quotas_limit_anonymous(const struct quotas *quotas)
{
    return quotas->limits.portal > 0 || quotas->limits.anonymous > 0;
}

/* Users end in 01, keys in 11, networks in 10. */
static uint64_t caller_of(const struct quotas *quotas, const struct actor *actor, str network)
{
    uint8_t digest[DIGEST_BYTES];
    uint64_t caller;
    if (actor_is_known(actor)) {
        return ((uint64_t)actor->user << 2) | 1;
    }
    digest_hmac(quotas->key, network, digest);
    memcpy(&caller, digest, sizeof(caller));
    return (caller | 3) & ~(uint64_t)1;
}

static uint64_t key_of(const struct actor *actor)
{
    return ((uint64_t)actor->key << 2) | 3;
}

static int64_t limit_of(const struct quotas *quotas, const struct actor *actor)
{
    return !actor_is_known(actor)          ? quotas->limits.anonymous
           : actor->calls == CALLS_DEFAULT ? quotas->limits.user
                                           : actor->calls;
}

/* The caller's slot; when all that he could have are taken, the one with the fewest calls is given up. */
static struct slot *find(struct quotas *quotas, uint64_t caller)
{
    uint64_t start = caller * UINT64_C(0x9e3779b97f4a7c15) >> 40;
    struct slot *least = NULL;
    for (uint64_t i = 0; i < WAYS; i++) {
        struct slot *slot = &quotas->slots[(start + i) % SLOTS];
        if (slot->caller == caller) {
            return slot;
        }
        if (!least || slot->calls < least->calls) {
            least = slot;
        }
    }
    *least = (struct slot){.caller = caller};
    return least;
}

static void begin_day(struct quotas *quotas, int64_t day)
{
    if (quotas->day != day) {
        quotas->day = day;
        quotas->calls = 0;
        memset(quotas->slots, 0, sizeof(quotas->slots));
    }
}

/* One limit that applies to a call. */
struct counter {
    int64_t limit;  /* 0: none */
    int64_t *calls; /* under the mutex */
};

static bool is_full(const struct counter *counter)
{
    return counter->limit && *counter->calls >= counter->limit;
}

/* The limit of which the least is left. */
static void tell_nearest(const struct counter *counters, size_t count, struct quota_answer *answer)
{
    answer->remaining = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
        int64_t left = counters[i].limit ? counters[i].limit - *counters[i].calls : INT64_MAX;
        if (left < answer->remaining) {
            answer->remaining = left > 0 ? left : 0;
            answer->limit = counters[i].limit;
        }
    }
}

struct quota_answer quota_take(struct quotas *quotas, const struct actor *actor, str network)
{
    enum { CALLER, KEY, PORTAL, COUNTERS };
    struct counter counters[COUNTERS] = {[CALLER] = {limit_of(quotas, actor), NULL},
                                         [KEY] = {actor->key ? actor->key_calls : 0, NULL},
                                         [PORTAL] = {quotas->limits.portal, &quotas->calls}};
    struct quota_answer answer = {0};
    if (!counters[CALLER].limit && !counters[KEY].limit && !counters[PORTAL].limit) {
        return answer;
    }
    uint64_t caller = caller_of(quotas, actor, network);
    int64_t unused = 0;
    int64_t day = clock_wall() / DAY_USEC;
    answer.limited = true;
    answer.reset = (day + 1) * DAY_USEC;
    pthread_mutex_lock(&quotas->mutex);
    begin_day(quotas, day);
    counters[CALLER].calls = &find(quotas, caller)->calls;
    counters[KEY].calls = counters[KEY].limit ? &find(quotas, key_of(actor))->calls : &unused;
    bool own_full = is_full(&counters[CALLER]) || is_full(&counters[KEY]);
    answer.refused = own_full || is_full(&counters[PORTAL]);
    answer.by_portal = answer.refused && !own_full;
    for (size_t i = 0; i < COUNTERS && !answer.refused; i++) {
        ++*counters[i].calls;
    }
    tell_nearest(counters, COUNTERS, &answer);
    pthread_mutex_unlock(&quotas->mutex);
    return answer;
}

struct quota_answer quota_look(struct quotas *quotas, const struct actor *actor)
{
    struct counter counter = {limit_of(quotas, actor), NULL};
    struct quota_answer answer = {.limited = counter.limit > 0};
    int64_t day = clock_wall() / DAY_USEC;
    pthread_mutex_lock(&quotas->mutex);
    begin_day(quotas, day);
    counter.calls = &find(quotas, caller_of(quotas, actor, S("")))->calls;
    answer.calls = *counter.calls;
    tell_nearest(&counter, 1, &answer);
    pthread_mutex_unlock(&quotas->mutex);
    answer.reset = (day + 1) * DAY_USEC;
    return answer;
}

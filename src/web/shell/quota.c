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

static uint64_t caller_of(const struct quotas *quotas, const struct actor *actor, str network)
{
    uint8_t digest[DIGEST_BYTES];
    uint64_t caller;
    if (actor_is_known(actor)) {
        return ((uint64_t)actor->user << 1) | 1;
    }
    digest_hmac(quotas->key, network, digest);
    memcpy(&caller, digest, sizeof(caller));
    return (caller | 2) & ~(uint64_t)1;
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

struct quota_answer quota_take(struct quotas *quotas, const struct actor *actor, str network)
{
    const struct quota_limits *limits = &quotas->limits;
    int64_t limit = actor_is_known(actor) ? limits->user : limits->anonymous;
    struct quota_answer answer = {0};
    if (limit == 0 && limits->portal == 0) {
        return answer;
    }
    uint64_t caller = caller_of(quotas, actor, network);
    int64_t day = clock_wall() / DAY_USEC;
    answer.limited = true;
    answer.reset = (day + 1) * DAY_USEC;
    pthread_mutex_lock(&quotas->mutex);
    begin_day(quotas, day);
    struct slot *slot = find(quotas, caller);
    bool portal_full = limits->portal && quotas->calls >= limits->portal;
    bool caller_full = limit && slot->calls >= limit;
    answer.refused = portal_full || caller_full;
    answer.by_portal = portal_full && !caller_full;
    if (!answer.refused) {
        quotas->calls++;
        slot->calls++;
    }
    int64_t left_caller = limit ? limit - slot->calls : INT64_MAX;
    int64_t left_portal = limits->portal ? limits->portal - quotas->calls : INT64_MAX;
    pthread_mutex_unlock(&quotas->mutex);
    bool portal_is_nearer = left_portal < left_caller;
    answer.limit = portal_is_nearer ? limits->portal : limit;
    answer.remaining = portal_is_nearer ? left_portal : left_caller;
    return answer;
}

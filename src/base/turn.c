#include "base/turn.h"

#include <pthread.h>
#include <time.h>

#define WAIT_NANOSECONDS 100000000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards turns */
static pthread_cond_t given = PTHREAD_COND_INITIALIZER;
static struct turn *turns;

static bool is_taken(str name)
{
    for (const struct turn *turn = turns; turn; turn = turn->next) {
        if (str_eq(turn->name, name)) {
            return true;
        }
    }
    return false;
}

enum err turn_take(struct scope *scope, str name, struct turn *turn)
{
    enum err result = ERR_OK;
    turn->name = name;
    pthread_mutex_lock(&mutex);
    while (is_taken(name) && result == ERR_OK) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += WAIT_NANOSECONDS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&given, &mutex, &until);
        result = scope_check(scope);
    }
    if (result == ERR_OK) {
        turn->next = turns;
        turns = turn;
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

void turn_give(struct turn *turn)
{
    pthread_mutex_lock(&mutex);
    struct turn **at = &turns;
    while (*at != turn) {
        at = &(*at)->next;
    }
    *at = turn->next;
    pthread_cond_broadcast(&given);
    pthread_mutex_unlock(&mutex);
}

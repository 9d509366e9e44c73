/* argon2id through libsodium; a few slots bound the memory that sign-ins can take together. */
#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <time.h>

#include "platform/crypto/crypto.h"
#include "platform/crypto/password_cost.h"

#define WAIT_USEC (10 * USEC_SECOND) /* for a slot, when the work has no deadline of its own */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;
static int busy;
static unsigned long long passes = 3;
static size_t memory_bytes = (size_t)64 << 20;

void password_set_cost(unsigned long long new_passes, size_t new_memory_bytes)
{
    passes = new_passes;
    memory_bytes = new_memory_bytes;
}

static enum err take_slot(struct scope *scope)
{
    usec wait = scope->deadline ? scope->deadline - clock_monotonic() : WAIT_USEC;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    usec at = (usec)until.tv_sec * USEC_SECOND + until.tv_nsec / 1000 + (wait > 0 ? wait : 0);
    until = (struct timespec){.tv_sec = at / USEC_SECOND, .tv_nsec = at % USEC_SECOND * 1000};
    bool got = true;
    pthread_mutex_lock(&mutex);
    while (busy == PASSWORD_SLOTS && got) {
        got = pthread_cond_timedwait(&freed, &mutex, &until) != ETIMEDOUT;
    }
    got = busy < PASSWORD_SLOTS;
    busy += got;
    pthread_mutex_unlock(&mutex);
    return got ? ERR_OK
               : fail(scope, ERR_BUSY,
                      "Many people are signing in just now. Try again in a moment.");
}

static void give_slot(void)
{
    pthread_mutex_lock(&mutex);
    busy--;
    pthread_cond_signal(&freed);
    pthread_mutex_unlock(&mutex);
}

enum err password_hash(struct scope *scope, str password, str *ret_hash)
{
    char hash[crypto_pwhash_STRBYTES];
    TRY(take_slot(scope));
    int result = crypto_pwhash_str_alg(hash, password.p ? password.p : "", password.n, passes,
                                       memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
    give_slot();
    if (result != 0) {
        return fail(scope, ERR_BUSY, "There is not enough memory to check a password just now.");
    }
    *ret_hash = str_copy(&scope->arena, str_from(hash));
    return ERR_OK;
}

enum err password_verify(struct scope *scope, str password, str hash, bool *ret_right,
                         bool *ret_outdated)
{
    char stored[crypto_pwhash_STRBYTES] = {0};
    bool is_known = hash.n > 0 && hash.n < sizeof(stored);
    *ret_right = false;
    *ret_outdated = false;
    if (!is_known) {
        str unused;
        return password_hash(scope, password, &unused);
    }
    memcpy(stored, hash.p, hash.n);
    TRY(take_slot(scope));
    *ret_right = crypto_pwhash_str_verify(stored, password.p ? password.p : "", password.n) == 0;
    give_slot();
    *ret_outdated = crypto_pwhash_str_needs_rehash(stored, passes, memory_bytes) != 0;
    return ERR_OK;
}

/*
 * A thread that answers requests for new passwords and sends notices. It is started by the first one, so that
 * commands have none. What it does takes its own time, so that the visitor's answer does not tell
 * whether there is an account.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/log.h"
#include "base/utf8.h"
#include "domain/identity/internal.h"

#define WAITING_MOST 64
#define NAME_BYTES 300
#define NETWORK_BYTES 64
#define DETAIL_BYTES 200

struct waiting {
    char name[NAME_BYTES];
    size_t name_bytes;
    char network[NETWORK_BYTES];
    size_t network_bytes;
    language language;
    enum notice notice;
    int64_t user;
    char address[MAIL_ADDRESS_BYTES];
    size_t address_bytes;
    char detail[DETAIL_BYTES];
    size_t detail_bytes;
};

struct outbox {
    struct identity *identity;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_t thread;
    bool is_running;
    atomic_bool closing;
    struct waiting ring[WAITING_MOST];
    size_t first, count;
};

struct outbox *outbox_new(struct identity *identity)
{
    struct outbox *outbox = calloc(1, sizeof(*outbox));
    if (!outbox) {
        bug_out_of_memory(sizeof(*outbox));
    }
    outbox->identity = identity;
    pthread_mutex_init(&outbox->mutex, NULL);
    pthread_cond_init(&outbox->changed, NULL);
    return outbox;
}

void outbox_free(struct outbox *outbox)
{
    if (!outbox) {
        return;
    }
    pthread_mutex_lock(&outbox->mutex);
    outbox->closing = true;
    pthread_cond_broadcast(&outbox->changed);
    pthread_mutex_unlock(&outbox->mutex);
    if (outbox->is_running) {
        pthread_join(outbox->thread, NULL);
    }
    pthread_cond_destroy(&outbox->changed);
    pthread_mutex_destroy(&outbox->mutex);
    free(outbox);
}

const atomic_bool *outbox_closing(const struct outbox *outbox)
{
    return &outbox->closing;
}

static bool take(struct outbox *outbox, struct waiting *ret)
{
    pthread_mutex_lock(&outbox->mutex);
    while (outbox->count == 0 && !outbox->closing) {
        pthread_cond_wait(&outbox->changed, &outbox->mutex);
    }
    bool has = !outbox->closing;
    if (has) {
        *ret = outbox->ring[outbox->first];
        outbox->first = (outbox->first + 1) % WAITING_MOST;
        outbox->count--;
    }
    pthread_mutex_unlock(&outbox->mutex);
    return has;
}

static void *run(void *argument)
{
    struct outbox *outbox = argument;
    struct waiting one;
    while (take(outbox, &one)) {
        struct letter_request request = {.name = {one.name, one.name_bytes},
                                         .network = {one.network, one.network_bytes},
                                         .language = one.language,
                                         .notice = one.notice,
                                         .user = one.user,
                                         .address = {one.address, one.address_bytes},
                                         .detail = {one.detail, one.detail_bytes}};
        if (request.notice == NOTICE_NONE) {
            link_answer_request(outbox->identity, &request);
        } else {
            notice_answer(outbox->identity, &request);
        }
    }
    return NULL;
}

static size_t keep(char *to, str text)
{
    if (text.n) {
        memcpy(to, text.p, text.n);
    }
    return text.n;
}

static bool fits(const struct letter_request *request)
{
    bool is_name = request->name.n && request->name.n <= NAME_BYTES && utf8_is_valid(request->name);
    return (is_name || request->notice != NOTICE_NONE) && request->network.n <= NETWORK_BYTES &&
           request->address.n <= MAIL_ADDRESS_BYTES && request->detail.n <= DETAIL_BYTES;
}

void outbox_add(struct outbox *outbox, const struct letter_request *request)
{
    bool is_full = false;
    if (!fits(request)) {
        return; /* nobody's */
    }
    pthread_mutex_lock(&outbox->mutex);
    if (!outbox->is_running) {
        outbox->is_running = pthread_create(&outbox->thread, NULL, run, outbox) == 0;
    }
    is_full = outbox->count == WAITING_MOST || !outbox->is_running;
    if (!is_full) {
        struct waiting *one = &outbox->ring[(outbox->first + outbox->count) % WAITING_MOST];
        one->name_bytes = keep(one->name, request->name);
        one->network_bytes = keep(one->network, request->network);
        one->address_bytes = keep(one->address, request->address);
        one->detail_bytes = keep(one->detail, request->detail);
        one->language = request->language;
        one->notice = request->notice;
        one->user = request->user;
        outbox->count++;
        pthread_cond_signal(&outbox->changed);
    }
    pthread_mutex_unlock(&outbox->mutex);
    if (is_full) {
        log_event(EV_MAIL_DROPPED, "%s", "");
    }
}

#include "web/api/delivery.h"

#include <errno.h>
#include <unistd.h>

#include "platform/pack/encode.h"

#define FILE_READ_BYTES ((size_t)256 << 10)

enum err delivery_open(struct call *call, bool is_compressed, struct delivery *ret_delivery)
{
    TRY(response_stream(call->exchange));
    *ret_delivery =
        (struct delivery){.call = call,
                          .gzip = is_compressed ? encoder_open(ENCODE_GZIP) : NULL,
                          .is_headers_only = exchange_method(call->exchange) == HTTP_HEAD};
    return ERR_OK;
}

static enum err send(struct delivery *delivery, str bytes)
{
    if (bytes.n == 0 || delivery->is_headers_only) {
        return ERR_OK;
    }
    return response_write(delivery->call->exchange, bytes);
}

enum err delivery_write(struct delivery *delivery, str bytes)
{
    if (!delivery->gzip) {
        return send(delivery, bytes);
    }
    buf_clear(&delivery->compressed);
    encoder_feed(delivery->gzip, bytes, false, &delivery->compressed);
    return send(delivery, buf_str(&delivery->compressed));
}

enum err delivery_send_file(struct delivery *delivery, int descriptor)
{
    struct scope *scope = delivery->call->scope;
    char *bytes = arena_alloc(&scope->arena, FILE_READ_BYTES);
    while (!delivery->is_headers_only) {
        ssize_t n = read(descriptor, bytes, FILE_READ_BYTES);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return fail_with_cause(scope, ERR_FILE, str_from(strerror(errno)),
                                   "The file could not be read.");
        }
        if (n == 0) {
            return ERR_OK;
        }
        TRY(delivery_write(delivery, (str){bytes, (size_t)n}));
    }
    return ERR_OK;
}

enum err delivery_finish(struct delivery *delivery)
{
    if (!delivery->gzip) {
        return ERR_OK;
    }
    buf_clear(&delivery->compressed);
    encoder_feed(delivery->gzip, S(""), true, &delivery->compressed);
    return send(delivery, buf_str(&delivery->compressed));
}

void delivery_close(struct delivery *delivery)
{
    encoder_close(delivery->gzip);
    buf_done(&delivery->compressed);
}

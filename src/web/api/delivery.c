#include "web/api/delivery.h"

#include "platform/zip/gzip.h"

enum err delivery_open(struct call *call, bool is_compressed, struct delivery *ret_delivery)
{
    TRY(response_stream(call->exchange));
    *ret_delivery =
        (struct delivery){.call = call,
                          .gzip = is_compressed ? gzip_writer_new() : NULL,
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
    gzip_write(delivery->gzip, bytes, &delivery->compressed);
    return send(delivery, buf_str(&delivery->compressed));
}

enum err delivery_finish(struct delivery *delivery)
{
    if (!delivery->gzip) {
        return ERR_OK;
    }
    buf_clear(&delivery->compressed);
    gzip_finish(delivery->gzip, &delivery->compressed);
    return send(delivery, buf_str(&delivery->compressed));
}

void delivery_close(struct delivery *delivery)
{
    gzip_writer_free(delivery->gzip);
    buf_done(&delivery->compressed);
}

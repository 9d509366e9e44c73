#include "web/api/delivery.h"

#include "platform/pack/encode.h"

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

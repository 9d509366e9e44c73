#include "web/api/ranged.h"

#include <errno.h>
#include <unistd.h>

#include "base/json_write.h"
#include "platform/http/range.h"

#define BLOCK_BYTES ((size_t)256 << 10)

/* 416 with the error body of explore-api.md 1.3, which knows no such error. */
static enum err refuse(struct call *call, const struct ranged_file *file)
{
    struct buf body = {0};
    struct arena *arena = &call->scope->arena;
    unsigned long long bytes = file->bytes;
    buf_add(&body, S("{\n  \"error_code\": \"RangeNotSatisfiable\",\n  \"message\": "));
    json_escape(&body, str_printf(arena,
                                  "The range begins behind the end of the file, which has "
                                  "%llu bytes.",
                                  bytes));
    buf_add(&body, S("\n}"));
    response_status(call->exchange, 416);
    response_header(call->exchange, S("Content-Range"), str_printf(arena, "bytes */%llu", bytes));
    response_header(call->exchange, S("Content-Type"), S("application/json"));
    response_body(call->exchange, &body);
    return ERR_OK;
}

static enum err copy(struct call *call, int descriptor, struct byte_range range)
{
    char *block = arena_alloc(&call->scope->arena, BLOCK_BYTES);
    while (range.count) {
        size_t wanted = range.count < BLOCK_BYTES ? (size_t)range.count : BLOCK_BYTES;
        ssize_t n = pread(descriptor, block, wanted, (off_t)range.from);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return fail_with_cause(call->scope, ERR_FILE,
                                   str_from(n < 0 ? strerror(errno) : "it has become shorter"),
                                   "The file could not be read.");
        }
        TRY(response_write(call->exchange, (str){block, (size_t)n}));
        range.from += (uint64_t)n;
        range.count -= (uint64_t)n;
    }
    return ERR_OK;
}

static void set_headers(struct call *call, const struct ranged_file *file,
                        const struct byte_range *part)
{
    struct exchange *exchange = call->exchange;
    response_status(exchange, part ? 206 : 200);
    response_header(exchange, S("Content-Type"), file->content_type);
    response_header(exchange, S("Content-Disposition"), file->disposition);
    response_header(exchange, S("Content-Language"), file->lang);
    if (part) {
        response_header(exchange, S("Content-Range"),
                        str_printf(&call->scope->arena, "bytes %llu-%llu/%llu",
                                   (unsigned long long)part->from,
                                   (unsigned long long)(part->from + part->count - 1),
                                   (unsigned long long)file->bytes));
    }
}

enum err ranged_send(struct call *call, const struct ranged_file *file)
{
    struct exchange *exchange = call->exchange;
    struct byte_range range = {0, file->bytes};
    enum range_answer answer = RANGE_WHOLE;
    bool is_head = exchange_method(exchange) == HTTP_HEAD;
    response_header(exchange, S("Accept-Ranges"), S("bytes"));
    if (response_etag(exchange, file->tag)) {
        return ERR_OK;
    }
    if (!is_head && range_is_current(exchange_header(exchange, S("If-Range")), file->tag)) {
        answer = range_read(exchange_header(exchange, S("Range")), file->bytes, &range);
    }
    if (answer == RANGE_UNSATISFIABLE) {
        return refuse(call, file);
    }
    set_headers(call, file, answer == RANGE_PART ? &range : NULL);
    TRY(response_stream_sized(exchange, range.count));
    return is_head ? ERR_OK : copy(call, file->descriptor, range);
}

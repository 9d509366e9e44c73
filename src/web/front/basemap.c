#include "web/front/basemap.h"

#include <pthread.h>

#include "base/num.h"
#include "platform/pack/unpack.h"
#include "web/shell/headers.h"

struct row {
    uint32_t address, offset, length;
};

#define HEAD_BYTES 8

static char version[20];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_version(void)
{
    str all = {basemap_bytes, (size_t)(basemap_bytes_end - basemap_bytes)};
    snprintf(version, sizeof(version), "%016llx", (unsigned long long)str_hash(all));
}

static str own_version(void)
{
    pthread_once(&once, make_version);
    return str_from(version);
}

str basemap_template(struct arena *arena)
{
    return str_printf(arena, "/map/base/{z}/{x}/{y}.mvt?v=%.*s", STR_ARG(own_version()));
}

static struct row row_at(uint32_t number)
{
    struct row row;
    memcpy(&row, basemap_bytes + HEAD_BYTES + number * sizeof(row), sizeof(row));
    return row;
}

bool basemap_find(int64_t zoom, int64_t x, int64_t y, str *ret_bytes)
{
    uint32_t count;
    uint32_t low = 0;
    if (zoom < 0 || zoom > BASEMAP_ZOOM_MOST || x < 0 || y < 0 || x >> zoom || y >> zoom) {
        return false;
    }
    uint32_t address = (uint32_t)zoom << 24 | (uint32_t)x << 12 | (uint32_t)y;
    memcpy(&count, basemap_bytes + 4, sizeof(count));
    for (uint32_t high = count; low < high;) {
        uint32_t middle = low + (high - low) / 2;
        if (row_at(middle).address < address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    struct row row = low < count ? row_at(low) : (struct row){0};
    *ret_bytes = low < count && row.address == address ? (str){basemap_bytes + row.offset, row.length} : S("");
    return true;
}

static enum err unpack(struct scope *scope, str stream, struct buf *out)
{
    struct unpacker *unpacker = unpacker_open(PACKING_GZIP);
    enum err result = unpacker_feed(scope, unpacker, stream, out);
    unpacker_close(unpacker);
    return result;
}

enum err basemap_get(struct call *call)
{
    struct exchange *exchange = call->exchange;
    struct buf body cleanup_with(buf_cleanup) = {0};
    int64_t place[3];
    str stream;
    bool is_read = true;
    for (size_t i = 0; i < ARRAY_LENGTH(place); i++) {
        is_read = is_read && num_is_canonical(call->path_values[i]) && num_read_int(call->path_values[i], &place[i]);
    }
    if (!is_read || !basemap_find(place[0], place[1], place[2], &stream)) {
        return fail(call->scope, ERR_NO_ROUTE, "The base map has no such tile.");
    }
    bool is_current = str_eq(call_query(call, S("v")), own_version());
    response_status(exchange, 200);
    response_header(exchange, S("Content-Type"), S("application/vnd.mapbox-vector-tile"));
    response_header(exchange, S("Cache-Control"),
                    is_current ? S("public, max-age=31536000, immutable") : S("public, max-age=86400"));
    response_header(exchange, S("Cross-Origin-Resource-Policy"), S("same-origin"));
    response_header(exchange, S("Content-Security-Policy"), S("default-src 'none'; frame-ancestors 'none'; sandbox"));
    if (response_etag(exchange, str_printf(&call->scope->arena, "%.*s-%lld-%lld-%lld", STR_ARG(own_version()),
                                           (long long)place[0], (long long)place[1], (long long)place[2]))) {
        return ERR_OK;
    }
    if (stream.n) {
        TRY(unpack(call->scope, stream, &body));
    }
    response_body(exchange, &body);
    return ERR_OK;
}

/*
 * Any bytes as a geometry, in any of its forms: never a crash; what is accepted reads back from its own
 * GeoJSON as the same bytes; and every question about it has an answer.
 */
#include <math.h>

#include "base/bug.h"
#include "platform/geometry/geometry.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Positions without a third number cannot be told from those where it is no number; both are written alike. */
static void check_same_json(struct scope *scope, str wkb, str json)
{
    struct buf again = {0};
    struct buf written = {0};
    bug_if(geometry_read_json(scope, json, &again) != ERR_OK);
    bug_if(!geometry_write_json(buf_str(&again), &written));
    bug_if(!str_eq(buf_str(&written), json));
    buf_clear(&written);
    bug_if(geometry_read_wkb(scope, wkb, &written) != ERR_OK);
    bug_if(!str_eq(buf_str(&written), wkb));
    buf_done(&again);
    buf_done(&written);
}

static void ask(str wkb)
{
    static char square[128];
    static size_t square_bytes;
    struct box box;
    double metres;
    if (square_bytes == 0) {
        struct buf buf = {0};
        geometry_write_box(&(struct box){-10, -10, 10, 10}, &buf);
        bug_if(buf.n > sizeof(square));
        memcpy(square, buf.p, buf.n);
        square_bytes = buf.n;
        buf_done(&buf);
    }
    bool has_box = geometry_box(wkb, &box);
    bug_if(geometry_distance(wkb, 1, 2, &metres) != has_box);
    bug_if(has_box && !(metres >= 0));
    const struct geometry_literal *literal = geometry_literal_of((str){square, square_bytes});
    bool within = geometry_relates(literal, wkb, GEOMETRY_WITHIN);
    bug_if(within && !has_box);
    geometry_relates(literal, wkb, GEOMETRY_INTERSECTS);
    const struct geometry_literal *own = geometry_literal_of(wkb);
    if (own) {
        geometry_relates_point(own, 1, 2);
        geometry_relates(own, (str){square, square_bytes}, GEOMETRY_WITHIN);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static enum err (*const readers[])(struct scope *, str, struct buf *) = {
        geometry_read_any, geometry_read_json, geometry_read_text, geometry_read_hex, geometry_read_wkb};
    if (size == 0) {
        return 0;
    }
    str text = {(const char *)bytes + 1, size - 1};
    struct buf wkb = {0};
    struct buf json = {0};
    struct box box;
    struct scope scope;
    scope_open(&scope);
    buf_add(&wkb, S("x")); /* stays */
    if (readers[bytes[0] % 5](&scope, text, &wkb) == ERR_OK) {
        str own = str_slice(buf_str(&wkb), 1, wkb.n);
        enum geometry_kind kind;
        bug_if(!geometry_kind_of(own, &kind));
        bug_if(!geometry_write_json(own, &json));
        check_same_json(&scope, own, buf_str(&json));
        ask(own);
    } else {
        bug_if(wkb.n != 1 || scope.failure.code != ERR_DATA);
        /* As bytes from anywhere, which nobody has checked. */
        buf_add(&json, S("y"));
        bug_if(!geometry_write_json(text, &json) && json.n != 1);
        geometry_box(text, &box);
    }
    buf_done(&wkb);
    buf_done(&json);
    scope_close(&scope);
    return 0;
}

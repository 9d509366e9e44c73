/* Records as JSON objects (explore-api.md 4.2): a bare array, or one object a line. */
#include <math.h>

#include "base/num.h"
#include "domain/records/format/rendered.h"
#include "platform/geometry/geometry.h"

static void write_double(struct buf *out, double value)
{
    if (!isfinite(value)) {
        buf_add(out, S("null"));
        return;
    }
    out->n += num_write_double(buf_reserve(out, NUM_DOUBLE_BYTES), value);
}

static void write_list(struct buf *out, const struct column *column, size_t row)
{
    struct span span = column->lists[row];
    buf_add_char(out, '[');
    for (uint64_t i = 0; i < span.count; i++) {
        str item = column->items[span.from + i];
        if (i) {
            buf_add(out, S(", "));
        }
        if (item.p) {
            json_escape(out, item);
        } else {
            buf_add(out, S("null"));
        }
    }
    buf_add_char(out, ']');
}

/* Line breaks can only stand between the tokens of valid JSON; a blank keeps one record on one line. */
static void write_embedded(struct buf *out, str json)
{
    char *at = buf_reserve(out, json.n);
    for (size_t i = 0; i < json.n; i++) {
        char c = json.p[i];
        at[i] = c == '\n' || c == '\r' ? ' ' : c;
    }
    out->n += json.n;
}

static void write_quoted_day(struct buf *out, struct rendered *rendered, int32_t day)
{
    char *start = buf_reserve(out, DATE_TEXT_BYTES + 2);
    size_t n = rendered_write_day(rendered, start + 1, day);
    start[0] = '"';
    start[n + 1] = '"';
    out->n += n + 2;
}

static void write_quoted_instant(struct buf *out, struct rendered *rendered,
                                 const struct zone *zone, usec instant)
{
    char *start = buf_reserve(out, DATE_TEXT_BYTES + 2);
    size_t n = rendered_write_instant(rendered, zone, start + 1, instant);
    start[0] = '"';
    start[n + 1] = '"';
    out->n += n + 2;
}

/* Bytes that are no geometry are shown as none. */
static void write_wkb(struct buf *out, str wkb)
{
    size_t start = out->n;
    buf_add(out, S("{\"type\": \"Feature\", \"geometry\": "));
    if (geometry_write_json(wkb, out)) {
        buf_add(out, S(", \"properties\": {}}"));
    } else {
        out->n = start;
        buf_add(out, S("null"));
    }
}

void json_write_value(struct buf *out, struct rendered *rendered, const struct zone *zone,
                      size_t row)
{
    const struct column *column = rendered->column;
    if (rendered_is_null(rendered, row)) {
        buf_add(out, S("null"));
        return;
    }
    switch (rendered->shape) {
    case SHAPE_BOOL:
        buf_add(out, column->truths[row] ? S("true") : S("false"));
        break;
    case SHAPE_INT:
        out->n += num_write_int(buf_reserve(out, NUM_INT_BYTES), column->numbers[row]);
        break;
    case SHAPE_DOUBLE:
        write_double(out, column->reals[row]);
        break;
    case SHAPE_TEXT:
        json_escape(out, column->texts[row]);
        break;
    case SHAPE_LIST:
        write_list(out, column, row);
        break;
    case SHAPE_DAY:
    case SHAPE_MONTH:
    case SHAPE_YEAR:
        write_quoted_day(out, rendered, column->days[row]);
        break;
    case SHAPE_INSTANT:
        write_quoted_instant(out, rendered, zone, column->instants[row]);
        break;
    case SHAPE_POINT:
        buf_add(out, S("{\"lon\": "));
        write_double(out, column->reals[row]);
        buf_add(out, S(", \"lat\": "));
        write_double(out, rendered->latitude->reals[row]);
        buf_add_char(out, '}');
        break;
    case SHAPE_GEOMETRY:
        buf_add(out, S("{\"type\": \"Feature\", \"geometry\": "));
        write_embedded(out, column->texts[row]);
        buf_add(out, S(", \"properties\": {}}"));
        break;
    case SHAPE_WKB:
        write_wkb(out, column->texts[row]);
        break;
    case SHAPE_JSON:
        write_embedded(out, column->texts[row]);
        break;
    case SHAPE_NULL:
        break;
    }
}

void json_record_open(struct writing *writing, size_t row)
{
    struct buf *out = writing->out;
    if (writing->output_count == 0) {
        buf_add_char(out, '{');
    }
    for (size_t i = 0; i < writing->output_count; i++) {
        buf_add(out, writing->rendered[i].key);
        json_write_value(out, &writing->rendered[i], writing->options.zone, row);
    }
}

static enum err json_begin(struct writing *writing)
{
    buf_add_char(writing->out, '[');
    return ERR_OK;
}

static enum err json_batch(struct writing *writing, const struct batch *batch)
{
    writing_view(writing, batch);
    for (size_t row = 0; row < batch->rows; row++) {
        if (writing->records++) {
            buf_add_char(writing->out, ',');
        }
        json_record_open(writing, row);
        buf_add_char(writing->out, '}');
    }
    return ERR_OK;
}

static enum err json_end(struct writing *writing)
{
    buf_add_char(writing->out, ']');
    return ERR_OK;
}

static enum err jsonl_batch(struct writing *writing, const struct batch *batch)
{
    writing_view(writing, batch);
    for (size_t row = 0; row < batch->rows; row++) {
        json_record_open(writing, row);
        buf_add(writing->out, S("}\n"));
    }
    writing->records += batch->rows;
    return ERR_OK;
}

const struct format_encoder encoder_json = {.begin = json_begin, .batch = json_batch, .end = json_end};
const struct format_encoder encoder_jsonl = {.batch = jsonl_batch};

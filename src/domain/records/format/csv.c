/*
 * Records as CSV (explore-api.md 4.3). The hot path of exports: texts are scanned for characters
 * that need quotes eight bytes at a time, and nothing is allocated per value.
 */
#include <math.h>

#include "base/num.h"
#include "domain/records/format/rendered.h"
#include "platform/geometry/geometry.h"

#define EACH_BYTE 0x0101010101010101u
#define HIGH_BITS 0x8080808080808080u

/* Nonzero when one of the eight bytes of word equals c. */
static inline uint64_t has_byte(uint64_t word, unsigned char c)
{
    uint64_t zero_where_equal = word ^ (EACH_BYTE * c);
    return (zero_where_equal - EACH_BYTE) & ~zero_where_equal & HIGH_BITS;
}

static inline uint64_t needs_quotes_word(uint64_t word, char delimiter)
{
    return has_byte(word, (unsigned char)delimiter) | has_byte(word, '"') | has_byte(word, '\n') |
           has_byte(word, '\r');
}

static bool needs_quotes(str text, char delimiter)
{
    uint64_t word;
    if (text.n < 8) {
        /* Zero bytes of the padding never match: no valid delimiter is zero. */
        word = 0;
        memcpy(&word, text.p ? text.p : "", text.n);
        return needs_quotes_word(word, delimiter) != 0;
    }
    for (size_t i = 0; i + 8 <= text.n; i += 8) {
        memcpy(&word, text.p + i, 8);
        if (needs_quotes_word(word, delimiter)) {
            return true;
        }
    }
    memcpy(&word, text.p + text.n - 8, 8);
    return needs_quotes_word(word, delimiter) != 0;
}

static void add_doubling_quotes(struct buf *out, str text)
{
    char *start = buf_reserve(out, 2 * text.n);
    char *at = start;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"') {
            *at++ = '"';
        }
        *at++ = text.p[i];
    }
    out->n += (size_t)(at - start);
}

static void write_text(struct buf *out, const struct format_options *options, str text)
{
    if (__builtin_expect(!options->quote_all && !needs_quotes(text, options->delimiter), 1)) {
        buf_add(out, text);
        return;
    }
    buf_add_char(out, '"');
    add_doubling_quotes(out, text);
    buf_add_char(out, '"');
}

void csv_write_text(struct buf *out, const struct format_options *options, str text)
{
    write_text(out, options, text);
}

/* Puts quotes around what was written since from, when it needs them; in place, from the end. */
static void quote_written(struct buf *out, const struct format_options *options, size_t from)
{
    str written = {out->p + from, out->n - from};
    if (!options->quote_all && !needs_quotes(written, options->delimiter)) {
        return;
    }
    size_t quotes = 2;
    for (size_t i = 0; i < written.n; i++) {
        quotes += written.p[i] == '"';
    }
    char *start = buf_reserve(out, quotes) - written.n;
    char *to = start + written.n + quotes;
    *--to = '"';
    for (size_t i = written.n; i > 0; i--) {
        *--to = start[i - 1];
        if (start[i - 1] == '"') {
            *--to = '"';
        }
    }
    *--to = '"';
    out->n += quotes;
}

static void write_list(struct buf *out, const struct format_options *options,
                       const struct column *column, size_t row)
{
    size_t from = out->n;
    struct span span = column->lists[row];
    bool any = false;
    for (uint64_t i = 0; i < span.count; i++) {
        str item = column->items[span.from + i];
        if (!item.p) {
            continue;
        }
        if (any) {
            buf_add(out, options->list_separator);
        }
        buf_add(out, item);
        any = true;
    }
    quote_written(out, options, from);
}

static void write_double(struct buf *out, double value)
{
    if (isfinite(value)) {
        out->n += num_write_double(buf_reserve(out, NUM_DOUBLE_BYTES), value);
    }
}

static void write_point(struct buf *out, const struct format_options *options,
                        const struct rendered *rendered, size_t row)
{
    bool quotes = options->quote_all || options->delimiter == ',';
    if (quotes) {
        buf_add_char(out, '"');
    }
    write_double(out, rendered->latitude->reals[row]);
    buf_add(out, S(", "));
    write_double(out, rendered->column->reals[row]);
    if (quotes) {
        buf_add_char(out, '"');
    }
}

static void write_day(struct buf *out, const struct format_options *options,
                      struct rendered *rendered, int32_t day)
{
    char *start = buf_reserve(out, DATE_TEXT_BYTES + 2);
    size_t quote = options->quote_all;
    start[0] = '"';
    size_t n = rendered_write_day(rendered, start + quote, day);
    start[quote + n] = '"';
    out->n += n + 2 * quote;
}

static void write_instant(struct buf *out, const struct format_options *options,
                          struct rendered *rendered, usec instant)
{
    char *start = buf_reserve(out, DATE_TEXT_BYTES + 2);
    size_t quote = options->quote_all;
    start[0] = '"';
    size_t n = rendered_write_instant(rendered, options->zone, start + quote, instant);
    start[quote + n] = '"';
    out->n += n + 2 * quote;
}

static void write_wkb(struct buf *out, const struct format_options *options, str wkb)
{
    size_t from = out->n;
    if (geometry_write_json(wkb, out)) {
        quote_written(out, options, from);
    }
}

static inline void write_cell(struct buf *out, const struct format_options *options,
                              struct rendered *rendered, size_t row)
{
    const struct column *column = rendered->column;
    if (rendered_is_null(rendered, row)) {
        return;
    }
    switch (rendered->shape) {
    case SHAPE_INT:
        out->n += num_write_int(buf_reserve(out, NUM_INT_BYTES), column->numbers[row]);
        break;
    case SHAPE_DOUBLE:
        write_double(out, column->reals[row]);
        break;
    case SHAPE_TEXT:
    case SHAPE_GEOMETRY:
    case SHAPE_JSON:
        write_text(out, options, column->texts[row]);
        break;
    case SHAPE_WKB:
        write_wkb(out, options, column->texts[row]);
        break;
    case SHAPE_BOOL:
        buf_add(out, column->truths[row] ? S("True") : S("False"));
        break;
    case SHAPE_LIST:
        write_list(out, options, column, row);
        break;
    case SHAPE_DAY:
    case SHAPE_MONTH:
    case SHAPE_YEAR:
        write_day(out, options, rendered, column->days[row]);
        break;
    case SHAPE_INSTANT:
        write_instant(out, options, rendered, column->instants[row]);
        break;
    case SHAPE_POINT:
        write_point(out, options, rendered, row);
        break;
    case SHAPE_NULL:
        break;
    }
}

static enum err csv_begin(struct writing *writing)
{
    if (writing->options.with_bom) {
        buf_add(writing->out, S("\xEF\xBB\xBF"));
    }
    for (size_t i = 0; i < writing->output_count; i++) {
        if (i) {
            buf_add_char(writing->out, writing->options.delimiter);
        }
        write_text(writing->out, &writing->options,
                   format_heading(&writing->outputs[i], &writing->options));
    }
    buf_add(writing->out, S("\r\n"));
    return ERR_OK;
}

static enum err csv_batch(struct writing *writing, const struct batch *batch)
{
    struct buf *out = writing->out;
    const struct format_options *options = &writing->options;
    size_t count = writing->output_count;
    writing_view(writing, batch);
    for (size_t row = 0; row < batch->rows; row++) {
        size_t from = out->n;
        for (size_t i = 0; i < count; i++) {
            write_cell(out, options, &writing->rendered[i], row);
            buf_add_char(out, options->delimiter);
        }
        out->n -= count > 0; /* the last delimiter */
        if (out->n == from && count == 1) {
            buf_add(out, S("\"\"")); /* an empty line would be read as no record at all */
        }
        buf_add(out, S("\r\n"));
    }
    writing->records += batch->rows;
    return ERR_OK;
}

const struct format_encoder encoder_csv = {.begin = csv_begin, .batch = csv_batch};

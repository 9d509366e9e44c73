#include "domain/records/format/rendered.h"

#define DAY_UNKNOWN INT32_MIN

static enum shape date_shape(const struct output *output)
{
    if (output->form == OUTPUT_FIELD && output->field) {
        if (str_eq(output->field->timeserie_precision, S("year"))) {
            return SHAPE_YEAR;
        }
        if (str_eq(output->field->timeserie_precision, S("month"))) {
            return SHAPE_MONTH;
        }
    }
    return SHAPE_DAY;
}

static enum shape text_shape(const struct output *output)
{
    if (output->form == OUTPUT_JSON) {
        return SHAPE_JSON;
    }
    if (output->form == OUTPUT_FIELD && output->field) {
        if (output->field->type == FIELD_GEO_SHAPE) {
            return SHAPE_GEOMETRY;
        }
        if (output->field->type == FIELD_JSON) {
            return SHAPE_JSON;
        }
    }
    return SHAPE_TEXT;
}

static enum shape column_shape(const struct output *output, enum cell_type type)
{
    switch (type) {
    case CELL_BOOL:
        return SHAPE_BOOL;
    case CELL_INT:
        return SHAPE_INT;
    case CELL_DOUBLE:
        return SHAPE_DOUBLE;
    case CELL_TEXT:
        return text_shape(output);
    case CELL_DATE:
        return date_shape(output);
    case CELL_INSTANT:
        return SHAPE_INSTANT;
    case CELL_TEXT_LIST:
        return SHAPE_LIST;
    case CELL_BYTES:
        return text_shape(output) == SHAPE_GEOMETRY ? SHAPE_WKB : SHAPE_NULL;
    case CELL_NULL:
    case CELL_INT_LIST:
        break;
    }
    return SHAPE_NULL;
}

void rendered_view(struct rendered *rendered, const struct output *output,
                   const struct batch *batch)
{
    rendered->column = &batch->columns[output->column];
    rendered->latitude = NULL;
    rendered->day = DAY_UNKNOWN;
    if (output->form == OUTPUT_GEO_POINT) {
        rendered->latitude = rendered->column + 1;
        bool has_points =
            rendered->column->type == CELL_DOUBLE && rendered->latitude->type == CELL_DOUBLE;
        rendered->shape = has_points ? SHAPE_POINT : SHAPE_NULL;
        return;
    }
    rendered->shape = column_shape(output, rendered->column->type);
}

static const char *day_text(struct rendered *rendered, int32_t day)
{
    if (rendered->day != day) {
        char text[DATE_TEXT_BYTES];
        date_write_day(text, day);
        memcpy(rendered->day_text, text, sizeof(rendered->day_text));
        rendered->day = day;
    }
    return rendered->day_text;
}

size_t rendered_write_day(struct rendered *rendered, char *out, int32_t day)
{
    memcpy(out, day_text(rendered, day), sizeof(rendered->day_text));
    switch (rendered->shape) {
    case SHAPE_YEAR:
        return 4;
    case SHAPE_MONTH:
        return 7;
    default:
        return 10;
    }
}

static inline void put_pair(char *out, int64_t value)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
}

static size_t write_fraction(char *out, int64_t microseconds)
{
    size_t n = 7;
    out[0] = '.';
    for (size_t i = 6; i > 0; i--) {
        out[i] = (char)('0' + microseconds % 10);
        microseconds /= 10;
    }
    while (out[n - 1] == '0') {
        n--;
    }
    return n;
}

/* The same text as date_write_instant, with the day from memory. */
size_t rendered_write_instant(struct rendered *rendered, const struct zone *zone, char *out,
                              usec instant)
{
    int offset = zone_offset_at(zone, instant);
    usec local = instant + offset * USEC_SECOND;
    int64_t day = local / USEC_DAY - (local % USEC_DAY < 0);
    int64_t rest = local - day * USEC_DAY;
    int64_t second = rest / USEC_SECOND;
    memcpy(out, day_text(rendered, (int32_t)day), 10);
    memcpy(out + 10, "T00:00:00", 9);
    put_pair(out + 11, second / 3600);
    put_pair(out + 14, second / 60 % 60);
    put_pair(out + 17, second % 60);
    size_t n = 19;
    if (rest % USEC_SECOND) {
        n += write_fraction(out + n, rest % USEC_SECOND);
    }
    int minutes = (offset < 0 ? -offset : offset) / 60;
    out[n] = offset < 0 ? '-' : '+';
    put_pair(out + n + 1, minutes / 60);
    out[n + 3] = ':';
    put_pair(out + n + 4, minutes % 60);
    return n + 6;
}

#include "domain/records/format/features.h"

#include <math.h>

#include "base/num.h"
#include "platform/geometry/geometry.h"

static bool shows_day(const struct output *output)
{
    return output->form != OUTPUT_FIELD || !output->field || output->field->timeserie_precision.n == 0 ||
           (!str_eq(output->field->timeserie_precision, S("year")) &&
            !str_eq(output->field->timeserie_precision, S("month")));
}

static enum cell_type type_of(const struct output *output, const struct batch *batch)
{
    static const enum cell_type types[FIELD__COUNT] = {
        [FIELD_INT] = CELL_INT,     [FIELD_DOUBLE] = CELL_DOUBLE,    [FIELD_BOOLEAN] = CELL_BOOL,
        [FIELD_DATE] = CELL_DATE,   [FIELD_DATETIME] = CELL_INSTANT};
    if (output->form == OUTPUT_FIELD && output->field && types[output->field->type]) {
        return types[output->field->type];
    }
    return batch && output->form == OUTPUT_VALUE ? batch->columns[output->column].type : CELL_TEXT;
}

static enum attribute_type attribute_of(const struct output *output, const struct batch *batch)
{
    switch (type_of(output, batch)) {
    case CELL_INT:
        return ATTRIBUTE_INT;
    case CELL_DOUBLE:
        return ATTRIBUTE_DOUBLE;
    case CELL_BOOL:
        return ATTRIBUTE_BOOLEAN;
    case CELL_DATE:
        return shows_day(output) ? ATTRIBUTE_DAY : ATTRIBUTE_TEXT;
    case CELL_INSTANT:
        return ATTRIBUTE_TIME;
    default:
        return ATTRIBUTE_TEXT;
    }
}

struct features features_of(struct writing *writing, const struct batch *batch)
{
    struct arena *arena = &writing->scope->arena;
    struct features features = {
        .writing = writing,
        .geometry = format_geometry(writing->outputs, writing->output_count),
        .attributes = arena_array(arena, struct attribute, writing->output_count),
        .outputs = arena_array(arena, size_t, writing->output_count)};
    const str *names = format_headings(arena, writing->outputs, writing->output_count, &writing->options);
    for (size_t i = 0; i < writing->output_count; i++) {
        if (i != features.geometry) {
            features.attributes[features.count] =
                (struct attribute){names[i], attribute_of(&writing->outputs[i], batch)};
            features.outputs[features.count++] = i;
        }
    }
    return features;
}

void features_as_text(struct features *features, enum attribute_type type)
{
    for (size_t i = 0; i < features->count; i++) {
        if (features->attributes[i].type == type) {
            features->attributes[i].type = ATTRIBUTE_TEXT;
        }
    }
}

void features_done(struct features *features)
{
    buf_done(&features->wkb);
    buf_done(&features->text);
}

str features_wkb(struct features *features, const struct batch *batch, size_t row)
{
    const struct output *output = &features->writing->outputs[features->geometry];
    const struct column *column = &batch->columns[output->column];
    if (output->form != OUTPUT_GEO_POINT) {
        return column_is_null(column, row) || column->type != CELL_BYTES ? STR_NONE : column->texts[row];
    }
    const struct column *latitude = column + 1;
    if (column_is_null(column, row) || column_is_null(latitude, row) || !isfinite(column->reals[row]) ||
        !isfinite(latitude->reals[row])) {
        return STR_NONE;
    }
    buf_clear(&features->wkb);
    geometry_write_point(column->reals[row], latitude->reals[row], &features->wkb);
    return buf_str(&features->wkb);
}

static void add_list(struct features *features, const struct column *column, size_t row)
{
    struct span span = column->lists[row];
    bool any = false;
    for (uint64_t i = 0; i < span.count; i++) {
        str item = column->items[span.from + i];
        if (item.p) {
            buf_add(&features->text, any ? features->writing->options.list_separator : STR_NONE);
            buf_add(&features->text, item);
            any = true;
        }
    }
}

str features_text(struct features *features, const struct batch *batch, size_t at, size_t row)
{
    struct rendered *rendered = &features->writing->rendered[at];
    const struct column *column = &batch->columns[features->writing->outputs[at].column];
    struct buf *text = &features->text;
    buf_clear(text);
    if (column->type == CELL_BYTES) {
        bool is_there = !column_is_null(column, row) && geometry_write_json(column->texts[row], text);
        return is_there ? buf_str(text) : STR_NONE;
    }
    if (rendered_is_null(rendered, row)) {
        return STR_NONE;
    }
    switch (rendered->shape) {
    case SHAPE_BOOL:
        return column->truths[row] ? S("true") : S("false");
    case SHAPE_INT:
        text->n += num_write_int(buf_reserve(text, NUM_INT_BYTES), column->numbers[row]);
        break;
    case SHAPE_DOUBLE:
        text->n += num_write_double(buf_reserve(text, NUM_DOUBLE_BYTES), column->reals[row]);
        break;
    case SHAPE_TEXT:
    case SHAPE_GEOMETRY:
    case SHAPE_JSON:
        return column->texts[row];
    case SHAPE_LIST:
        add_list(features, column, row);
        break;
    case SHAPE_DAY:
    case SHAPE_MONTH:
    case SHAPE_YEAR:
        text->n += rendered_write_day(rendered, buf_reserve(text, DATE_TEXT_BYTES), column->days[row]);
        break;
    case SHAPE_INSTANT:
        text->n += rendered_write_instant(rendered, features->writing->options.zone,
                                          buf_reserve(text, DATE_TEXT_BYTES), column->instants[row]);
        break;
    case SHAPE_POINT:
        text->n += num_write_double(buf_reserve(text, NUM_DOUBLE_BYTES), rendered->latitude->reals[row]);
        buf_add(text, S(", "));
        text->n += num_write_double(buf_reserve(text, NUM_DOUBLE_BYTES), column->reals[row]);
        break;
    case SHAPE_WKB: /* above */
    case SHAPE_NULL:
        return STR_NONE;
    }
    return buf_str(text);
}

void features_set(struct features *features, struct feature_writer *writer, const struct batch *batch,
                  size_t attribute, size_t row)
{
    size_t at = features->outputs[attribute];
    const struct column *column = &batch->columns[features->writing->outputs[at].column];
    if (column_is_null(column, row)) {
        return;
    }
    switch (features->attributes[attribute].type) {
    case ATTRIBUTE_INT:
        feature_int(writer, attribute, column->numbers[row]);
        break;
    case ATTRIBUTE_DOUBLE:
        feature_double(writer, attribute, column->reals[row]);
        break;
    case ATTRIBUTE_BOOLEAN:
        feature_int(writer, attribute, column->truths[row]);
        break;
    case ATTRIBUTE_DAY:
        feature_day(writer, attribute, column->days[row]);
        break;
    case ATTRIBUTE_TIME:
        feature_time(writer, attribute, column->instants[row],
                     zone_offset_at(features->writing->options.zone, column->instants[row]));
        break;
    case ATTRIBUTE_TEXT: {
        str text = features_text(features, batch, at, row);
        if (text.p) {
            feature_text(writer, attribute, text);
        }
        break;
    }
    }
}

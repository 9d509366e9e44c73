#include "domain/records/excerpt.h"

#include "base/json_write.h"
#include "base/utf8.h"

static str cut_json(struct arena *arena, str text, size_t longest)
{
    if (text.n <= longest) {
        return text;
    }
    struct buf out = {0};
    json_escape(&out, utf8_truncate(text, longest));
    str cut = buf_copy(&out, arena);
    buf_done(&out);
    return cut;
}

/* A geometry's kind without its places; GeoJSON as we store it has the type first. */
static str shape_of_kind(struct arena *arena, str kind)
{
    return str_printf(arena, "{\"type\": \"%.*s\", \"coordinates\": []}", STR_ARG(kind));
}

static str kind_of_json(str text)
{
    static const str mark = {"\"type\"", 6};
    size_t at = str_find(utf8_truncate(text, 200), mark, 0);
    size_t from = at == SIZE_MAX ? at : str_find_char(text, '"', at + mark.n);
    size_t to = from == SIZE_MAX ? from : str_find_char(text, '"', from + 1);
    str kind = to == SIZE_MAX ? S("Geometry") : str_slice(text, from + 1, to);
    for (size_t i = 0; i < kind.n; i++) {
        if (!is_ascii_letter(kind.p[i])) {
            return S("Geometry");
        }
    }
    return kind;
}

static str kind_of_wkb(str bytes)
{
    static const char *const kinds[] = {"Geometry",   "Point",           "LineString",   "Polygon",
                                        "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"};
    const uint8_t *p = (const uint8_t *)bytes.p;
    if (bytes.n < 5) {
        return S("Geometry");
    }
    unsigned kind = p[0] ? p[1] : p[4]; /* little endian, else big */
    return str_from(kinds[kind < ARRAY_LENGTH(kinds) ? kind : 0]);
}

static str cut_value(struct arena *arena, const struct output *output, enum cell_type type, str text,
                     size_t longest)
{
    bool is_shape = output->field && output->field->type == FIELD_GEO_SHAPE;
    if (is_shape) {
        return shape_of_kind(arena, type == CELL_BYTES ? kind_of_wkb(text) : kind_of_json(text));
    }
    bool is_json = output->form == OUTPUT_JSON || (output->field && output->field->type == FIELD_JSON);
    return is_json ? cut_json(arena, text, longest) : utf8_truncate(text, longest);
}

static void cut_texts(struct arena *arena, const struct output *output, size_t rows, size_t longest,
                      struct column *column)
{
    str *texts = arena_array(arena, str, rows);
    for (size_t row = 0; row < rows; row++) {
        texts[row] = column_is_null(column, row)
                         ? STR_NONE
                         : cut_value(arena, output, column->type, column->texts[row], longest);
    }
    column->texts = texts;
    column->type = CELL_TEXT;
}

static void cut_lists(struct arena *arena, size_t rows, size_t longest, struct column *column)
{
    struct span *lists = arena_array(arena, struct span, rows);
    str *items = arena_array(arena, str, rows * EXCERPT_ITEMS + 1);
    size_t count = 0;
    for (size_t row = 0; row < rows; row++) {
        lists[row] = (struct span){.from = count};
        if (column_is_null(column, row)) {
            continue;
        }
        const struct span *own = &column->lists[row];
        lists[row].count = own->count < EXCERPT_ITEMS ? own->count : EXCERPT_ITEMS;
        for (size_t i = 0; i < lists[row].count; i++) {
            items[count++] = utf8_truncate(column->items[own->from + i], longest);
        }
    }
    column->lists = lists;
    column->items = items;
}

struct batch excerpt_make(struct arena *arena, const struct plan *plan, const struct batch *batch,
                          size_t longest)
{
    struct column *columns = arena_array(arena, struct column, batch->column_count);
    memcpy(columns, batch->columns, batch->column_count * sizeof(*columns));
    for (size_t i = 0; i < plan->output_count; i++) {
        const struct output *output = &plan->outputs[i];
        struct column *column = &columns[output->column];
        bool is_shape = output->field && output->field->type == FIELD_GEO_SHAPE;
        if (column->type == CELL_TEXT || (column->type == CELL_BYTES && is_shape)) {
            cut_texts(arena, output, batch->rows, longest, column);
        } else if (column->type == CELL_TEXT_LIST) {
            cut_lists(arena, batch->rows, longest, column);
        }
    }
    return (struct batch){batch->rows, batch->column_count, columns};
}
